"""What one task is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from orchestrator_plugin import Inputs, Value

from dbt_cloud.descriptor import CAUSE


@dataclass(frozen=True)
class Parameters:
    """The job, and what dbt Cloud shows as the cause of its run."""

    job_id: int
    cause: str

    @classmethod
    def parse(cls, values: Mapping[str, Value]) -> Parameters:
        """Parse the values that the host hands in."""
        inputs = Inputs(values)
        job_id = inputs.id("job_id", "it is the number at the end of the job's URL in dbt Cloud")
        return cls(job_id, inputs.text("cause") or CAUSE)
