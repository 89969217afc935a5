"""What Airflow keeps of a run, in the state store of a task instance: its retries and its next workers read it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol

from orchestrator_host import Starts, TriggerRecord

_STARTS, _RUN, _ENDING, _LEFT = "orchestrator_starts", "orchestrator_run", "orchestrator_ending", "orchestrator_left"


class StateStore(Protocol):
    """Airflow's `context["task_state_store"]`."""

    def get(self, key: str) -> object:
        """What is kept, if anything."""

    def set(self, key: str, value: str) -> None:
        """Keeps a value."""

    def delete(self, key: str) -> None:
        """Forgets a value."""


class KeptRun:
    """The calls that may have started a run, the run, and how it ended: each kept before anything relies on it.

    `clearing` is a number that changes where the task is cleared, and not where it is tried again. A task that is cleared after its run
    has ended, or after it was left to a person, starts another one.
    """

    def __init__(self, store: StateStore, clearing: int) -> None:
        self._store = store
        self._clearing = clearing
        left = self._read(_LEFT)
        if left is not None and left["clearing"] != clearing:
            self.forget()

    @property
    def run(self) -> str | None:
        """The run as the last poll that was kept handed it back."""
        kept = self._read(_RUN)
        return None if kept is None else str(kept["run"])

    @property
    def was_cleared(self) -> bool:
        """Whether the task was cleared since the run was started: a user who ends a task cancels its run, and may clear the task then."""
        kept = self._read(_RUN)
        return kept is not None and kept["clearing"] != self._clearing

    @property
    def starts(self) -> Starts | None:
        """The calls that may have started a run of which nobody knows yet."""
        starts = self._store.get(_STARTS)
        return Starts.from_json(starts) if isinstance(starts, str) else None

    @property
    def ending(self) -> dict[str, Any] | None:
        """How the run ended, if it has and the task was not cleared since."""
        kept = self._read(_ENDING)
        if kept is None or kept["clearing"] != self._clearing:
            return None
        finished: dict[str, Any] = kept["finished"]
        return finished

    def intend(self) -> None:
        """Keeps that a trigger is about to be sent, or a settle where there was one: before the call."""
        starts, record = self.starts, TriggerRecord.now()
        self._keep(Starts(record) if starts is None else starts.settled(record))

    def started_nothing(self) -> None:
        """The last call that was intended has started nothing."""
        starts = self.starts.taken_back() if self.starts else None
        if starts is None:
            self._store.delete(_STARTS)
        else:
            self._keep(starts)

    def keep(self, run: str) -> None:
        """Keeps the run, before it is watched, and again as it changes."""
        kept = self._read(_RUN)
        clearing = self._clearing if kept is None else kept["clearing"]
        self._store.set(_RUN, json.dumps({"clearing": clearing, "run": run}))

    def end(self, finished: Mapping[str, Any]) -> None:
        """Keeps how the run ended, until the task is cleared: a worker may die before Airflow knows."""
        self._store.set(_ENDING, json.dumps({"clearing": self._clearing, "finished": finished}))
        self.forget()

    def leave_to_a_person(self) -> None:
        """Keeps that no retry can find out more: who clears the task has looked in the tool."""
        self._store.set(_LEFT, json.dumps({"clearing": self._clearing}))

    def forget(self) -> None:
        """Forgets a run that has ended, so that a retry starts another one."""
        # In this order: a run that is kept is polled, whatever else is.
        self._store.delete(_STARTS)
        self._store.delete(_RUN)
        self._store.delete(_LEFT)

    def _keep(self, starts: Starts) -> None:
        self._store.set(_STARTS, starts.to_json())

    def _read(self, key: str) -> dict[str, Any] | None:
        text = self._store.get(key)
        value: dict[str, Any] | None = json.loads(text) if isinstance(text, str) else None
        return value
