"""Hooks: what Airflow's "Test connection" asks for."""

from __future__ import annotations

from typing import ClassVar

from airflow.sdk.bases.hook import BaseHook
from orchestrator_host import CallError, Descriptor, Field

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
        self.conn_id = names.pop(self.conn_name_attr, self.default_conn_name)
        if names:
            # The default connection in the place of the one that was meant would be tested in its name.
            raise TypeError(f"{type(self).__name__} takes {self.conn_name_attr} and not {', '.join(names)}")

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
    return {field.name: _example(field) for field in descriptor.parameters if field.required}


def _example(field: Field) -> Value:
    if field.one_of:
        return field.one_of[0]
    if field.example is not None:
        return field.example
    if field.kind == "text":
        return "example"
    if field.kind == "boolean":
        return False
    return next((limit for limit in (field.minimum, field.maximum) if limit is not None), 1)
