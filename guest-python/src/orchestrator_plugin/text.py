"""Text of a tool's, as people are shown it."""

import re

MOST_LINE_CHARACTERS = 300
"""The most characters that a line quotes of a tool's message."""

_LINE_ENDS = re.compile("[\n\r\x85\u2028\u2029]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")


def shorten(text: str, most: int) -> str:
    """At most so many characters of a text, with an ellipsis for what was cut."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def one_line(text: str) -> str:
    """The first line that is not blank, with control characters replaced: a terminal would obey them."""
    lines = (line.strip() for line in _LINE_ENDS.split(text))
    line = next((line for line in lines if line), "")
    return shorten(_CONTROL.sub("\ufffd", line), MOST_LINE_CHARACTERS)
