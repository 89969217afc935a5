"""`python -m orchestrator_plugin MODULE -o FILE`: builds a component from the module with its exports, by componentize-py."""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from orchestrator_plugin import world

COMPONENTIZE = [sys.executable, "-c", "import componentize_py; componentize_py.script()", "--quiet"]


def main() -> None:
    """Build a component."""
    parser = argparse.ArgumentParser(prog="python -m orchestrator_plugin", description="Build a plugin's component.")
    parser.add_argument("module", help="the module with the classes Task, Cancellation and so on, such as component")
    parser.add_argument("-C", "--folder", default=".", help="the folder of the module")
    parser.add_argument("-o", "--output", required=True, help="the component's file")
    given = parser.parse_args()
    source = Path(given.folder) / f"{given.module}.py"
    try:
        interfaces = world.exports(source.read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError) as error:
        raise SystemExit(f"{source} cannot be built: {error}") from None
    with tempfile.TemporaryDirectory() as folder:
        wit = Path(folder) / "wit"
        world.write(interfaces, wit)
        paths = [part for path in (given.folder, str(world.PACKAGE.parent)) for part in ("--python-path", path)]
        target = ["--wit-path", str(wit), "--world", world.NAME]
        build = [*COMPONENTIZE, *target, "componentize", given.module, *paths, "--output", given.output]
        raise SystemExit(subprocess.run(build, check=False).returncode)  # noqa: S603


if __name__ == "__main__":
    main()
