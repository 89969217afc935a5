"""What Airflow keeps of a run, in the state store of a task instance: its retries and its next workers read it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol

from orchestrator_host import Starts, TriggerRecord

_STARTS, _RUN, _ENDING = "orchestrator_starts", "orchestrator_run", "orchestrator_ending"

_LONGEST = 60_000
"""The most characters of a value: Airflow keeps 64 KB."""


class StateStore(Protocol):
    """Airflow's `context["task_state_store"]`."""

    def get(self, key: str) -> object:
        """What is kept, if anything."""

    def set(self, key: str, value: str) -> None:
        """Keeps a value."""

    def delete(self, key: str) -> None:
        """Forgets a value."""


class KeptRun:
    """The calls that may have started a run, and the run: each kept before anything relies on it."""

    def __init__(self, store: StateStore) -> None:
        self._store = store

    @property
    def run(self) -> str | None:
        """The run as the last poll handed it back."""
        run = self._store.get(_RUN)
        return run if isinstance(run, str) else None

    @property
    def starts(self) -> Starts | None:
        """The calls that may have started a run of which nobody knows yet."""
        starts = self._store.get(_STARTS)
        return Starts.from_json(starts) if isinstance(starts, str) else None

    def intend(self) -> None:
        """Keeps that a trigger is about to be sent, or a settle where there was one: before the call."""
        starts, record = self.starts, TriggerRecord.now()
        self._keep(Starts(record) if starts is None else starts.settled(record))

    def started_nothing(self) -> None:
        """The last call that was intended has started nothing."""
        records = json.loads(self.starts.to_json()) if self.starts else []
        if len(records) > 1:
            self._keep(Starts.from_json(json.dumps(records[:-1])))
        else:
            self._store.delete(_STARTS)

    def keep(self, run: str) -> None:
        """Keeps the run, before it is watched."""
        self._store.set(_RUN, run)

    def end(self, finished: Mapping[str, Any], clearing: int) -> None:
        """Keeps how the run ended, until the task is cleared: a worker may die before Airflow knows."""
        kept = {"clearing": clearing, "finished": finished}
        if len(text := json.dumps(kept)) > _LONGEST:
            report = {"message": finished["report"]["message"][:1000], "steps": [], "metadata": {}}
            text = json.dumps({"clearing": clearing, "finished": {**finished, "report": report}})
        self._store.set(_ENDING, text)
        self.forget()

    def ending(self, clearing: int) -> dict[str, Any] | None:
        """How the run ended, if it has and the task was not cleared since."""
        text = self._store.get(_ENDING)
        kept = json.loads(text) if isinstance(text, str) else {}
        return kept["finished"] if kept.get("clearing") == clearing else None

    def forget(self) -> None:
        """Forgets a run that has ended, so that a retry starts another one."""
        # In this order: a run that is kept is polled, whatever else is.
        self._store.delete(_STARTS)
        self._store.delete(_RUN)

    def _keep(self, starts: Starts) -> None:
        self._store.set(_STARTS, starts.to_json())
