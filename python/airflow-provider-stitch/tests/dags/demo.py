"""A DAG of syncs that end in every way."""

from typing import Any

from airflow.sdk import DAG
from airflow_provider_stitch.operator import StitchSyncOperator
from orchestrator_host import PollPolicy
from simulator import (
    ALREADY_RUNNING,
    DELETED,
    LOADS,
    NOT_CONFIGURED,
    ON_PAGE_3,
    SUCCEEDS,
    SUPERSEDED,
    TAP_FAILS,
    TERMINATED,
)

SYNCS: dict[str, dict[str, Any]] = {
    "succeeds": {"source_id": SUCCEEDS},
    "is_on_page_3": {"source_id": ON_PAGE_3},
    "is_loaded": {"source_id": LOADS, "wait_for": "load"},
    "tap_fails": {"source_id": TAP_FAILS},
    "is_terminated": {"source_id": TERMINATED},
    "is_superseded": {"source_id": SUPERSEDED},
    "runs_already": {"source_id": ALREADY_RUNNING},
    "runs_already_and_is_waited_for": {"source_id": ALREADY_RUNNING, "on_already_running": "attach"},
    "runs_already_and_is_skipped": {"source_id": ALREADY_RUNNING, "on_already_running": "skip"},
    "is_deleted": {"source_id": DELETED},
    "is_not_configured": {"source_id": NOT_CONFIGURED},
}

with DAG(dag_id="demo", schedule=None) as DEMO:
    for name, arguments in SYNCS.items():
        # As often as only a simulator may be polled.
        StitchSyncOperator(task_id=name, policy=PollPolicy(interval=0.2, ignore_hint=True), **arguments)
