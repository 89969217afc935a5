"""Tasks: a plugin with its inputs and grants."""

from __future__ import annotations

from collections.abc import Sequence

from orchestrator_host import _native, outcome
from orchestrator_host.finding import Finding
from orchestrator_host.ongoing_call import OngoingCall
from orchestrator_host.poll_policy import PollPolicy
from orchestrator_host.progress import Progress
from orchestrator_host.waiting import ended_or_dropped, ended_or_interrupted
from orchestrator_host.watch import Watch


class Task:
    """A task, whose calls start a run and follow it.

    Each call has two forms. `trigger` and its like block, with the interpreter free for other threads, and honour Ctrl-C. `atrigger` and
    its like are for an event loop and take no thread. Every call ends within the limit `call`, and raises `CallError` where it fails.
    """

    def __init__(self, task: _native.Task) -> None:
        self._task = task

    def trigger(self) -> Progress:
        """Starts a run, once. Write a `TriggerRecord` down before: whoever finds it without an outcome can `settle` it.

        After an error `CallError.next_step` says what follows. Ctrl-C is raised as `Interrupted`, which keeps the outcome.
        """
        return self.atrigger().wait()

    def atrigger(self) -> OngoingCall:
        """Starts a run, once, and returns the call, to be awaited: cancelling that drops the wait and never the trigger."""
        return OngoingCall(self._task.trigger())

    def settle(self, starts: _native.Starts | Sequence[float]) -> Progress:
        """Finds out what became of a trigger whose outcome was lost, or starts its run where it started none.

        Takes what was written down of the trigger and of each `settle` since that may have started a run, or their ages in seconds,
        the oldest first, where the engine has a clock of its own. Of a `Starts` the ages are told when the call is made.
        """
        return self.asettle(starts).wait()

    def asettle(self, starts: _native.Starts | Sequence[float]) -> OngoingCall:
        """As `settle`, and returns the call, to be awaited: it may start a run, so nothing interrupts it."""
        if isinstance(starts, _native.Starts):
            return OngoingCall(self._task.settle(starts))
        return OngoingCall(self._task.settle_by_ages(list(starts)))

    def poll(self, run: str) -> Progress:
        """Asks where a run stands. Ctrl-C drops the call, which changes nothing. Engines poll by a `watch`."""
        return outcome.progress(ended_or_interrupted(self._task.poll(run)))

    async def apoll(self, run: str) -> Progress:
        """As `poll`; cancelling it drops the call."""
        return outcome.progress(await ended_or_dropped(self._task.poll(run)))

    def watch(self, run: str, policy: PollPolicy | None = None) -> Watch:
        """Begins to watch a run: it says when to poll, and whether a poll that failed is made again."""
        policy = policy or PollPolicy()
        return Watch(
            self._task.watch(
                run,
                interval=policy.interval,
                ignore_hint=policy.ignore_hint,
                timeout=policy.timeout,
                longest_retry=policy.longest_retry,
            )
        )

    def cancel(self, run: str) -> Progress:
        """Asks the tool to stop a run, and says where it stands: poll it to its end. Ctrl-C is raised as `Interrupted`.

        The error's code is `not_offered` where the tool cannot, and `attached` where the task only waits for somebody else's run.
        """
        return self.acancel(run).wait()

    def acancel(self, run: str) -> OngoingCall:
        """As `cancel`, and returns the call, to be awaited: nothing interrupts it."""
        return OngoingCall(self._task.cancel(run))

    def check(self) -> tuple[Finding, ...]:
        """Looks whether a run could start, and starts nothing. Ctrl-C drops the call."""
        return outcome.findings(ended_or_interrupted(self._task.check()))

    async def acheck(self) -> tuple[Finding, ...]:
        """As `check`; cancelling it drops the call."""
        return outcome.findings(await ended_or_dropped(self._task.check()))

    def account_key(self, mix: bytes) -> str:
        """The key of the account whose budget the task's requests are spent of: all tasks with the same tool and secrets have it.

        `mix` is 32 random bytes, kept secret beside the keys. The key tells nothing of the secrets and may be stored and shown.
        """
        return self._task.account_key(mix)
