"""The watch over a run, in the triggerer and in the worker: what each poll has found, as both tell it to the task."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, TypeAlias

from orchestrator_host import CallError, Finished, PollPolicy, Progress, Task

from orchestrator_airflow.log import Log, in_full

Event: TypeAlias = dict[str, Any]
"""What a task has to know of its run, as JSON has it: the `run`, and when to poll it again (`poll_after`); or how it has `finished`; or why
it is `lost`; or that the watch has `timed_out`."""


class RunWatch:
    """Polls a run, and tells of each poll what the task has to know. Whoever polls waits for `wait` before."""

    def __init__(self, task: Task, run: str, policy: PollPolicy, log: Log) -> None:
        self._watch = task.watch(run, policy)
        self._log = log
        self._told: str | None = None

    @property
    def wait(self) -> float | None:
        """How long to wait before the next poll, in seconds. None: the watch has ended."""
        return self._watch.wait

    @property
    def run(self) -> str:
        """The run, as the last poll handed it back."""
        return self._watch.run

    def poll(self) -> Event | None:
        """What a poll has found. None where it failed and another one may help."""
        try:
            return self._found(self._watch.poll())
        except CallError as error:
            return self._failed(error)

    async def apoll(self) -> Event | None:
        """As `poll`; cancelling it drops the poll."""
        try:
            return self._found(await self._watch.apoll())
        except CallError as error:
            return self._failed(error)

    def timed_out(self) -> Event:
        """The end of a watch that has lasted as long as it may: the run goes on."""
        return {"timed_out": True, "run": self.run}

    def _found(self, progress: Progress) -> Event:
        if isinstance(progress, Finished):
            return {"finished": asdict(progress)}
        if progress.report.message != self._told:
            self._told = progress.report.message
            self._log.info("%s", self._told)
        return {"run": progress.run, "poll_after": progress.poll_after}

    def _failed(self, error: CallError) -> Event | None:
        if self.wait is None and not self._watch.timed_out:
            return {"lost": f"the run is not known to have ended: {in_full(error)}", "run": self.run}
        self._log.warning("a poll failed: %s", in_full(error))
        return None
