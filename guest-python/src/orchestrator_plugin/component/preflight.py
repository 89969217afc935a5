"""The export `preflight`, of a plugin that can tell whether a run could start."""

from wit_world.exports import preflight
from wit_world.imports import orchestrator_plugin_types as wit

from orchestrator_plugin.component.convert import answered, text, values
from orchestrator_plugin.plugin import PreflightPlugin
from orchestrator_plugin.wasi_http import WasiHttp


class Preflight:
    """A subclass of this name, with `plugin`, is the export."""

    plugin: PreflightPlugin

    def check(self, connection: list[wit.NamedValue], parameters: list[wit.NamedValue]) -> list[preflight.Finding]:
        """`preflight.check`."""
        found = answered(lambda: self.plugin.check(WasiHttp(), values(connection), values(parameters)))
        return [
            preflight.Finding(each.code, preflight.FindingStatus[each.status.name], text(each.message))
            for each in found
        ]
