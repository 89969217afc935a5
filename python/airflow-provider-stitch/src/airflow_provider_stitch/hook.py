"""The hook of a Stitch connection."""

from orchestrator_airflow import PluginHook

from airflow_provider_stitch.plugin import PLUGIN


class StitchHook(PluginHook):
    """A connection to Stitch: the password is an API access key, the host is left empty but for simulators."""

    plugin_file = PLUGIN
    conn_name_attr = "stitch_conn_id"
    default_conn_name = "stitch_default"
    conn_type = "stitch"
    hook_name = "Stitch"
