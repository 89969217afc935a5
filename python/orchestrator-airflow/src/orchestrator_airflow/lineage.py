"""What OpenLineage is told of a run. Imported only where its provider for Airflow is installed: the extra `openlineage`."""

from __future__ import annotations

from typing import Any

from airflow.providers.openlineage.extractors import OperatorLineage
from attrs import define
from openlineage.client.facet_v2 import RunFacet

FACET = "orchestrator_run"
"""The name of the run facet."""


@define
class PluginRunFacet(RunFacet):
    """How a tool's run ended, as the XCom `outcome` has it. Nothing of it is a secret."""

    tool: str
    verdict: str
    message: str
    run: str | None
    metadata: dict[str, Any]


def lineage(tool: str, outcome: dict[str, Any] | None) -> OperatorLineage[Any, Any]:
    """The facets of a task. Plugins name no datasets of their runs, so those are the task's own inlets and outlets."""
    if outcome is None:
        return OperatorLineage()
    return OperatorLineage(run_facets={FACET: PluginRunFacet(tool=tool, **outcome)})
