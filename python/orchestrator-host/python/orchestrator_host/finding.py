"""Findings of a check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

FindingStatus: TypeAlias = Literal["ok", "warning", "problem"]


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding of a check, which starts nothing."""

    code: str
    """What was looked at, for programs."""
    status: FindingStatus
    """Whether a run could start for all that is known: a `problem` keeps it from starting."""
    message: str
    """One line for the engine's user."""
