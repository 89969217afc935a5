"""The DAGs of an Airflow whose processes are killed, of a simulator at Stitch's own pace."""

from datetime import timedelta

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, Asset
from airflow_provider_stitch.operator import StitchSyncOperator
from orchestrator_host import PollPolicy
from simulator import ORDINARY, SUCCEEDS

KILLED = ORDINARY[:20]
ENDED, CLEARED = ORDINARY[20:22]
MOVED = SUCCEEDS

HURRIED = PollPolicy(interval=4, ignore_hint=True)

with DAG(
    dag_id="killed", schedule=None, default_args={"retries": 30, "retry_delay": timedelta(seconds=1)}
) as KILLED_DAG:
    for source in KILLED:
        outlets = [Asset("first")] if source == KILLED[0] else []
        StitchSyncOperator(task_id=str(source), source_id=source, policy=HURRIED, outlets=outlets)

with DAG("follows", schedule=[Asset("first")]):
    EmptyOperator(task_id="follow")

with DAG(dag_id="ended", schedule=None) as ENDED_DAG:
    for source in (ENDED, CLEARED, MOVED):
        StitchSyncOperator(task_id=str(source), source_id=source, policy=HURRIED)
