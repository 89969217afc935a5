"""What a task writes its log with."""

from __future__ import annotations

from typing import Protocol

from orchestrator_host import CallError

MOST_OF_THE_TOOLS_WORDS = 300
"""The most characters of a tool's own words in a line."""


class Log(Protocol):
    """A logger of Airflow's or of Python's."""

    def info(self, event: str, /, *args: object) -> object:
        """Writes what happens."""

    def warning(self, event: str, /, *args: object) -> object:
        """Writes what a person should know."""


def in_full(error: CallError) -> str:
    """The message of an error, and the tool's own words where it lacks them: that of a status is only the status's name."""
    words = (error.raw_message or "").strip().partition("\n")[0][:MOST_OF_THE_TOOLS_WORDS]
    return f"{error}: {words}" if words and words not in str(error) else str(error)
