"""The plugin for Stitch, which the provider carries."""

from pathlib import Path

from orchestrator_airflow import PluginFile

_PATH = Path(__file__).with_name("stitch_plugin.wasm")

PLUGIN = PluginFile(_PATH, _PATH.with_name("stitch_plugin.wasm.sha256").read_text().strip(), "stitch")
"""The component, and the digest that it was packed with."""
