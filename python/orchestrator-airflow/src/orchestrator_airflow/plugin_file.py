"""Plugins as files that a provider carries."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

from orchestrator_host import Host, Plugin


@dataclass(frozen=True)
class PluginFile:
    """A component's file and the digest that it must have: a file that was exchanged is not loaded."""

    path: Path
    sha256: str

    def load(self) -> Plugin:
        """The plugin, compiled once in a process. Blocks while that takes: on an event loop, call it in a thread.

        Raises `LoadError` for a file that cannot be loaded and `ValueError` for one with another digest.
        """
        return _load(self)


@functools.cache
def _host() -> Host:
    return Host()


@functools.cache
def _load(file: PluginFile) -> Plugin:
    plugin = _host().load(file.path)
    if plugin.sha256 != file.sha256:
        raise ValueError(f"{file.path} is not the plugin that this provider was made with: install the provider anew")
    return plugin
