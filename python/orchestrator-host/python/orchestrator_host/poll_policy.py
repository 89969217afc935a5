"""How patient a watch is."""

from __future__ import annotations

from dataclasses import dataclass

from orchestrator_host import _native


@dataclass(frozen=True, slots=True)
class PollPolicy:
    """How often a run is polled, and for how long. All times are in seconds. Raises `ValueError` for a time that is none."""

    interval: float = 1.0
    """The least time between two polls. What the plugin asks for counts where it is longer."""
    ignore_hint: bool = False
    """Whether `interval` alone counts, whatever the plugin asks for: for simulators. It overspends a real tool's budget."""
    timeout: float = 6 * 60 * 60.0
    """How long to watch in all; the run goes on after that."""
    longest_retry: float = 5 * 60.0
    """The longest wait after a poll that failed; it doubles from one failure to the next."""

    def __post_init__(self) -> None:
        _native.check_policy(self.interval, self.ignore_hint, self.timeout, self.longest_retry)

    def wait(self, poll_after: float) -> float:
        """How long to wait for the next poll where the plugin asks for `poll_after`."""
        return _native.poll_wait(self.interval, self.ignore_hint, poll_after)

    def retry(self, rhythm: float, failures: int, retry_after: float | None = None) -> float:
        """How long to wait after the `failures`th failure in a row of a run that is polled every `rhythm`.

        What the tool asked for (`CallError.retry_after`) is believed beyond that.
        """
        return _native.poll_retry(self.longest_retry, rhythm, failures, retry_after)
