"""DAGs of one sync each."""

from typing import Any

from airflow.sdk import DAG
from airflow_provider_stitch.operator import StitchSyncOperator
from orchestrator_host import PollPolicy
from simulator import ON_PAGE_3, SUCCEEDS, TAP_FAILS

HURRIED = PollPolicy(interval=0.2, ignore_hint=True)

CASES: dict[str, dict[str, Any]] = {
    "succeeds": {"source_id": "{{ 120_000 + 643 }}"},
    "succeeds_in_the_worker": {"source_id": SUCCEEDS, "deferrable": False},
    "tap_fails": {"source_id": TAP_FAILS},
}

with DAG(dag_id="mapped", schedule=None) as MAPPED:
    StitchSyncOperator.partial(task_id="sync", policy=HURRIED).expand(source_id=[SUCCEEDS, ON_PAGE_3])

DAGS = {}
for name, arguments in CASES.items():
    with DAG(dag_id=name, schedule=None) as dag:
        StitchSyncOperator(task_id="sync", policy=HURRIED, **arguments)
    DAGS[name] = globals()[name] = dag
