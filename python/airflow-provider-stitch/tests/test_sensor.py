"""Sensors, which wait for syncs that others start."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests
from airflow.models.asset import AssetEvent
from airflow.sdk.bases.operator import ExecutorSafeguard
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSensorTimeout, TaskDeferred
from airflow.triggers.base import BaseTrigger
from airflow.utils.session import create_session
from airflow_provider_stitch.link import StitchLogsLink
from airflow_provider_stitch.sensor import StitchSyncSensor
from conftest import connect
from gate import Gate, gate
from orchestrator_airflow import PluginTrigger
from orchestrator_host import CallError, PollPolicy
from sensors import DAGS
from simulator import ALREADY_RUNNING, DELETED, ORDINARY, SUCCEEDS, TAP_FAILS, Simulator
from sqlalchemy import delete, select
from workers import Store, context


@pytest.fixture
def server(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """A gate before the simulator, to which the connection leads, and sensors that run without Airflow."""
    monkeypatch.setattr(ExecutorSafeguard, "test_mode", True)
    with gate(simulator.url) as server:
        connect(monkeypatch, server.url, simulator.token)
        yield server


def sensor(source: int, **arguments: Any) -> StitchSyncSensor:
    policy = PollPolicy(interval=0.2, ignore_hint=True)
    return StitchSyncSensor(task_id="wait", source_id=source, **{"policy": policy} | arguments)


def deferred(source: int, store: Store, clearing: int = 1) -> BaseTrigger:
    """The trigger that an attempt defers to."""
    with pytest.raises(TaskDeferred) as raised:
        sensor(source).execute(context(store, clearing))
    trigger = raised.value.trigger
    assert isinstance(trigger, BaseTrigger)
    return trigger


def event_of(trigger: BaseTrigger) -> dict[str, Any]:
    async def main() -> dict[str, Any]:
        payload: dict[str, Any] = (await anext(trigger.run())).payload
        return payload

    return asyncio.run(asyncio.wait_for(main(), 60))


def start(simulator: Simulator, source: int) -> None:
    """Starts a sync as somebody else does."""
    headers = {"Authorization": f"Bearer {simulator.token}"}
    assert requests.post(f"{simulator.url}/v4/sources/{source}/sync", headers=headers, timeout=10).ok


def assert_only_reads(server: Gate) -> None:
    assert [it for it in server.requests if not it.startswith("GET ")] == []


@pytest.mark.usefixtures("stitch")
@pytest.mark.parametrize("name", ["waits", "waits_in_the_worker"])
def test_a_sync_of_stitchs_own_schedule_ends_the_wait_and_is_an_event_of_its_assets(name: str) -> None:
    instance = DAGS[name].test().get_task_instance("sync")
    assert instance is not None
    assert str(instance.state) == "success"
    outcome = instance.xcom_pull(task_ids="sync", key="outcome")
    assert outcome["verdict"] == "succeeded"
    assert outcome["metadata"]["attached"] is True
    assert "/extractions/" in instance.xcom_pull(task_ids="sync", key=StitchLogsLink().xcom_key)
    with create_session() as session:
        event = session.scalars(select(AssetEvent).where(AssetEvent.source_dag_id == name)).one()
        assert event.extra["source_id"] == ALREADY_RUNNING
        session.execute(delete(AssetEvent))


def test_it_starts_nothing_and_waits_until_somebody_does(server: Gate, simulator: Simulator) -> None:
    store = Store()
    trigger = deferred(SUCCEEDS, store)
    start(simulator, SUCCEEDS)
    ended = sensor(SUCCEEDS).complete(context(store), event_of(trigger))
    assert (ended["verdict"], ended["message"]) == (
        "succeeded",
        f"source {SUCCEEDS} (hubspot): the extraction succeeded",
    )
    assert_only_reads(server)


def test_a_sync_that_failed_fails_it_and_a_retry_waits_for_another(server: Gate, simulator: Simulator) -> None:
    store = Store()
    trigger = deferred(TAP_FAILS, store)
    start(simulator, TAP_FAILS)
    event = event_of(trigger)
    with pytest.raises(AirflowException, match=r"^failed: .*the tap failed with exit status 1: ") as raised:
        sensor(TAP_FAILS).complete(context(store), event)
    assert not isinstance(raised.value, AirflowFailException)
    again = deferred(TAP_FAILS, store)
    start(simulator, TAP_FAILS)
    assert event_of(again)["finished"]["verdict"] == "failed"
    assert_only_reads(server)


def test_a_retry_waits_from_when_the_first_attempt_came(server: Gate, simulator: Simulator) -> None:
    store = Store()
    deferred(SUCCEEDS, store)
    start(simulator, SUCCEEDS)
    # Nobody watches meanwhile.
    event_of(deferred(SUCCEEDS, Store(store)))
    ended = sensor(SUCCEEDS, deferrable=False).execute(context(store))
    assert ended["verdict"] == "succeeded"
    assert_only_reads(server)


def test_a_worker_that_died_before_it_kept_its_run_is_followed_by_one_that_starts_nothing_either(
    server: Gate, simulator: Simulator
) -> None:
    store = Store()
    deferred(SUCCEEDS, store)
    assert store.pop("orchestrator_run")
    assert store["orchestrator_starts"]
    trigger = deferred(SUCCEEDS, store)
    start(simulator, SUCCEEDS)
    assert event_of(trigger)["finished"]["verdict"] == "succeeded"
    assert_only_reads(server)


@pytest.mark.parametrize("deferrable", [True, False])
def test_a_wait_that_lasts_too_long_fails_it_without_retry(server: Gate, deferrable: bool) -> None:
    arguments: dict[str, Any] = {"timeout": timedelta(seconds=1), "deferrable": deferrable}
    with pytest.raises((AirflowSensorTimeout, TaskDeferred)) as raised:
        sensor(SUCCEEDS, **arguments).execute(context(store := Store()))
    if isinstance(raised.value, TaskDeferred):
        event = event_of(raised.value.trigger)
        with pytest.raises(AirflowSensorTimeout) as raised_here:
            sensor(SUCCEEDS, **arguments).complete(context(store), event)
        assert str(raised_here.value) == "no run has completed within 1 s"
    else:
        assert str(raised.value) == "no run has completed within 1 s"
    assert_only_reads(server)


def test_it_waits_as_long_as_airflows_sensors_where_nothing_is_said() -> None:
    assert sensor(SUCCEEDS).policy.timeout == 7 * 24 * 60 * 60
    assert sensor(SUCCEEDS, timeout=60).policy.timeout == 60


def test_a_user_who_ends_it_stops_no_sync_of_others(server: Gate) -> None:
    trigger = deferred(ORDINARY[0], Store())
    assert isinstance(trigger, PluginTrigger)
    assert not trigger.cancel_on_kill

    async def cancel() -> None:
        await (await trigger._task()).acancel(trigger.watched_run)

    with pytest.raises(CallError, match="the task only waits for an extraction of others, so none is stopped"):
        asyncio.run(cancel())
    assert_only_reads(server)


def test_a_source_that_was_deleted_is_not_waited_for(server: Gate) -> None:
    with pytest.raises(AirflowFailException, match="so there is no extraction to wait for"):
        sensor(DELETED).execute(context(Store()))
    assert_only_reads(server)
