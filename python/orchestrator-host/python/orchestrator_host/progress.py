"""Progress: where a run stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from orchestrator_host.report import Report

Verdict: TypeAlias = Literal["succeeded", "failed", "cancelled", "unknown", "skipped"]


@dataclass(frozen=True, slots=True)
class Running:
    """A run that goes on: store `run`, and poll it."""

    run: str
    """What the next poll takes, in any process on any machine: text of at most 4 KiB without secrets."""
    poll_after: float
    """How long to wait before the next poll, in seconds. Later is fine, sooner overspends the tool's budget."""
    report: Report
    """What can be said so far."""
    requests: int
    """How many requests the call has made."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A run that has ended: there is nothing more to poll."""

    verdict: Verdict
    """How it ended. `unknown`: nobody can tell, and a person has to look."""
    report: Report
    """What there is to say of it."""
    run: str | None
    """The run that was polled. None where the call was not made with one."""
    requests: int
    """How many requests the call has made."""


Progress: TypeAlias = Running | Finished


def progress_from_document(document: Mapping[str, Any]) -> Progress:
    """The progress in a document of the host."""
    report = Report.from_document(document)
    run, requests = document["run"], document["requests"]
    if document["verdict"] is None:
        return Running(run=run, poll_after=document["poll_after_ms"] / 1000, report=report, requests=requests)
    return Finished(verdict=document["verdict"], report=report, run=run, requests=requests)
