"""Outcomes of calls, as the native module tells them."""

from __future__ import annotations

import json
from typing import Any

from orchestrator_host.call_error import CallError
from orchestrator_host.finding import Finding
from orchestrator_host.progress import Progress, progress_from_document


def progress(outcome: str) -> Progress:
    """The progress that a call answered with. Raises its `CallError`."""
    return progress_from_document(document(outcome, "progress"))


def findings(outcome: str) -> tuple[Finding, ...]:
    """The findings that a check answered with. Raises its `CallError`."""
    return tuple(Finding(**finding) for finding in document(outcome, "check")["findings"])


def document(outcome: str, name: str) -> dict[str, Any]:
    """The document of this name. Raises the `CallError` that is there in its place."""
    answer = json.loads(outcome)
    if error := answer.get("error"):
        raise CallError.from_document(error)
    found: dict[str, Any] = answer[name]
    return found
