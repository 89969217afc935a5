"""The Stitch simulator, running."""

import subprocess
from types import TracebackType

from programs import built

CLIENT_ID = 116_078
SUCCEEDS = 120_643
TAP_FAILS = 123_456
ALREADY_RUNNING = 131_072
TERMINATED = 145_001
SUPERSEDED = 150_120
LOADS = 163_900
LOAD_FAILS = 164_512
DELETED = 171_717
NOT_CONFIGURED = 190_008
ON_PAGE_3 = 241_337
ORDINARY = tuple(100_000 + 613 * n + n * n % 401 for n in range(239))
"""Those that succeed after a minute."""


class Simulator:
    """A simulated Stitch account on a free port. It ends with the test, or with this process."""

    def __init__(self, speed: float = 60) -> None:
        self._process = subprocess.Popen(
            [built("STITCH_SIMULATOR"), "--until-stdin-closes", "--speed", str(speed)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.url = self._said("listening on ")
        self.token = self._said("access token ")

    def _said(self, before: str) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line.startswith(before), line
        return line.removeprefix(before).strip()

    def __enter__(self) -> "Simulator":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()
