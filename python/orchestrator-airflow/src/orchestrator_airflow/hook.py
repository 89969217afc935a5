"""Hooks: what Airflow's "Test connection" asks for."""

from __future__ import annotations

from typing import ClassVar

from airflow.sdk.bases.hook import BaseHook
from orchestrator_host import CallError, Descriptor

from orchestrator_airflow.connection import Value, task
from orchestrator_airflow.plugin_file import PluginFile


class PluginHook(BaseHook):
    """The hook of a plugin's connection type."""

    plugin_file: ClassVar[PluginFile]
    """The plugin."""

    conn_name_attr: ClassVar[str]
    """The parameter that names a connection, as Airflow gives it."""
    default_conn_name: ClassVar[str]
    """The connection that is taken where none is named."""

    def __init__(self, **names: str) -> None:
        super().__init__()
        self.conn_id = names.get(self.conn_name_attr, self.default_conn_name)

    def test_connection(self) -> tuple[bool, str]:
        """Whether the tool accepts the connection. Starts nothing."""
        plugin = self.plugin_file.load()
        try:
            connection, conn_type = self.get_connection(self.conn_id), self.plugin_file.conn_type
            findings = task(plugin, connection, conn_type, _examples(plugin.describe())).check()
        except (CallError, ValueError) as error:
            return False, str(error)
        if not findings:
            return True, "the tool accepts the connection"
        # The first is about the connection, which is asked for here; others are about a task that does not exist.
        return findings[0].status != "problem", findings[0].message


def _examples(descriptor: Descriptor) -> dict[str, Value]:
    """Parameters of the right form: a connection is tested without any task."""
    examples: dict[str, Value] = {}
    for field in descriptor.parameters:
        if field.required:
            example = field.example if field.example is not None else field.minimum
            examples[field.name] = 1 if example is None else example
    return examples
