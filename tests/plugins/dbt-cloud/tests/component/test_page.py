"""The guide to writing a plugin in Python, followed word for word."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from built import ROOT, built

PAGE = (ROOT / "docs/writing-a-plugin-in-python.md").read_text()


@pytest.fixture
def folder() -> Path:
    """The folder of the new plugin, with the environment that the page sets up."""
    folder = ROOT / "target/python/acme"
    (folder / "kit").mkdir(parents=True, exist_ok=True)
    (folder / ".venv/bin").mkdir(parents=True, exist_ok=True)
    python = folder / ".venv/bin/python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    return folder


def files() -> dict[str, str]:
    return dict(re.findall(r"^`([\w./]+)`:\n\n```\w+\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))


def commands() -> list[str]:
    blocks = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def is_current(component: Path) -> bool:
    """Whether a component is newer than all that it is made of. Each build differs, and would be compiled anew, which takes long."""
    sources = [*(ROOT / "guest-python/src").rglob("*.py"), *component.parent.glob("*.py")]
    return component.exists() and all(source.stat().st_mtime < component.stat().st_mtime for source in sources)


def test_the_page_leads_from_an_empty_folder_to_a_plugin_that_passes_every_check(folder: Path) -> None:
    for name, text in files().items():
        file = folder / name
        if not file.exists() or file.read_text() != text:
            file.write_text(text)
    assert len(files()) == 4
    assert len(commands()) == 3
    path = f"{built('HOST_HARNESS').parent}:{os.environ['PATH']}"
    said = ""
    for command in commands():
        if command.endswith("-o acme.wasm") and is_current(folder / "acme.wasm"):
            continue
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=folder,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )
        said = done.stdout
        assert done.returncode == 0, f"{command}\n{said}\n{done.stderr}"
    [passed] = re.findall(r"`(all \d+ checks passed)`", PAGE)
    assert said.rstrip().endswith(passed), said
