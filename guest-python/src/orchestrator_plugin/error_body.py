"""The body of an error response."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from orchestrator_plugin.api_profile import ApiProfile
from orchestrator_plugin.fields import MisreadError, decoded, parse
from orchestrator_plugin.text import shorten

MOST_CHARACTERS = 2_000
"""The most characters that are kept of a message or of a body."""

_CODE = re.compile("[a-z][a-z0-9_]{0,63}")


@dataclass(frozen=True)
class ErrorBody:
    """What an error response says. `raw` is the message or, without one, the body as it is."""

    code: str | None = None
    message: str | None = None
    raw: str | None = None

    @classmethod
    def parse(cls, profile: ApiProfile, body: bytes) -> ErrorBody:
        """Parse a body, whatever it is: gateways have shapes of their own, and it may be empty."""
        whole = _said(decoded(body))
        try:
            value = parse(body)
        except MisreadError:
            return cls(raw=whole)
        message = _said(_text_at(value, profile.message_at) or "")
        code = re.sub("[ -]", "_", _text_at(value, profile.code_at) or "").lower()
        raw = message or (whole if value not in (None, {}, [], "") else None)
        return cls(code if _CODE.fullmatch(code) else None, message, raw)


def _text_at(value: object, paths: Sequence[Sequence[str]]) -> str | None:
    for path in paths:
        found = value
        for name in path:
            found = found.get(name) if isinstance(found, dict) else None
        if isinstance(found, str):
            return found
    return None


def _said(text: str) -> str | None:
    return shorten(text.strip(), MOST_CHARACTERS) or None
