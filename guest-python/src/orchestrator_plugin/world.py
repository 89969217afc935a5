"""The world of one plugin: the contract's `hosted-plugin`, and what else its module exports."""

import ast
import shutil
from pathlib import Path

PACKAGE = Path(__file__).parent
"""Where this package and its WIT lie."""

NAME = "built-plugin"

_OPTIONAL = {
    "Cancellation": "cancellation",
    "Preflight": "preflight",
    "Settlement": "settlement",
    "Batch": "batch",
}
"""The contract's optional interfaces, by the class that exports each."""


def exports(source: str) -> list[str]:
    """The optional interfaces that a module exports. Raises `ValueError` where it does not export `task`.

    The names of its classes tell: it cannot be imported outside of a component.
    """
    classes = {node.name for node in ast.parse(source).body if isinstance(node, ast.ClassDef)}
    if "Task" not in classes:
        raise ValueError("it has no class Task: every plugin exports that, as orchestrator_plugin.component shows")
    return [interface for name, interface in _OPTIONAL.items() if name in classes]


def all_exports() -> list[str]:
    """All optional interfaces."""
    return list(_OPTIONAL.values())


def world(interfaces: list[str]) -> str:
    """The world with these exports, in the contract's package. componentize-py cannot merge worlds of which one has resources."""
    added = "".join(f"    export {interface};\n" for interface in interfaces)
    return f"world {NAME} {{\n    include hosted-plugin;\n{added}}}\n"


def write(interfaces: list[str], folder: Path) -> None:
    """Write the world and all that it needs into a folder, which is created."""
    shutil.copytree(PACKAGE / "wit", folder)
    (folder / "built.wit").write_text(world(interfaces), encoding="utf-8")
