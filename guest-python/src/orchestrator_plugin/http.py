"""HTTP requests and answers, and the seam between a plugin's core and the network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from orchestrator_plugin.base_url import BaseUrl


@dataclass(frozen=True)
class Request:
    """A request. `path` and its query are appended to the base URL; the headers may hold a secret."""

    method: str
    base_url: BaseUrl
    path: str
    headers: Mapping[str, str] = field(repr=False, default_factory=dict)
    body: bytes = b""


class SendError(Exception):
    """No whole answer came to a request. Its text says what happened instead."""


class DeniedError(SendError):
    """The host did not let the request out."""


class NotSentError(SendError):
    """Nothing was sent, so nothing took effect."""


class NoAnswerError(SendError):
    """The request may have been received. `raw` is the host's own message, if it has one."""

    def __init__(self, cause: str, raw: str | None = None) -> None:
        super().__init__(cause)
        self.raw = raw


class UnusableAnswerError(NoAnswerError):
    """The request may have been received, and asking again would bring the same answer."""


@dataclass(frozen=True)
class Answer:
    """A response. The names of its headers are in lower case; `cut` says why the body is not whole, if it is not."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    cut: SendError | None = None


class Http(Protocol):
    """Sends one request and waits for its answer. A component has wasi:http here, a test a script."""

    def send(self, request: Request) -> Answer:
        """Send the request exactly once. Raises `SendError`."""
        ...
