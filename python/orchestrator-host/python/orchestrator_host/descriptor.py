"""Descriptors: what a plugin says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a connection or of the parameters: enough to draw a form."""

    name: str
    """Its name in `connection`, `secrets` or `parameters`."""
    label: str
    """What a form calls it."""
    description: str
    """One sentence for the person who fills it in."""
    kind: Literal["text", "integer", "decimal", "boolean"]
    """The kind of value that it takes."""
    required: bool
    """Whether a task without it is refused."""
    secret: bool
    """Whether its value is given as a `Secret`."""
    one_of: tuple[str, ...]
    """The only texts allowed. Empty: any."""
    minimum: int | None
    """The least whole number allowed."""
    maximum: int | None
    """The greatest whole number allowed."""
    default: str | bool | int | float | None
    """What an absent field means."""
    example: str | bool | int | float | None
    """An example for a form, never a value that works."""


@dataclass(frozen=True, slots=True)
class RequestBudget:
    """What a tool allows an account to be polled: so many requests in any window."""

    requests: int
    """The most requests in a window."""
    window: float
    """The length of the window, in seconds."""
    paths: tuple[str, ...]
    """The paths whose requests count, such as `/v4/*/extractions`, with all below them. Empty: every request counts."""


@dataclass(frozen=True, slots=True)
class Descriptor:
    """The descriptor of a plugin."""

    name: str
    """The plugin's own name, under which runs are filed."""
    version: str
    """The plugin's version."""
    tool: str
    """The tool that it drives, as people write it."""
    parameters: tuple[Field, ...]
    """The fields of a task."""
    connection: tuple[Field, ...]
    """The fields of a connection, the secret ones among them."""
    origins: tuple[str, ...]
    """The origins that it wants to reach where every field has its default. They are not granted by that."""
    poll_budget: RequestBudget | None
    """What the tool allows an account. None: it states no limit."""

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Descriptor:
        """The descriptor in a document of the host."""
        budget = document["poll_budget"]
        return cls(
            name=document["name"],
            version=document["version"],
            tool=document["tool"],
            parameters=tuple(_field(field) for field in document["parameters"]),
            connection=tuple(_field(field) for field in document["connection"]),
            origins=tuple(document["origins"]),
            poll_budget=budget
            and RequestBudget(
                requests=budget["requests"], window=budget["window_ms"] / 1000, paths=tuple(budget["paths"])
            ),
        )


def _field(document: Mapping[str, Any]) -> Field:
    return Field(**{**document, "one_of": tuple(document["one_of"])})
