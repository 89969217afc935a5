"""Plugins as files that a provider carries."""

from __future__ import annotations

import functools
import threading
from dataclasses import dataclass
from pathlib import Path

from orchestrator_host import Host, HostError, Plugin


@dataclass(frozen=True)
class PluginFile:
    """A component's file and the digest that it must have: a file that was exchanged is not loaded."""

    path: Path
    sha256: str
    conn_type: str
    """The type of its connections: the secret of another one is never its."""

    def load(self) -> Plugin:
        """The plugin, compiled once in a process. Blocks while that takes: on an event loop, call it in a thread.

        Raises `LoadError` for a file that cannot be loaded and `ValueError` for one with another digest.
        """
        with _LOADING:
            return _load(self)


_LOADING = threading.Lock()
"""Held while a plugin is loaded: threads that ask for it at once wait for the first."""


@functools.cache
def _host() -> Host:
    # Each task is a process of its own: without the cache, each would compile its plugin anew.
    try:
        return Host(cache=Host.cache_folder())
    except HostError:
        # Of a folder that cannot be used nothing is lost but time. What else is wrong is raised again.
        return Host()


@functools.cache
def _load(file: PluginFile) -> Plugin:
    plugin = _host().load(file.path)
    if plugin.sha256 != file.sha256:
        raise ValueError(f"{file.path} is not the plugin that this provider was made with: install the provider anew")
    return plugin
