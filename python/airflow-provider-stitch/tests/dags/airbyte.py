"""An operator for another plugin, and a DAG of it."""

import hashlib

from airflow.sdk import DAG
from orchestrator_airflow import PluginFile, PluginOperator, PluginTrigger
from orchestrator_host import PollPolicy
from programs import built

PLUGIN = built("AIRBYTE_PLUGIN")


class AirbyteTrigger(PluginTrigger):
    """The watch over an Airbyte sync."""

    plugin_file = PluginFile(PLUGIN, hashlib.sha256(PLUGIN.read_bytes()).hexdigest(), "airbyte")


class AirbyteOperator(PluginOperator):
    """An Airbyte sync."""

    trigger_class = AirbyteTrigger


with DAG(dag_id="airbyte", schedule=None) as DAG_OF_AIRBYTE:
    AirbyteOperator(
        task_id="sync",
        conn_id="airbyte_default",
        parameters={"connection_id": "{{ var.value.airbyte_connection }}"},
        policy=PollPolicy(interval=0.2, ignore_hint=True),
    )
