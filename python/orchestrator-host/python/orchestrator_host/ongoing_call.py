"""Calls that go on whoever waits for them: those that start a run or stop one."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from orchestrator_host import outcome
from orchestrator_host._native import Call
from orchestrator_host.progress import Progress
from orchestrator_host.waiting import ended


class OngoingCall:
    """A `trigger`, a `settle` or a `cancel` under way, which nothing interrupts: its request may have taken effect already.

    It goes on when a wait for it is cancelled, times out, or its event loop is closed. Its outcome is there for whoever asks, as often as
    they ask, until this object and its process are gone: await it, or call `wait` on any thread.

        call = task.atrigger()
        try:
            progress = await call
        except asyncio.CancelledError:
            progress = await call  # the run that was started all the same
    """

    def __init__(self, call: Call) -> None:
        self._call = call

    def __await__(self) -> Generator[Any, None, Progress]:
        return self._ended().__await__()

    async def _ended(self) -> Progress:
        return outcome.progress(await ended(self._call))

    def wait(self, timeout: float | None = None) -> Progress:
        """Waits for the outcome, `timeout` seconds at most, and raises the call's `CallError` or `TimeoutError`.

        A `KeyboardInterrupt` meanwhile is raised as `Interrupted`, after the call has ended; a second one at once. What another signal's
        handler raises comes at once and as it is, with this object as its `call`.
        """
        try:
            found = self._call.wait(timeout)
        except KeyboardInterrupt:
            raise self._interrupted() from None
        except BaseException as error:
            # What another signal's handler raises: whoever catches it can wait on.
            error.__dict__["call"] = self
            raise
        if found is None:
            raise TimeoutError(f"the call has not ended after {timeout} s and goes on")
        return outcome.progress(found)

    def _interrupted(self) -> Interrupted:
        try:
            self._call.wait()
        except KeyboardInterrupt:
            return Interrupted(self, "the call goes on")
        try:
            progress = self.wait(0)
        except Exception as error:
            return Interrupted(self, str(error))
        return Interrupted(self, progress.report.message)


class Interrupted(KeyboardInterrupt):
    """Ctrl-C came during a call that may start a run or stop one. The outcome is not lost: `call.wait()` returns it."""

    def __init__(self, call: OngoingCall, outcome: str) -> None:
        super().__init__(f"interrupted in a call of a plugin: {outcome}")
        self.call = call
        """The call, which has ended unless Ctrl-C came twice."""
