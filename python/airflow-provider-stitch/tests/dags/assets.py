"""A DAG that runs once a source was loaded into the warehouse, and the DAGs that load one."""

from airflow.sdk import DAG, Asset, task
from airflow_provider_stitch.operator import StitchSyncOperator
from orchestrator_host import PollPolicy
from simulator import LOAD_FAILS, LOADS

HURRIED = PollPolicy(interval=0.2, ignore_hint=True)
SHOPIFY = Asset("shopify")

with DAG(dag_id="loads", schedule=None) as LOADING:
    StitchSyncOperator(task_id="sync", source_id=LOADS, wait_for="load", policy=HURRIED, outlets=[SHOPIFY])

with DAG(dag_id="fails_to_load", schedule=None) as FAILING:
    StitchSyncOperator(task_id="sync", source_id=LOAD_FAILS, wait_for="load", policy=HURRIED, outlets=[SHOPIFY])

with DAG(dag_id="reports", schedule=[SHOPIFY]) as REPORTING:

    @task
    def report() -> None:
        """Reads what was loaded."""

    report()
