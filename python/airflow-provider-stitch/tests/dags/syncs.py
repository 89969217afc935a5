"""A DAG for each way in which a sync of the simulator ends."""

from typing import Any

from airflow.sdk import DAG
from airflow_provider_stitch.operator import StitchSyncOperator
from orchestrator_host import PollPolicy
from simulator import ALREADY_RUNNING, ON_PAGE_3, SUCCEEDS, SUPERSEDED, TAP_FAILS, TERMINATED

HURRIED = PollPolicy(interval=0.2, ignore_hint=True)

CASES: dict[str, dict[str, Any]] = {
    "succeeds": {"source_id": "{{ 120_000 + 643 }}"},
    "succeeds_in_the_worker": {"source_id": SUCCEEDS, "deferrable": False},
    "tap_fails": {"source_id": TAP_FAILS},
    "is_terminated": {"source_id": TERMINATED},
    "is_superseded": {"source_id": SUPERSEDED},
    "is_on_page_3": {"source_id": ON_PAGE_3},
    "runs_already": {"source_id": ALREADY_RUNNING},
    "runs_already_and_is_skipped": {"source_id": ALREADY_RUNNING, "on_already_running": "skip"},
}

DAGS = {}
for name, arguments in CASES.items():
    with DAG(dag_id=name, schedule=None) as dag:
        StitchSyncOperator(task_id="sync", policy=HURRIED, **arguments)
    DAGS[name] = globals()[name] = dag
