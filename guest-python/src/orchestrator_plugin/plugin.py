"""The functions that a plugin's core has: a module or an object with them is what the component's edge calls."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from orchestrator_plugin.contract import Descriptor, Finding, Progress, Value
from orchestrator_plugin.http import Http


class TaskPlugin(Protocol):
    """What every plugin has. Failed calls raise `TaskError`."""

    def describe(self) -> Descriptor:
        """Say what the plugin is and what it takes."""
        ...

    def trigger(self, http: Http, connection: Mapping[str, Value], parameters: Mapping[str, Value]) -> Progress:
        """Start one run."""
        ...

    def poll(self, http: Http, connection: Mapping[str, Value], parameters: Mapping[str, Value], run: str) -> Progress:
        """Ask how a run stands, and change nothing."""
        ...


class CancellationPlugin(Protocol):
    """What a plugin has whose tool can stop a run."""

    def cancel(
        self, http: Http, connection: Mapping[str, Value], parameters: Mapping[str, Value], run: str
    ) -> Progress:
        """Look how the run stands, and ask the tool to stop it unless it has ended."""
        ...


class PreflightPlugin(Protocol):
    """What a plugin has that can tell whether a run could start."""

    def check(self, http: Http, connection: Mapping[str, Value], parameters: Mapping[str, Value]) -> Sequence[Finding]:
        """Look whether a run could start, and change nothing."""
        ...
