"""What the tests run, as `cargo xtask python-plugin` has built it."""

import json
import os
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any

ROOT = Path(__file__).parents[5]


def built(variable: str) -> Path:
    """The path in a variable that `cargo xtask python-plugin` sets."""
    path = os.environ.get(variable)
    if path is None:
        raise RuntimeError(f"{variable} is not set: run the tests by `cargo xtask python-plugin`")
    return Path(path)


def host_harness(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command line to its end."""
    command = [str(argument) for argument in (built("HOST_HARNESS"), *arguments)]
    return subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, timeout=900, check=False
    )


class Simulator:
    """A simulator of this repository. It ends with the test, or with this process."""

    def __init__(self, variable: str, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [built(variable), "--until-stdin-closes", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def line(self) -> str:
        """The next line that it prints."""
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def introduction(self) -> dict[str, Any]:
        """The next line, which is JSON."""
        found: dict[str, Any] = json.loads(self.line())
        return found

    def __enter__(self) -> "Simulator":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()
