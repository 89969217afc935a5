"""The watch over a run."""

from __future__ import annotations

from orchestrator_host import _native, outcome
from orchestrator_host.progress import Progress
from orchestrator_host.waiting import ended_or_dropped, ended_or_interrupted


class Watch:
    """A watch over one run: the library's rules of when to poll, which errors may pass, and when to give up.

    The engine waits and polls, and stores what comes:

        while watch.wait is not None:
            await asyncio.sleep(watch.wait)
            try:
                progress = await watch.apoll()
            except CallError:
                if watch.wait is None:
                    raise  # waiting does not help
    """

    def __init__(self, watch: _native.Watch) -> None:
        self._watch = watch

    @property
    def wait(self) -> float | None:
        """How long to wait before the next poll, in seconds. None: the watch has ended.

        It ends with a run that has ended, with an error that would not pass, and where the next poll would come after the policy's
        timeout: then the run goes on.
        """
        return self._watch.wait

    @property
    def timed_out(self) -> bool:
        """Whether the watch has ended by the policy's timeout: the run goes on, whatever its last poll said."""
        return self._watch.timed_out

    @property
    def run(self) -> str:
        """The run, as the last poll handed it back."""
        return self._watch.run

    def poll(self) -> Progress:
        """Asks where the run stands. Ctrl-C drops the call, which changes nothing."""
        return outcome.progress(ended_or_interrupted(self._watch.poll()))

    async def apoll(self) -> Progress:
        """As `poll`; cancelling it drops the call."""
        return outcome.progress(await ended_or_dropped(self._watch.poll()))
