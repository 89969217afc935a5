"""The trigger of a Stitch sync."""

from orchestrator_airflow import PluginTrigger

from airflow_provider_stitch.plugin import PLUGIN


class StitchSyncTrigger(PluginTrigger):
    """The watch over a Stitch sync."""

    plugin_file = PLUGIN
