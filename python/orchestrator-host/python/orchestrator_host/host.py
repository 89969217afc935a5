"""Hosts: built once, with the limits of every call."""

from __future__ import annotations

import os
from collections.abc import Mapping

from orchestrator_host import _native
from orchestrator_host.plugin import Plugin


class Host:
    """A host: an engine for plugins, and their limits. Build one, and share it between threads and event loops.

    It survives `os.fork()`: a child builds an engine of its own at its first call, from what its parent's objects were made of.
    """

    def __init__(
        self,
        *,
        limits: str | Mapping[str, str | int] | None = None,
        roots: bytes | None = None,
        cache: str | os.PathLike[str] | None = None,
    ) -> None:
        """Sets a host up.

        `limits` changes what one call may take, by the names in host-harness's README: a time (`30s`), a size (`64MiB`), a count, or
        `none`; or it is the name of a set of limits, such as `interpreter` for plugins in Python, which a mapping names as `base`.
        `roots` are further root certificates in PEM, such as those of a company's own authority. `cache` is a folder where compiled
        plugins are kept, such as `cache_folder()`: compiled code is trusted, so no other user may write to it, and no checkout, archive
        or cache of continuous integration may fill it.

        Raises `ValueError` for a limit that is not one and `HostError` where the machine lacks something or the cache's folder is not
        this user's alone.
        """
        named = {"base": limits} if isinstance(limits, str) else limits or {}
        self._host = _native.Host({name: str(value) for name, value in named.items()}, roots, cache)

    @staticmethod
    def cache_folder() -> str | None:
        """The default folder for `cache`, which host-harness's command line shares. None where the user has no home."""
        folder = _native.Host.cache_folder()
        return None if folder is None else os.fspath(folder)

    def load(self, component: str | os.PathLike[str] | bytes) -> Plugin:
        """Loads a plugin from a component's file, or from its bytes. None of its code runs.

        Compiles it, unless it is in the cache, which blocks for some 100 ms as a rule and the limit `compile` at most: on an event
        loop, load before it runs or in a thread. Raises `LoadError` for what cannot be read or is not a plugin.
        """
        return Plugin(self._host.load(component))
