"""An Airflow whose processes are killed, whose triggerer is slow, and whose user ends and clears tasks."""

import json
import signal
import time
from collections.abc import Iterator

import pytest
from airflow_processes import Airflow, airflow, client_at, kill, wait_for
from gate import Gate, gate
from simulator import Simulator
from standalone import CLEARED, ENDED, KILLED, MOVED

pytestmark = pytest.mark.slow

SETTLED_BY_A_WORKER_THAT_DIES = KILLED[::4]
TRIGGERERS_KILLED = 5


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Gate, str]]:
    # Stitch at its own pace, since a trigger's age is told by it.
    with Simulator(speed=1) as simulator, gate(simulator.url) as server:
        server.show_paused = True
        yield server, simulator.token


@pytest.fixture(scope="module")
def running(server: tuple[Gate, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Airflow]:
    connection = json.dumps({"conn_type": "stitch", "host": server[0].url, "password": server[1]})
    with airflow(tmp_path_factory.mktemp("standalone"), connection) as running:
        yield running


def deletes(server: Gate, source: int) -> int:
    return server.requests.count(f"DELETE /v4/sources/{source}/sync")


def test_workers_and_triggerers_that_are_killed_start_nothing_twice_and_lose_nothing(
    running: Airflow, server: tuple[Gate, str]
) -> None:
    stitch, token = server
    stitch.hold.update(KILLED)
    stitch.hold.update(SETTLED_BY_A_WORKER_THAT_DIES)
    triggerer = running.start("triggerer")
    run = running.run("killed")
    kills, began, killed_triggerers = 0, time.monotonic(), 0
    last = began
    while set(states := running.states(run).values()) - {"success", "failed"} or not states:
        assert time.monotonic() - began < 400, states
        while stitch.holding:
            client_at(stitch.holding.pop()).kill()
            kills += 1
        if killed_triggerers < TRIGGERERS_KILLED and "deferred" in states and time.monotonic() - last > 10:
            kill(triggerer)
            triggerer = running.start("triggerer")
            killed_triggerers, last = killed_triggerers + 1, time.monotonic()
        time.sleep(0.2)
    kill(triggerer)
    assert kills == len(KILLED) + len(SETTLED_BY_A_WORKER_THAT_DIES)
    assert killed_triggerers == TRIGGERERS_KILLED
    assert {source: stitch.starts[source] for source in KILLED} == dict.fromkeys(KILLED, 1)
    assert running.states(run) == {str(source): "success" for source in KILLED}

    # The asset has one event, though its task had several attempts.
    (follows,) = running.ask("GET", "dags/follows/dagRuns")["dag_runs"]
    assert follows["run_type"] == "asset_triggered"
    links = running.ask("GET", f"{run}/taskInstances/{KILLED[0]}/links")["extra_links"]
    assert links["Stitch logs"].startswith(f"{stitch.url}/v4/")

    files = [path for path in running.home.rglob("*") if path.is_file()]
    assert any(path.suffix == ".db" for path in files)
    assert [path for path in files if token.encode() in path.read_bytes()] == []


def test_only_a_user_who_ends_a_task_cancels_its_sync(running: Airflow, server: tuple[Gate, str]) -> None:
    stitch, _ = server
    slow = running.start("triggerer")
    run = running.run("ended")
    tasks = {str(source): "deferred" for source in (ENDED, CLEARED, MOVED)}
    wait_for("three deferred tasks", lambda: running.states(run) == tasks)
    before = len(stitch.requests)
    wait_for("polls", lambda: len(stitch.requests) > before)

    running.ask("PATCH", f"{run}/taskInstances/{ENDED}", new_state="failed")
    wait_for("a cancelled sync", lambda: deletes(stitch, ENDED) == 1)
    clear(running, run, CLEARED)

    slow.send_signal(signal.SIGSTOP)
    running.start("triggerer")
    wait_for("another triggerer", lambda: len(running.logs_of_triggers(run, MOVED)) == 2)
    slow.send_signal(signal.SIGCONT)
    wait_for("a trigger that is taken away", lambda: "invoking on_kill" in running.logs_of_triggers(run, MOVED)[0])
    wait_for("what it decides", lambda: "so its run goes on" in running.logs_of_triggers(run, MOVED)[0])

    clear(running, run, ENDED)
    done = {str(source): "success" for source in (ENDED, CLEARED, MOVED)}
    wait_for("three tasks that succeed", lambda: running.states(run) == done, 200)
    assert {source: stitch.starts[source] for source in (ENDED, CLEARED, MOVED)} == {ENDED: 2, CLEARED: 1, MOVED: 1}
    assert {source: deletes(stitch, source) for source in (ENDED, CLEARED, MOVED)} == {ENDED: 1, CLEARED: 0, MOVED: 0}


def clear(running: Airflow, run: str, source: int) -> None:
    _, dag, _, run_id = run.split("/")
    options = {"dry_run": False, "only_failed": False, "reset_dag_runs": True}
    running.ask("POST", f"dags/{dag}/clearTaskInstances", dag_run_id=run_id, task_ids=[str(source)], **options)


def test_the_web_page_has_the_form_of_a_stitch_connection(running: Airflow) -> None:
    (form,) = (it for it in running.connection_forms() if it["connection_type"] == "stitch")
    assert form["standard_fields"]["password"]["title"] == "Access token"
    assert list(form["extra_fields"]) == ["client_id"]
