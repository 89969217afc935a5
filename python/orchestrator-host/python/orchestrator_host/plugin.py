"""Plugins: loaded, and ready to be described and called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from orchestrator_host import _native, outcome
from orchestrator_host.descriptor import Descriptor
from orchestrator_host.rate_limiter import RateLimiter
from orchestrator_host.task import Task


class Plugin:
    """A plugin, compiled. Every call of its tasks runs in a sandbox of its own."""

    def __init__(self, plugin: _native.Plugin) -> None:
        self._plugin = plugin

    @property
    def sha256(self) -> str:
        """The digest of the component, in hexadecimal digits: whether a file has changed since a run was begun."""
        return self._plugin.sha256

    @cached_property
    def functions(self) -> frozenset[str]:
        """The functions that it exports: `describe`, `trigger` and `poll`, and of the optional ones those it has."""
        return frozenset(self._plugin.functions())

    def describe(self) -> Descriptor:
        """What the plugin is and what it takes. Asks it once, without any network, and blocks for milliseconds.

        Raises `CallError` where the plugin breaks the contract.
        """
        return self._descriptor

    @cached_property
    def _descriptor(self) -> Descriptor:
        return Descriptor.from_document(outcome.document(self._plugin.describe(), "descriptor"))

    def task(
        self,
        *,
        connection: Mapping[str, str | bool | int | float] | None = None,
        secrets: Mapping[str, _native.Secret] | None = None,
        parameters: Mapping[str, str | bool | int | float] | None = None,
        allow: Sequence[str] = (),
        allow_internal: Sequence[str] = (),
        expose_secrets: bool = False,
        rate_limiter: RateLimiter | None = None,
    ) -> Task:
        """Makes a task, whose inputs are checked against the descriptor.

        A text is parsed as its field's kind; a secret of the connection or of the parameters goes into `secrets`. `allow` grants origins
        (`https://api.example.com`), or methods and a path there (`GET,POST https://api.example.com/v4`); `allow_internal` grants
        names that lead into this machine's own networks. Nothing else can be reached. `expose_secrets` hands the secrets themselves to
        a plugin that computes with them, which otherwise gets placeholders. With a `rate_limiter`, polls wait until the account's
        rate limit allows them, and other calls count.

        Raises `InputError` for what the plugin does not take, `TypeError` for a secret that is not a `Secret`, `CallError` as `describe`.
        """
        if isinstance(allow, str) or isinstance(allow_internal, str):
            raise TypeError("`allow` and `allow_internal` must be lists of grants, not a str")
        self.describe()
        return Task(
            self._plugin.task(
                connection=dict(connection or {}),
                secrets=dict(secrets or {}),
                parameters=dict(parameters or {}),
                allow=list(allow),
                allow_internal=list(allow_internal),
                expose_secrets=expose_secrets,
                rate_limiter=None if rate_limiter is None else rate_limiter._rate_limiter,
            )
        )
