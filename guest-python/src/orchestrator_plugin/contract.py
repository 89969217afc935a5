"""The nouns of the contract, as `wit/types.wit` describes them, in Python's own types.

They need no component: a plugin's core is tested natively with them. `component.convert` turns them into the generated ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

Value = str | bool | int | float
"""One value of a connection, of the parameters or of the metadata."""


class FieldKind(Enum):
    """The kind of value that a field takes."""

    TEXT = auto()
    BOOLEAN = auto()
    INTEGER = auto()
    DECIMAL = auto()


@dataclass(frozen=True)
class Field:
    """One field of a connection or of the parameters: enough to draw a form and to reject bad input."""

    name: str
    label: str
    description: str
    kind: FieldKind = FieldKind.TEXT
    required: bool = False
    secret: bool = False
    one_of: Sequence[str] = ()
    minimum: int | None = None
    maximum: int | None = None
    default: Value | None = None
    example: Value | None = None


@dataclass(frozen=True)
class RequestBudget:
    """How many requests the tool allows an account in any stretch of so many milliseconds. `paths` has those that count: all, if empty."""

    requests: int
    window_ms: int
    paths: Sequence[str] = ()


@dataclass(frozen=True)
class Descriptor:
    """What a plugin says of itself."""

    name: str
    version: str
    tool: str
    parameters: Sequence[Field]
    connection: Sequence[Field]
    origins: Sequence[str]
    poll_budget: RequestBudget | None = None


class Verdict(Enum):
    """How a run ended: never a guess."""

    SUCCEEDED = auto()
    FAILED = auto()
    CANCELLED = auto()
    UNKNOWN = auto()
    SKIPPED = auto()


class StepStatus(Enum):
    """Where one step of a run stands."""

    PENDING = auto()
    RUNNING = auto()
    SUCCEEDED = auto()
    FAILED = auto()
    CANCELLED = auto()
    UNKNOWN = auto()


@dataclass(frozen=True)
class Step:
    """One step of a run, in the tool's own terms."""

    name: str
    status: StepStatus
    exit_code: int | None = None
    message: str | None = None


@dataclass(frozen=True)
class Link:
    """A place where a person finds more."""

    label: str
    url: str


@dataclass(frozen=True)
class Report:
    """What can be said of a run now. Times are RFC 3339 in UTC."""

    message: str
    steps: Sequence[Step] = ()
    started_at: str | None = None
    completed_at: str | None = None
    metadata: Mapping[str, Value] = field(default_factory=dict)
    links: Sequence[Link] = ()


@dataclass(frozen=True)
class Running:
    """A run that goes on: `run` is what the next poll gets, after so many milliseconds."""

    run: str
    poll_after_ms: int
    report: Report


@dataclass(frozen=True)
class Finished:
    """A run that has ended."""

    verdict: Verdict
    report: Report


Progress = Running | Finished
"""Where a run stands."""


class ErrorKind(Enum):
    """What the caller of a failed call can do about it."""

    INVALID_INPUT = auto()
    UNAUTHORIZED = auto()
    NOT_FOUND = auto()
    REJECTED = auto()
    UNAVAILABLE = auto()
    OUTCOME_UNKNOWN = auto()
    NOT_UNDERSTOOD = auto()
    DENIED = auto()
    INTERNAL = auto()


@dataclass(eq=False)
class TaskError(Exception):
    """The call failed, which says nothing about the run."""

    kind: ErrorKind
    code: str
    message: str
    raw_message: str | None = None
    http_status: int | None = None
    retry_after_ms: int | None = None
    may_have_started: bool = False

    def __str__(self) -> str:
        return self.message


class FindingStatus(Enum):
    """What looking at one thing showed."""

    OK = auto()
    WARNING = auto()
    PROBLEM = auto()


@dataclass(frozen=True)
class Finding:
    """One thing that `check` looked at."""

    code: str
    status: FindingStatus
    message: str
