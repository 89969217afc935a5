"""The native module: hosts, plugins and calls, whose outcomes are JSON documents."""

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, NoReturn, SupportsIndex, final

class HostError(Exception):
    """The host cannot be set up on this machine."""

class InputError(ValueError):
    """An input does not fit what the plugin takes."""

class LoadError(Exception):
    """A file cannot be loaded as a plugin."""

@final
class Secret:
    """A secret, such as an access token. It shows itself nowhere, is refused by pickle and JSON, and cannot be read back.

    Its memory is overwritten when the last task that has it is gone. The `str` that it was made of is Python's, and stays until Python
    lets go of it: `read` makes a secret without one.
    """

    def __new__(cls, text: str, *, only_for: Sequence[str] | None = None) -> Secret:
        """A secret that may go wherever the plugin may, or only to some of these origins.

        White space around it is taken off. Raises `ValueError` for an origin that is not one.
        """
    @staticmethod
    def read(reference: str, *, only_for: Sequence[str] | None = None) -> Secret:
        """Reads a secret from `env:VARIABLE` or `file:PATH`.

        Raises `OSError` where it cannot be read and `ValueError` where the reference is not one.
        """
    def __format__(self, specification: str, /) -> str: ...
    def __reduce_ex__(self, protocol: SupportsIndex, /) -> NoReturn: ...
    def __copy__(self) -> Secret: ...
    def __deepcopy__(self, memo: object, /) -> Secret: ...

@final
class TriggerRecord:
    """The record of a trigger or a settle that is about to be sent: store it before the call."""

    SHOWN_AFTER: ClassVar[float]
    """How long after a call its tool is given to show what became of it, before that is settled, in seconds."""
    CLOCKS_APART: ClassVar[float]
    """How far apart the clocks of machines are taken to be, in seconds."""

    @staticmethod
    def now() -> TriggerRecord:
        """The record of a call that is about to be made."""
    @staticmethod
    def from_json(text: str) -> TriggerRecord:
        """A record that was kept. Raises `ValueError` for a text that is not one."""
    def to_json(self) -> str:
        """The record as it is kept."""
    def age(self) -> float | None:
        """How long ago it was, in seconds, on the machine that wrote it. None where nobody can tell."""
    def age_anywhere(self) -> float | None:
        """How long ago it was, in seconds, on any machine. None where nobody can tell.

        Exact on the machine that wrote it, until that is started anew; else `CLOCKS_APART` longer, so that no run is started twice.
        """

@final
class Starts:
    """The calls that may have started one run: the trigger, and each settle since that may have started it, too."""

    def __new__(cls, trigger: TriggerRecord) -> Starts: ...
    @staticmethod
    def from_json(text: str) -> Starts:
        """Those that were kept. Raises `ValueError` for a text that is none."""
    def to_json(self) -> str:
        """The records as they are kept: a list."""
    def settled(self, record: TriggerRecord) -> Starts:
        """Those, and a settle since."""
    def taken_back(self) -> Starts | None:
        """Those without the last, which is known to have started nothing. None where it was the trigger: nothing is left to settle."""
    @property
    def settles(self) -> int:
        """How many calls to settle the trigger there are."""
    @property
    def may_settle(self) -> bool:
        """Whether another one may be made: after ten a person has to look."""
    def ages(self) -> list[float] | None:
        """How long ago each was, in seconds, the oldest first, on any machine. None where nobody can tell of one."""

@final
class Call:
    """A call under way, or ended."""

    def wait(self, timeout: float | None = None) -> str | None: ...
    def notify(self, event_loop: asyncio.AbstractEventLoop, callback: Callable[[], object]) -> None: ...
    def abandon(self) -> None: ...

@final
class Host:
    """A host."""

    def __new__(cls, limits: Mapping[str, str], roots: bytes | None, cache: str | os.PathLike[str] | None) -> Host: ...
    @staticmethod
    def cache_folder() -> os.PathLike[str] | None: ...
    def load(self, component: str | os.PathLike[str] | bytes) -> Plugin: ...

@final
class Plugin:
    """A plugin."""

    @property
    def sha256(self) -> str: ...
    def functions(self) -> list[str]: ...
    def describe(self) -> str: ...
    def task(
        self,
        *,
        connection: Mapping[str, str | bool | int | float],
        secrets: Mapping[str, Secret],
        parameters: Mapping[str, str | bool | int | float],
        allow: list[str],
        allow_internal: list[str],
        expose_secrets: bool,
        rate_limiter: RateLimiter | None,
    ) -> Task: ...

@final
class RateLimiter:
    """A rate limiter."""

    def __new__(cls, path: str | os.PathLike[str]) -> RateLimiter: ...

@final
class Task:
    """A task."""

    def trigger(self) -> Call: ...
    def settle(self, starts: Starts) -> Call: ...
    def settle_by_ages(self, ages: list[float]) -> Call: ...
    def poll(self, run: str) -> Call: ...
    def cancel(self, run: str) -> Call: ...
    def check(self) -> Call: ...
    def watch(self, run: str, *, interval: float, ignore_hint: bool, timeout: float, longest_retry: float) -> Watch: ...
    def account_key(self, mix: bytes) -> str: ...

@final
class Watch:
    """A watch over one run."""

    @property
    def wait(self) -> float | None: ...
    @property
    def timed_out(self) -> bool: ...
    @property
    def run(self) -> str: ...
    def poll(self) -> Call: ...

def check_policy(interval: float, ignore_hint: bool, timeout: float, longest_retry: float) -> None: ...
def poll_wait(interval: float, ignore_hint: bool, hint: float) -> float: ...
def poll_retry(longest_retry: float, rhythm: float, failures: int, asked: float | None) -> float: ...
def start_backoff(failures: int, asked: float | None) -> float: ...
