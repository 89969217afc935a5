from typing import Any

import pytest
from airflow_provider_stitch.link import StitchLogsLink
from conftest import HOME, connect
from simulator import ON_PAGE_3, SUCCEEDS, Simulator
from syncs import DAGS, MAPPED


def run(name: str) -> tuple[str, Any]:
    """The state of a DAG's only task, and its XCom."""
    instance = DAGS[name].test().get_task_instance("sync")
    assert instance is not None
    return str(instance.state), instance.xcom_pull(task_ids="sync")


@pytest.mark.usefixtures("stitch")
@pytest.mark.parametrize("name", ["succeeds", "succeeds_in_the_worker"])
def test_a_sync_that_succeeded_leaves_its_verdict_and_its_metadata(name: str) -> None:
    state, xcom = run(name)
    assert state == "success"
    assert xcom["verdict"] == "succeeded"
    assert xcom["message"] == f"source {SUCCEEDS}: the extraction succeeded"
    assert xcom["metadata"]["source_id"] == SUCCEEDS


@pytest.mark.usefixtures("stitch")
def test_a_task_is_mapped_over_sources() -> None:
    instances = MAPPED.test().get_task_instances()
    assert [(it.map_index, str(it.state)) for it in instances] == [(0, "success"), (1, "success")]
    outcomes = [it.xcom_pull(task_ids="sync", map_indexes=it.map_index) for it in instances]
    assert [it["metadata"]["source_id"] for it in outcomes] == [SUCCEEDS, ON_PAGE_3]


@pytest.mark.parametrize("name", ["succeeds", "tap_fails"])
def test_a_task_links_to_the_logs_of_its_sync_however_that_ended(stitch: Simulator, name: str) -> None:
    instance = DAGS[name].test().get_task_instance("sync")
    assert instance is not None
    (link,) = instance.xcom_pull(task_ids="sync", key="links")
    # What Airflow's web page shows as a button.
    assert instance.xcom_pull(task_ids="sync", key=StitchLogsLink().xcom_key) == link["url"]
    assert link["url"].startswith(f"{stitch.url}/v4/")
    assert "/extractions/" in link["url"]


def test_a_task_that_never_reached_stitch_links_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    connect(monkeypatch, "http://127.0.0.1:1", "a-token")
    instance = DAGS["succeeds"].test().get_task_instance("sync")
    assert instance is not None
    assert instance.xcom_pull(task_ids="sync", key=StitchLogsLink().xcom_key) == ""


def test_the_token_is_in_no_file_and_in_no_row_of_airflow(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    wrong = "hunter2-is-wrong-and-not-to-be-seen"
    connect(monkeypatch, simulator.url, simulator.token)
    assert run("succeeds")[0] == "success"
    connect(monkeypatch, simulator.url, wrong)
    assert run("tap_fails")[0] == "failed"
    # Where Airflow writes a task's log while a test runs it.
    log = "".join(capfd.readouterr())
    assert f"source {SUCCEEDS}: the extraction succeeded" in log
    assert "the access token is not valid" in log
    files = [path for path in HOME.rglob("*") if path.is_file()]
    assert any(path.suffix == ".db" for path in files)
    for token in (simulator.token, wrong):
        assert [path for path in files if token.encode() in path.read_bytes()] == []
        assert token not in log
