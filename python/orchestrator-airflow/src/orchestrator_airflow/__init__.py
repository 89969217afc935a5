"""Plugins of orchestrator-host as Airflow operators. It knows no tool.

An operator is made of a `PluginFile`, a `PluginTrigger` with that file, and a `PluginOperator` with both: some lines each. So is a
sensor, where a plugin's parameters let its trigger only wait.
"""

from orchestrator_airflow.connection_form import connection_type
from orchestrator_airflow.hook import PluginHook
from orchestrator_airflow.link import RunLink
from orchestrator_airflow.operator import PluginOperator
from orchestrator_airflow.plugin_file import PluginFile
from orchestrator_airflow.sensor import PluginSensor
from orchestrator_airflow.trigger import PluginTrigger

__all__ = ["PluginFile", "PluginHook", "PluginOperator", "PluginSensor", "PluginTrigger", "RunLink", "connection_type"]
