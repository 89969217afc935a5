"""`python -m orchestrator_plugin MODULE -o FILE`: builds a component from the module with its exports, by componentize-py."""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from orchestrator_plugin import world

COMPONENTIZE = [sys.executable, "-c", "import componentize_py; componentize_py.script()", "--quiet"]


def main() -> None:
    """Build a component, or write the bindings."""
    parser = argparse.ArgumentParser(prog="python -m orchestrator_plugin", description="Build a plugin's component.")
    parser.add_argument("module", nargs="?", help="the module with the classes Task, Cancellation and so on")
    parser.add_argument("-o", "--output", help="the component's file")
    parser.add_argument("-C", "--folder", default=".", help="the folder of the module")
    parser.add_argument("--bindings", metavar="FOLDER", help="write the generated modules, for type checkers, instead")
    given = parser.parse_args()
    if given.bindings:
        raise SystemExit(_componentize(world.all_exports(), ["bindings", given.bindings]))
    if not (given.module and given.output):
        parser.error("name the module, such as component, and the file by --output")
    source = Path(given.folder) / f"{given.module}.py"
    try:
        interfaces = world.exports(source.read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError) as error:
        raise SystemExit(f"{source} cannot be built: {error}") from None
    paths = [part for path in (given.folder, str(world.PACKAGE.parent)) for part in ("--python-path", path)]
    raise SystemExit(_componentize(interfaces, ["componentize", given.module, *paths, "--output", given.output]))


def _componentize(interfaces: list[str], command: list[str]) -> int:
    with tempfile.TemporaryDirectory() as folder:
        wit = Path(folder) / "wit"
        world.write(interfaces, wit)
        run = [*COMPONENTIZE, "--wit-path", str(wit), "--world", world.NAME, *command]
        return subprocess.run(run, check=False).returncode  # noqa: S603


if __name__ == "__main__":
    main()
