"""The export `cancellation`, of a plugin whose tool can stop a run."""

from wit_world.imports import orchestrator_plugin_types as wit

from orchestrator_plugin.component.convert import answered, progress, values
from orchestrator_plugin.plugin import CancellationPlugin
from orchestrator_plugin.wasi_http import WasiHttp


class Cancellation:
    """A subclass of this name, with `plugin`, is the export."""

    plugin: CancellationPlugin

    def cancel(self, connection: list[wit.NamedValue], parameters: list[wit.NamedValue], run: str) -> wit.Progress:
        """`cancellation.cancel`."""
        return answered(lambda: progress(self.plugin.cancel(WasiHttp(), values(connection), values(parameters), run)))
