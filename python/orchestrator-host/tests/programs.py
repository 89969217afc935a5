"""What the tests run, as `cargo xtask python` has built it."""

import os
from pathlib import Path


def built(variable: str) -> Path:
    """The path in a variable that `cargo xtask python` sets."""
    path = os.environ.get(variable)
    if path is None:
        raise RuntimeError(f"{variable} is not set: run the tests by `cargo xtask python`")
    return Path(path)


def hostile(name: str) -> Path:
    """The component of a hostile plugin."""
    return built("HOSTILE_PLUGINS") / f"{name}.wasm"
