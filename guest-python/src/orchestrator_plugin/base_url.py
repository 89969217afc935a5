"""The base URL of a tool's API."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class BaseUrl:
    """An absolute URL of HTTP, in its parts. `path` has no slash at its end."""

    is_https: bool
    authority: str
    path: str

    @classmethod
    def parse(cls, text: str) -> BaseUrl:
        """Parse a URL. Raises `ValueError`, which does not repeat it: it may hold a password."""
        form = "must be an absolute URL such as https://api.example.com"
        if not text.isascii() or any(character <= " " or character in '\\<>"{}|^`\x7f' for character in text):
            raise ValueError(form)
        try:
            parts = urlsplit(text)
            port = parts.port
        except ValueError:
            raise ValueError(form) from None
        if not parts.hostname:
            raise ValueError(form)
        if parts.scheme not in {"http", "https"}:
            raise ValueError("must begin with https:// or http://")
        if "@" in parts.netloc:
            raise ValueError("must not hold a user or a password: credentials have fields of their own")
        if port == 0:
            raise ValueError("must have a port from 1 to 65535, or none")
        if "?" in text or "#" in text:
            raise ValueError("must not hold a query or a fragment")
        return cls(parts.scheme == "https", parts.netloc, parts.path.rstrip("/"))

    def __str__(self) -> str:
        return f"{'https' if self.is_https else 'http'}://{self.authority}{self.path}"
