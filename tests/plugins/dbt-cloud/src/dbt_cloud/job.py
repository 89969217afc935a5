"""A job, as dbt Cloud tells of it."""

from __future__ import annotations

from dataclasses import dataclass

from orchestrator_plugin import Fields, MisreadError, one_line

from dbt_cloud.run import enveloped

_DELETED = 2


@dataclass(frozen=True)
class Job:
    """A job: its name, and whether it was deleted."""

    name: str
    is_deleted: bool

    @classmethod
    def read(cls, envelope: Fields, job_id: int) -> Job:
        """Read the answer about this job."""
        data = enveloped(envelope)
        found = data.id("id")
        if found != job_id:
            raise MisreadError(f"data.id is {found}, not {job_id}")
        return cls(one_line(data.text("name") or f"job {job_id}"), data.integer("state") == _DELETED)
