"""Workers that die after a sync was started and before Airflow knows of its end, and users who end its task."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from airflow.sdk.bases.operator import TRIGGER_FAIL_REPR, ExecutorSafeguard, TriggerFailureReason
from airflow.sdk.exceptions import (
    AirflowException,
    AirflowFailException,
    TaskDeferralError,
    TaskDeferred,
)
from airflow.triggers.base import BaseTrigger
from conftest import connect
from gate import Gate, gate
from orchestrator_airflow import PluginTrigger
from simulator import SUCCEEDS, TAP_FAILS, Simulator
from workers import Store, context, execute, operator


@pytest.fixture(autouse=True)
def server(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """A gate before the simulator, to which the connection leads, and operators that run without Airflow."""
    monkeypatch.setattr(ExecutorSafeguard, "test_mode", True)
    with gate(simulator.url) as server:
        connect(monkeypatch, server.url, simulator.token)
        yield server


def event_of(trigger: BaseTrigger) -> dict[str, Any]:
    async def main() -> dict[str, Any]:
        payload: dict[str, Any] = (await anext(trigger.run())).payload
        return payload

    return asyncio.run(asyncio.wait_for(main(), 30))


def test_a_sync_that_succeeded_is_told_again_and_started_again_only_once_its_task_is_cleared(server: Gate) -> None:
    store = Store()
    first = execute(SUCCEEDS, store, 1)
    assert (execute(SUCCEEDS, store, 1), server.posts) == (first, 1)
    assert (execute(SUCCEEDS, store, 2)["verdict"], server.posts) == ("succeeded", 2)


def test_a_task_beside_it_that_is_cleared_starts_no_second_sync(server: Gate) -> None:
    store = Store()
    first = execute(SUCCEEDS, store, 1)
    again = operator(SUCCEEDS, deferrable=False).execute(context(store, 1, clearings_of_others=1))
    assert (again, server.posts) == (first, 1)


def test_a_sync_that_failed_is_started_again_by_a_retry(server: Gate) -> None:
    store = Store()
    for posts in (1, 2):
        with pytest.raises(AirflowException, match="^failed: "):
            execute(TAP_FAILS, store, 1)
        assert server.posts == posts


def test_a_run_that_is_lost_to_every_retry_is_started_again_once_its_task_is_cleared(server: Gate) -> None:
    store = Store(orchestrator_run='{"clearing": 1, "run": "not-a-run"}')
    for _ in range(2):
        with pytest.raises(AirflowFailException, match="^the run is not known to have ended: "):
            execute(SUCCEEDS, store, 1)
    assert server.posts == 0
    assert (execute(SUCCEEDS, store, 2)["verdict"], server.posts) == ("succeeded", 1)


def test_a_sync_that_its_user_has_cancelled_is_started_again_once_its_task_is_cleared(server: Gate) -> None:
    store = Store()
    with pytest.raises(TaskDeferred) as raised:
        operator(SUCCEEDS).execute(context(store, 1))
    trigger = raised.value.trigger
    # As `on_kill` does. A task that is only tried again tells what became of its sync; it was cancelled by somebody else then.
    asyncio.run(cancel(trigger))
    copy = Store(store)
    with pytest.raises(AirflowException, match="^cancelled: "):
        execute(SUCCEEDS, copy, 1)
    assert server.posts == 1
    assert (execute(SUCCEEDS, store, 2)["verdict"], server.posts) == ("succeeded", 2)


def test_a_sync_that_is_cancelled_while_a_cleared_task_waits_for_it_is_started_again(server: Gate) -> None:
    store = Store()
    with pytest.raises(TaskDeferred) as raised:
        operator(SUCCEEDS).execute(context(store, 1))
    with pytest.raises(TaskDeferred) as again:
        operator(SUCCEEDS).execute(context(store, 2))
    asyncio.run(cancel(raised.value.trigger))
    with pytest.raises(TaskDeferred) as anew:
        operator(SUCCEEDS).complete(context(store, 2), event_of(again.value.trigger))
    assert event_of(anew.value.trigger)["finished"]["verdict"] == "succeeded"
    assert server.posts == 2


def test_a_task_whose_trigger_nobody_ran_in_time_fails_without_retry_and_goes_on_with_the_same_sync_once_cleared(
    server: Gate,
) -> None:
    store = Store()
    with pytest.raises(TaskDeferred):
        operator(SUCCEEDS).execute(context(store, 1))
    ended = {"error": TriggerFailureReason.TRIGGER_TIMEOUT}
    with pytest.raises(
        AirflowFailException, match="no triggerer has watched the run to its deadline, and the run goes on"
    ):
        operator(SUCCEEDS).resume_execution(TRIGGER_FAIL_REPR, ended, context(store, 1))
    assert execute(SUCCEEDS, store, 2)["verdict"] == "succeeded"
    assert server.posts == 1


def test_a_task_whose_trigger_broke_is_tried_again_with_the_same_sync(server: Gate) -> None:
    store = Store()
    with pytest.raises(TaskDeferred):
        operator(SUCCEEDS).execute(context(store, 1))
    broken = {"error": TriggerFailureReason.TRIGGER_FAILURE, "traceback": ["it broke"]}
    with pytest.raises(TaskDeferralError):
        operator(SUCCEEDS).resume_execution(TRIGGER_FAIL_REPR, broken, context(store, 1))
    assert execute(SUCCEEDS, store, 1)["verdict"] == "succeeded"
    assert server.posts == 1


async def cancel(trigger: BaseTrigger) -> None:
    assert isinstance(trigger, PluginTrigger)
    await (await trigger._task()).acancel(trigger.watched_run)
