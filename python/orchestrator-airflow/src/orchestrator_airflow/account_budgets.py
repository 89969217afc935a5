"""The request budgets of tools' accounts, which the tasks and the triggers of a machine share."""

from __future__ import annotations

import logging
import threading
from functools import cache
from pathlib import Path

from airflow.configuration import AIRFLOW_HOME, conf
from orchestrator_host import HostError, RateLimiter

log = logging.getLogger(__name__)


_opening = threading.Lock()


def rate_limiter() -> RateLimiter | None:
    """The rate limiter of this machine. None, with a warning, where its file cannot be opened: the tool's own limit is left then.

    The file is `orchestrator-accounts.db` in Airflow's home, or what `[orchestrator] accounts_db` names. It must be on a local disk.
    """
    # A cache alone would let each of several threads open one.
    with _opening:
        try:
            return _opened()
        except HostError as error:
            log.warning("polls are not held to the rate limits of their accounts: %s", error)
            return None


@cache
def _opened() -> RateLimiter:
    path = conf.get("orchestrator", "accounts_db", fallback=None) or Path(AIRFLOW_HOME) / "orchestrator-accounts.db"
    return RateLimiter(path)
