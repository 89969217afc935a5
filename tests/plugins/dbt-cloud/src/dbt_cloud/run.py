"""A run of a job, as dbt Cloud tells of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from orchestrator_plugin import Fields, MisreadError, Verdict


class Status(Enum):
    """The statuses that dbt Cloud documents. Another one is not understood."""

    QUEUED = 1
    STARTING = 2
    RUNNING = 3
    SUCCESS = 10
    ERROR = 20
    CANCELLED = 30

    @property
    def verdict(self) -> Verdict | None:
        """How a run with this status ended. None: it goes on."""
        return _VERDICTS.get(self)


_VERDICTS = {
    Status.SUCCESS: Verdict.SUCCEEDED,
    Status.ERROR: Verdict.FAILED,
    Status.CANCELLED: Verdict.CANCELLED,
}


@dataclass(frozen=True)
class Run:
    """A run. Verdicts depend on its ids and its status alone; all else is for people."""

    id: int
    status: Status
    message: str | None
    started_at: str | None
    finished_at: str | None
    href: str | None

    @classmethod
    def read(cls, envelope: Fields, job_id: int, run_id: int | None = None) -> Run:
        """Read the answer about a run of this job: about this run, or about whichever was started."""
        data = enveloped(envelope)
        found = data.id("id")
        if run_id is not None and found != run_id:
            raise MisreadError(f"data.id is {found}, not {run_id}")
        # Older pages of the API call it `job_definition_id`, newer ones both. An answer without either is of the run asked for.
        for name in ("job_definition_id", "job_id"):
            of_job = data.id(name) if data.has(name) else None
            if of_job is not None and of_job != job_id:
                raise MisreadError(f"data.{name} is {of_job}, not {job_id}")
        run = cls(
            found,
            _status(data),
            data.text("status_message"),
            data.time("started_at"),
            data.time("finished_at"),
            data.text("href"),
        )
        if run.status is Status.SUCCESS:
            for name, contradicts in (("is_success", False), ("is_error", True), ("is_cancelled", True)):
                if data.boolean(name) is contradicts:
                    raise MisreadError(f"data.status is 10, success, and data.{name} is {str(contradicts).lower()}")
        return run

    @property
    def duration_s(self) -> int | None:
        """How long it ran, where dbt Cloud says so."""
        if self.started_at is None or self.finished_at is None:
            return None
        ended, began = (
            datetime.fromisoformat(time.replace("Z", "+00:00")) for time in (self.finished_at, self.started_at)
        )
        seconds = int((ended - began).total_seconds())
        return seconds if seconds >= 0 else None


def enveloped(envelope: Fields) -> Fields:
    """What an answer holds. One that says of itself that it failed is not understood, whatever its HTTP status is."""
    data = envelope.object("data")
    if envelope.has("status") and envelope.object("status").boolean("is_success") is False:
        raise MisreadError("status.is_success is false")
    return data


def _status(data: Fields) -> Status:
    number = data.id("status")
    try:
        return Status(number)
    except ValueError:
        raise MisreadError(f"data.status is {number}, which dbt Cloud does not document") from None
