import asyncio
import json
import time
from dataclasses import asdict
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk import Connection
from airflow.sdk.bases.hook import BaseHook
from airflow.sdk.execution_time.task_runner import RuntimeTaskInstance
from conftest import MakeTask
from gate import gate
from orchestrator_airflow import PluginFile, PluginTrigger
from orchestrator_airflow.trigger import _STOPPING
from orchestrator_host import Finished, Host, Plugin, PollPolicy, Running, Secret, Task
from programs import built
from simulator import ON_PAGE_3, SUCCEEDS, SUPERSEDED, TAP_FAILS, TERMINATED, Simulator


class Trigger(PluginTrigger):
    plugin_file = PluginFile(built("STITCH_PLUGIN"), Host().load(built("STITCH_PLUGIN")).sha256, "stitch")


def trigger_of(run: str, source: int, seconds: float = 60) -> Trigger:
    policy = asdict(PollPolicy(interval=0.1, ignore_hint=True))
    parameters = {"source_id": source}
    return Trigger(
        conn_id="stitch_default",
        parameters=parameters,
        run=run,
        poll_after=20.0,
        policy=policy,
        deadline=time.time() + seconds,
        cancel_on_kill=True,
    )


@pytest.fixture
def connected(slow: Simulator, monkeypatch: pytest.MonkeyPatch) -> Simulator:
    async def connection(conn_id: str) -> Connection:
        return Connection(conn_id=conn_id, conn_type="stitch", host=slow.url, password=slow.token)

    monkeypatch.setattr(BaseHook, "aget_connection", connection)
    return slow


def event_of(trigger: Trigger) -> dict[str, Any]:
    async def main() -> dict[str, Any]:
        payload: dict[str, Any] = (await anext(trigger.run())).payload
        return payload

    return asyncio.run(asyncio.wait_for(main(), 30))


def verdict(task: Task, run: str) -> str:
    """How the run ends."""
    while isinstance(progress := task.poll(run), Running):
        run = progress.run
    return progress.verdict


def kill(trigger: Trigger, state: str | None, monkeypatch: pytest.MonkeyPatch, *, cancels: int = 0) -> None:
    """Airflow calls `on_kill` while the task instance is in this state, and cancels it so often."""

    def states(**_: object) -> dict[str, dict[str, str | None]]:
        return {"run": {"sync": state}}

    monkeypatch.setattr(RuntimeTaskInstance, "get_task_states", states)
    trigger.task_instance = SimpleNamespace(dag_id="dag", task_id="sync", run_id="run", map_index=-1)  # type: ignore[assignment]

    async def main() -> None:
        for _ in range(cancels):
            killing = asyncio.create_task(trigger.on_kill())
            await asyncio.sleep(0)
            killing.cancel()
            with pytest.raises(asyncio.CancelledError):
                await killing
        if not cancels:
            await trigger.on_kill()
        await asyncio.gather(*_STOPPING)

    asyncio.run(main())


def test_a_trigger_is_made_anew_from_what_is_serialised_which_holds_no_secret() -> None:
    path, arguments = trigger_of("r1", SUCCEEDS).serialize()
    assert path == "test_trigger.Trigger"
    assert json.loads(json.dumps(arguments)) == arguments
    assert Trigger(**arguments).serialize() == (path, arguments)


def test_a_user_who_ends_the_task_cancels_the_run_and_a_trigger_that_moves_does_not(
    connected: Simulator, stitch: MakeTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = stitch(connected.url, source=TAP_FAILS)
    started = task.trigger()
    assert isinstance(started, Running)
    trigger = trigger_of(started.run, TAP_FAILS)
    for state in ("deferred", "scheduled", "queued", "running", None):
        kill(trigger, state, monkeypatch)
        assert isinstance(task.poll(started.run), Running), state
    kill(trigger, "failed", monkeypatch)
    assert verdict(task, started.run) == "cancelled"


def test_a_user_who_ends_the_task_cancels_the_run_though_airflow_cancels_the_asking(
    connected: Simulator, stitch: MakeTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = stitch(connected.url, source=SUPERSEDED)
    started = task.trigger()
    assert isinstance(started, Running)
    kill(trigger_of(started.run, SUPERSEDED), "failed", monkeypatch, cancels=1)
    assert verdict(task, started.run) == "cancelled"


@pytest.mark.usefixtures("connected")
def test_a_run_that_cannot_be_asked_about_any_more_is_an_event_and_no_crash() -> None:
    payload = event_of(trigger_of("not-a-run", ON_PAGE_3))
    assert payload["lost"].startswith("the run is not known to have ended: ")
    assert payload["run"] == "not-a-run"


def test_the_deadline_is_that_of_the_task_whichever_triggerer_watches(connected: Simulator, stitch: MakeTask) -> None:
    started = stitch(connected.url, source=TERMINATED).trigger()
    assert isinstance(started, Running)
    assert event_of(trigger_of(started.run, TERMINATED, seconds=0))["timed_out"]


def test_a_tool_that_cannot_be_reached_to_the_deadline_loses_no_run(
    connected: Simulator, stitch: MakeTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = stitch(connected.url, source=TERMINATED).trigger()
    assert isinstance(started, Running)

    async def connection(conn_id: str) -> Connection:
        return Connection(conn_id=conn_id, conn_type="stitch", host="http://127.0.0.1:1", password="not-a-token")

    monkeypatch.setattr(BaseHook, "aget_connection", connection)
    assert event_of(trigger_of(started.run, TERMINATED, seconds=1)) == {"timed_out": True, "run": started.run}


def test_a_run_that_has_changed_is_kept_anew(
    connected: Simulator, stitch: MakeTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestrator_airflow.trigger.KEEP_AFTER", 0.0)
    task = stitch(connected.url, source=SUPERSEDED)
    started = task.trigger()
    assert isinstance(started, Running)
    payload = event_of(trigger_of(started.run, SUPERSEDED))
    if "finished" not in payload:
        assert payload["run"] != started.run
        assert isinstance(task.poll(payload["run"]), Running | Finished)


@pytest.mark.usefixtures("connected")
def test_a_connection_of_another_type_gives_no_token_away(monkeypatch: pytest.MonkeyPatch) -> None:
    async def connection(conn_id: str) -> Connection:
        return Connection(conn_id=conn_id, conn_type="aws", password="hunter2")

    monkeypatch.setattr(BaseHook, "aget_connection", connection)
    with pytest.raises(ValueError, match="is of the type aws: name one of the type stitch"):
        event_of(trigger_of("r1", SUCCEEDS))


def test_the_syncs_of_a_connection_share_their_requests_and_keep_to_the_accounts_budget(
    plugin: Plugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Simulator(speed=1) as simulator, gate(simulator.url) as server:

        async def connection(conn_id: str) -> Connection:
            return Connection(conn_id=conn_id, conn_type="stitch", host=server.url, password=simulator.token)

        monkeypatch.setattr(BaseHook, "aget_connection", connection)
        task = plugin.task(
            connection={"base_url": server.url},
            secrets={"access_token": Secret(simulator.token)},
            parameters={"source_id": ON_PAGE_3},
            allow=[server.url],
        )
        begun = task.trigger()
        assert isinstance(begun, Running)
        before = len(server.requests)

        async def main() -> None:
            policy = asdict(PollPolicy(interval=0.1))
            triggers = [trigger_of(begun.run, ON_PAGE_3) for _ in range(30)]
            for trigger in triggers:
                trigger.policy, trigger.poll_after = policy, 0.0
            watches = [asyncio.ensure_future(anext(trigger.run())) for trigger in triggers]
            await asyncio.sleep(5)
            for watch in watches:
                watch.cancel()
            await asyncio.gather(*watches, return_exceptions=True)

        asyncio.run(main())
        # Each of the account's pages once; the next look is not due yet.
        assert 1 <= len(server.requests) - before <= 4
