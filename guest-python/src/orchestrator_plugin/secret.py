"""Secrets, which do not show themselves."""

import json

MOST_BYTES = 8 << 10
"""The most bytes of a secret: servers take at least 8 KiB in a header."""


class Secret:
    """A token or the like, as a person copied it from the tool. Raises `ValueError`, which does not repeat it."""

    def __init__(self, text: str) -> None:
        text = text.strip().strip("\ufeff")
        if not text:
            raise ValueError("must not be empty")
        if len(text) > MOST_BYTES:
            raise ValueError("must be at most 8 KiB long: no server takes a longer header")
        if text.partition(" ")[0].lower() in {"bearer", "token"} and " " in text:
            raise ValueError("must not begin with `Bearer` or `Token`: give the token alone")
        if not all("!" <= character <= "~" and character not in '"\\*' for character in text):
            raise ValueError("must be one word of ASCII: it holds a space, a line break or another character")
        self._text = text

    def expose(self) -> str:
        """The secret itself, for sending only."""
        return self._text

    def redact(self, body: bytes) -> bytes:
        """An answer that repeats the secret, without it."""
        escaped = json.dumps(self._text)[1:-1].replace("/", "\\/")
        for form in {self._text, escaped}:
            body = body.replace(form.encode(), b"***")
        return body

    def __repr__(self) -> str:
        return "Secret(***)"
