"""Errors of calls."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any


class Effect(str, Enum):
    """What a call has started, as far as it is known."""

    NOTHING = "nothing"
    """It started no run."""
    PERHAPS = "perhaps"
    """It may have started a run: nothing is triggered again before that is settled."""
    CERTAINLY = "certainly"
    """A run was started."""


class NextStep(str, Enum):
    """What follows from a `trigger` or a `settle` that failed."""

    SETTLE = "settle"
    """A run may have been started: call `settle`, after `start_backoff`."""
    RETRY = "retry"
    """No run was started, and another trigger is safe and may help, after `start_backoff`."""
    GIVE_UP = "give_up"
    """No run was started, and another trigger would not help."""
    ASK_A_PERSON = "ask_a_person"
    """A run may have been started, and only a person can find out."""


class CallError(Exception):
    """A call failed, which says nothing about the run: a poll that meets a broken network is a poll to make again."""

    def __init__(
        self,
        message: str,
        *,
        kind: str,
        code: str,
        raw_message: str | None = None,
        http_status: int | None = None,
        retry_after: float | None = None,
        effect: Effect = Effect.NOTHING,
        next_step: NextStep | None = None,
        requests: int = 0,
        denied: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        """One line for the engine's user: what happened and what to do."""
        self.kind = kind
        """The contract's kind of the error, such as `unauthorized`, or `host` where the plugin did not answer."""
        self.code = code
        """Which error it is, for programs."""
        self.raw_message = raw_message
        """The tool's own words."""
        self.http_status = http_status
        """The HTTP status that the tool answered with."""
        self.retry_after = retry_after
        """How long the tool asks to wait before trying again, in seconds."""
        self.effect = effect
        """What the call has started. Of a `settle` this says nothing about the trigger before it."""
        self.next_step = next_step
        """What follows, of a `trigger` and a `settle`. None of other calls: a `Watch` knows whether a poll is made again."""
        self.requests = requests
        """How many requests the call has made."""
        self.denied = denied
        """The requests that no grant covered, in words."""

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> CallError:
        """The error in a document of the host."""
        retry_after, next_step = document["retry_after_ms"], document["next_step"]
        return cls(
            document["message"],
            kind=document["kind"],
            code=document["code"],
            raw_message=document["raw_message"],
            http_status=document["http_status"],
            retry_after=None if retry_after is None else retry_after / 1000,
            effect=Effect(document["effect"]),
            next_step=None if next_step is None else NextStep(next_step),
            requests=document["requests"],
            denied=tuple(document["denied"]),
        )

    def __reduce__(self) -> tuple[Any, ...]:
        # Notes are Python's own.
        details = {name: value for name, value in vars(self).items() if name not in ("message", "__notes__")}
        return _restored, (self.message, details)


def _restored(message: str, details: dict[str, Any]) -> CallError:
    return CallError(message, **details)
