"""The export `task`, which every plugin has."""

from wit_world.imports import orchestrator_plugin_types as wit

from orchestrator_plugin.component.convert import answered, descriptor, progress, values
from orchestrator_plugin.plugin import TaskPlugin
from orchestrator_plugin.wasi_http import WasiHttp


class Task:
    """A subclass of this name, with `plugin`, is the export."""

    plugin: TaskPlugin

    def describe(self) -> wit.Descriptor:
        """`task.describe`."""
        return descriptor(self.plugin.describe())

    def trigger(self, connection: list[wit.NamedValue], parameters: list[wit.NamedValue]) -> wit.Progress:
        """`task.trigger`."""
        return answered(lambda: progress(self.plugin.trigger(WasiHttp(), values(connection), values(parameters))))

    def poll(self, connection: list[wit.NamedValue], parameters: list[wit.NamedValue], run: str) -> wit.Progress:
        """`task.poll`."""
        return answered(lambda: progress(self.plugin.poll(WasiHttp(), values(connection), values(parameters), run)))
