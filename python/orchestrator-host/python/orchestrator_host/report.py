"""Reports: what a plugin says of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from orchestrator_host.metadata import Metadata

StepStatus: TypeAlias = Literal["pending", "running", "succeeded", "failed", "cancelled", "unknown"]


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a run in the tool's own terms."""

    name: str
    """The tool's name for it."""
    status: StepStatus
    """Where it stands."""
    exit_code: int | None
    """Its exit code, where the tool reports one."""
    message: str | None
    """The tool's own message, which may have several lines."""


@dataclass(frozen=True, slots=True)
class Link:
    """A place where a person finds more."""

    label: str
    """What is found there."""
    url: str
    """An absolute URL without secrets."""


@dataclass(frozen=True, slots=True)
class Report:
    """A report on a run, as far as it has come."""

    message: str
    """One line for the engine's user."""
    steps: tuple[Step, ...]
    """The steps, in the order in which the tool takes them."""
    started_at: str | None
    """When the tool began the run: RFC 3339, in UTC."""
    completed_at: str | None
    """When the tool ended the run: RFC 3339, in UTC."""
    metadata: Mapping[str, str | bool | int | float | None]
    """Facts to collect, by name. They do not change."""
    links: tuple[Link, ...]
    """Where to look further."""

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Report:
        """The report in a document of the host."""
        return cls(
            message=document["message"],
            steps=tuple(Step(**step) for step in document["steps"]),
            started_at=document["started_at"],
            completed_at=document["completed_at"],
            metadata=Metadata(document["metadata"]),
            links=tuple(Link(**link) for link in document["links"]),
        )
