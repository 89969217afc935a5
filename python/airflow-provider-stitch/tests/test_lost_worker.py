"""Workers that die after a sync has ended and before Airflow knows."""

from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.bases.operator import ExecutorSafeguard
from airflow.sdk.exceptions import AirflowException, AirflowFailException
from airflow_provider_stitch.operator import StitchSyncOperator
from conftest import connect
from gate import gate
from simulator import SUCCEEDS, TAP_FAILS, Simulator


class Store(dict[str, str]):
    """A state store in memory."""

    def set(self, key: str, value: str) -> None:
        self[key] = value

    def delete(self, key: str) -> None:
        self.pop(key, None)


def execute(source: int, store: Store, clearing: int) -> dict[str, Any]:
    context: Any = {"task_state_store": store, "dag_run": SimpleNamespace(clear_number=clearing)}
    operator = StitchSyncOperator(task_id="sync", source_id=source, deferrable=False)
    ended: dict[str, Any] = operator.execute(context)
    return ended


def test_a_sync_that_succeeded_is_told_again_and_started_again_only_once_its_task_is_cleared(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ExecutorSafeguard, "test_mode", True)
    with gate(simulator.url) as server:
        connect(monkeypatch, server.url, simulator.token)
        store = Store()
        first = execute(SUCCEEDS, store, 1)
        assert (execute(SUCCEEDS, store, 1), server.posts) == (first, 1)
        assert (execute(SUCCEEDS, store, 2)["verdict"], server.posts) == ("succeeded", 2)


def test_a_sync_that_failed_is_started_again_by_a_retry(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ExecutorSafeguard, "test_mode", True)
    with gate(simulator.url) as server:
        connect(monkeypatch, server.url, simulator.token)
        store = Store()
        for posts in (1, 2):
            with pytest.raises(AirflowException, match="^failed: "):
                execute(TAP_FAILS, store, 1)
            assert server.posts == posts


def test_a_run_that_is_lost_to_every_retry_is_started_again_once_its_task_is_cleared(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ExecutorSafeguard, "test_mode", True)
    with gate(simulator.url) as server:
        connect(monkeypatch, server.url, simulator.token)
        store = Store(orchestrator_run="not-a-run")
        for _ in range(2):
            with pytest.raises(AirflowFailException, match="^the run is not known to have ended: "):
                execute(SUCCEEDS, store, 1)
        assert server.posts == 0
        assert (execute(SUCCEEDS, store, 2)["verdict"], server.posts) == ("succeeded", 1)
