"""The API profile of a tool: its name, its headers and the shapes of its errors."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class ApiProfile:
    """A constant of each plugin. Errors begin with `name`; `run` is the tool's word for one.

    `code_at` and `message_at` are where the code and the message stand in the body of an error: paths of field names from the
    outside in, of which the first that leads to text counts. `not_found` are codes that mean so whatever the status is.
    """

    name: str
    run: str
    user_agent: str
    code_at: Sequence[Sequence[str]] = ()
    message_at: Sequence[Sequence[str]] = ()
    not_found: Sequence[str] = ()
    accept: str = "application/json"
