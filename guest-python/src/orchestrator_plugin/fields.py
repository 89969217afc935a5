"""JSON of a tool's, read field by field, with errors that name the field."""

from __future__ import annotations

import json
import re
from datetime import datetime, timezone

from orchestrator_plugin.text import shorten

MOST_SHOWN = 40
"""The most characters that an error shows of a value."""

MOST_ID = (1 << 63) - 1
"""The greatest id: the contract's integers have 64 bits."""

_DIGITS = re.compile("[0-9]{1,19}")


class MisreadError(ValueError):
    """A value is not what the tool documents. The message names the field."""


def decoded(body: bytes) -> str:
    """The text of a body, without a byte order mark: the codec that knows it is loaded by its first use, which fails in a component."""
    return body.removeprefix(b"\xef\xbb\xbf").decode(errors="replace")


def parse(body: bytes) -> object:
    """Parse JSON. Bytes that are not UTF-8 and control characters in strings are forgiven."""
    text = decoded(body)
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError) as error:
        start = text.lstrip()
        if not start:
            raise MisreadError("its body is empty") from None
        if start.startswith("<"):
            raise MisreadError("it is a web page (HTML), not JSON") from None
        raise MisreadError(f"it is not JSON: {shorten(str(error), MOST_SHOWN)}") from None


class Fields:
    """The fields of a JSON object. Null counts as absent."""

    def __init__(self, value: object, path: str = "") -> None:
        if not isinstance(value, dict):
            raise MisreadError(f"{path or 'it'} is not an object: {_shown(value)}")
        self._fields: dict[str, object] = value
        self._path = path

    def has(self, name: str) -> bool:
        """Whether there is a field of this name."""
        return self._fields.get(name) is not None

    def object(self, name: str) -> Fields:
        """The required object of this name."""
        return Fields(self._fields.get(name), self._named(name))

    def integer(self, name: str) -> int | None:
        """The optional whole number of this name."""
        value = self._fields.get(name)
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        raise MisreadError(f"{self._named(name)} is not a whole number: {_shown(value)}")

    def id(self, name: str) -> int:
        """The required id of this name: a whole number, which may be in a string."""
        value = self._fields.get(name)
        if isinstance(value, str) and _DIGITS.fullmatch(value):
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_ID:
            return value
        if value is None:
            raise MisreadError(f"{self._named(name)} is missing")
        raise MisreadError(f"{self._named(name)} is not an id: {_shown(value)}")

    def boolean(self, name: str) -> bool | None:
        """The optional boolean of this name. Anything else counts as absent."""
        value = self._fields.get(name)
        return value if isinstance(value, bool) else None

    def text(self, name: str) -> str | None:
        """The optional text of this name, for people: whatever stands there is shown."""
        value = self._fields.get(name)
        return value if value is None or isinstance(value, str) else json.dumps(value)

    def time(self, name: str) -> str | None:
        """The optional time of this name, for people: RFC 3339 in UTC, whole seconds. What is not a time counts as absent."""
        value = self._fields.get(name)
        if not isinstance(value, str):
            return None
        try:
            time = datetime.fromisoformat(value.strip().replace("Z", "+00:00"))
            # Without an offset, a time is in UTC.
            utc = time.astimezone(timezone.utc) if time.tzinfo else time
        except (ValueError, OverflowError):
            return None
        return utc.strftime("%Y-%m-%dT%H:%M:%SZ") if utc.year >= 1000 else None

    def _named(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name


def _shown(value: object) -> str:
    return shorten(json.dumps(value, ensure_ascii=False), MOST_SHOWN)
