from typing import Any

import pytest
from conftest import HOME, connect
from simulator import SUCCEEDS, Simulator
from syncs import DAGS


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
    assert xcom["metadata"]["source_id"] == SUCCEEDS


@pytest.mark.usefixtures("stitch")
@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("tap_fails", "failed"),
        ("is_terminated", "failed"),
        ("is_superseded", "failed"),
        ("is_on_page_3", "success"),
        ("runs_already", "failed"),
        ("runs_already_and_is_skipped", "skipped"),
    ],
)
def test_a_task_ends_as_its_sync_did(name: str, state: str) -> None:
    assert run(name)[0] == state


def test_the_token_is_in_no_file_and_in_no_row_of_airflow(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = "hunter2-is-wrong-and-not-to-be-seen"
    connect(monkeypatch, simulator.url, simulator.token)
    assert run("succeeds")[0] == "success"
    connect(monkeypatch, simulator.url, wrong)
    assert run("tap_fails")[0] == "failed"
    files = [path for path in HOME.rglob("*") if path.is_file()]
    assert any(path.suffix == ".db" for path in files)
    for token in (simulator.token, wrong):
        assert [path for path in files if token.encode() in path.read_bytes()] == []
        assert token not in caplog.text
