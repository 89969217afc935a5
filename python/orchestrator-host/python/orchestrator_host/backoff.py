"""How long to wait before a run is started again."""

from __future__ import annotations

from orchestrator_host import _native


def start_backoff(failures: int, retry_after: float | None = None) -> float:
    """How long to wait after the `failures`th `trigger` or `settle` in a row that failed, in seconds.

    10 s, then twice as long each time up to 10 min, less up to half of it by chance. What the tool asked for
    (`CallError.retry_after`) is believed beyond that.
    """
    return _native.start_backoff(failures, retry_after)
