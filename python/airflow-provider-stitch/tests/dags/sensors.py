"""DAGs that wait for syncs which Stitch's own schedule starts."""

from airflow.sdk import DAG, Asset
from airflow_provider_stitch.sensor import StitchSyncSensor
from orchestrator_host import PollPolicy
from simulator import ALREADY_RUNNING

SYNCED = Asset("synced")

DAGS = {}
for name, deferrable in {"waits": True, "waits_in_the_worker": False}.items():
    with DAG(dag_id=name, schedule=None) as dag:
        StitchSyncSensor(
            task_id="sync",
            # One of its syncs is always running.
            source_id=f"{{{{ {ALREADY_RUNNING} }}}}",
            policy=PollPolicy(interval=0.2, ignore_hint=True),
            deferrable=deferrable,
            outlets=[SYNCED],
        )
    DAGS[name] = globals()[name] = dag

with DAG(dag_id="after_a_sync", schedule=[SYNCED]):
    pass
