"""Attempts of a task, as Airflow's workers make them, with a state store that outlives them."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from airflow.sdk import Context
from airflow_provider_stitch.operator import StitchSyncOperator
from orchestrator_host import PollPolicy


class Store(dict[str, str]):
    """A state store in memory."""

    def set(self, key: str, value: str) -> None:
        self[key] = value

    def delete(self, key: str) -> None:
        self.pop(key, None)


class FileStore:
    """A state store in a file, for processes that die: a write is there as a whole or not at all."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def get(self, key: str) -> str | None:
        return self._all().get(key)

    def set(self, key: str, value: str) -> None:
        self._write(self._all() | {key: value})

    def delete(self, key: str) -> None:
        self._write({name: value for name, value in self._all().items() if name != key})

    def _all(self) -> dict[str, str]:
        values: dict[str, str] = json.loads(self._path.read_text()) if self._path.exists() else {}
        return values

    def _write(self, values: dict[str, str]) -> None:
        new = self._path.with_suffix(".new")
        new.write_text(json.dumps(values))
        new.replace(self._path)


class Instance:
    """A task instance, which takes XComs. Airflow changes its most tries where it is cleared."""

    def __init__(self, clearing: int) -> None:
        self.max_tries = clearing
        self.xcoms: dict[str, object] = {}

    def xcom_push(self, key: str, value: object) -> None:
        self.xcoms[key] = value


def context(store: object, clearing: int = 1, clearings_of_others: int = 0) -> Context:
    """What an attempt is given."""
    run = SimpleNamespace(clear_number=clearing + clearings_of_others)
    given: Any = {"task_state_store": store, "dag_run": run, "ti": Instance(clearing)}
    found: Context = given
    return found


def operator(source: int, **arguments: Any) -> StitchSyncOperator:
    """The operator of a source of a simulator, which polls as often as only a simulator may be."""
    policy = PollPolicy(interval=0.5, ignore_hint=True)
    return StitchSyncOperator(task_id="sync", source_id=source, **{"policy": policy} | arguments)


def execute(source: int, store: object, clearing: int = 1, **arguments: Any) -> dict[str, Any]:
    """One attempt, which waits in the worker."""
    ended: dict[str, Any] = operator(source, deferrable=False, **arguments).execute(context(store, clearing))
    return ended
