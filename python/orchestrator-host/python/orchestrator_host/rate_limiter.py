"""The rate limits of accounts."""

from __future__ import annotations

import os

from orchestrator_host import _native


class RateLimiter:
    """The request budgets of accounts, kept in a file that the processes of a machine share.

    Polls of tasks that have it wait until the tool's rate limit allows them, and those of one connection that are due at the same time
    are made in one call where the plugin exports `poll-many`. Of a process that forks, either the parent or its children poll with it:
    SQLite does not survive a fork while its file is open.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Opens the file, or makes it: a SQLite database on a local disk, its owner's alone.

        Raises `HostError` where it cannot be written or is something else.
        """
        self._rate_limiter = _native.RateLimiter(path)
