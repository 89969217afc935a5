"""What OpenLineage's provider is told of a sync."""

import json

import pytest
from airflow.providers.openlineage.extractors.base import DefaultExtractor
from airflow.sdk.bases.operator import ExecutorSafeguard
from airflow.sdk.exceptions import AirflowException
from airflow_provider_stitch.operator import StitchSyncOperator
from openlineage.client.serde import Serde
from simulator import SUCCEEDS, TAP_FAILS, Simulator
from workers import Store, context, operator


@pytest.fixture(autouse=True)
def without_airflow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ExecutorSafeguard, "test_mode", True)


def run_facets(task: StitchSyncOperator) -> dict[str, dict[str, object]]:
    """The facets as an event has them."""
    found = DefaultExtractor(task).extract_on_failure(None)
    assert found is not None
    assert (found.inputs, found.outputs, found.job_facets) == ([], [], {})
    return {name: json.loads(Serde.to_json(facet)) for name, facet in found.run_facets.items()}


@pytest.mark.parametrize(("source", "verdict"), [(SUCCEEDS, "succeeded"), (TAP_FAILS, "failed")])
def test_a_sync_tells_its_verdict_and_its_metadata_however_it_ended(
    stitch: Simulator, source: int, verdict: str
) -> None:
    task = operator(source, deferrable=False)
    assert run_facets(task) == {}
    try:
        task.execute(context(Store()))
    except AirflowException:
        assert verdict == "failed"
    facet = run_facets(task)["orchestrator_run"]
    assert (facet["tool"], facet["verdict"]) == ("stitch", verdict)
    metadata = facet["metadata"]
    assert isinstance(metadata, dict)
    assert metadata["source_id"] == source
    assert stitch.token not in json.dumps(facet)
