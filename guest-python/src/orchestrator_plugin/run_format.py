"""The format of a run's text: JSON that names the plugin and the format version that wrote it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from orchestrator_plugin.errors import invalid_input
from orchestrator_plugin.fields import Fields, MisreadError, parse

T = TypeVar("T")


@dataclass(frozen=True)
class RunFormat:
    """The format of a plugin's runs. `version` changes whenever an older plugin could not read a run."""

    writer: str
    version: int
    most_bytes: int = 1024

    def encode(self, **fields: str | int | bool) -> str:
        """The text of a run, for the host to store."""
        return json.dumps({"format": f"{self.writer}/{self.version}", **fields}, separators=(",", ":"))

    def decode(self, text: str, read: Callable[[Fields], T]) -> T:
        """What `read` makes of the run that the host hands in. Raises `invalid_input` for one that cannot be used."""
        foreign = invalid_input(
            "run", "was not written by this plugin: hand in what trigger or poll returned, unchanged"
        )
        if len(text.encode(errors="replace")) > self.most_bytes:
            raise foreign
        try:
            fields = Fields(parse(text.encode(errors="replace")))
        except MisreadError:
            raise foreign from None
        writer, _, version = (fields.text("format") or "").rpartition("/")
        if writer != self.writer or not (version.isascii() and version.isdigit()):
            raise foreign
        if version != str(self.version):
            problem = f"has format version {version}, and this plugin understands {self.version}"
            raise invalid_input("run", f"{problem}: poll it with the plugin that wrote it")
        try:
            return read(fields)
        except MisreadError as problem:
            raise invalid_input("run", f"is damaged: {problem}") from None
