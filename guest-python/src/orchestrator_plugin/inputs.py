"""The values of a connection or of the parameters, parsed."""

from collections.abc import Mapping, Sequence

from orchestrator_plugin.base_url import BaseUrl
from orchestrator_plugin.contract import Value
from orchestrator_plugin.errors import invalid_input
from orchestrator_plugin.secret import Secret


class Inputs:
    """Values by name and kind. Others are ignored, as the contract asks; what does not fit raises `invalid_input`.

    `absent` says where a person finds a required value, in the error that it is missing.
    """

    def __init__(self, values: Mapping[str, Value]) -> None:
        self._values = values

    def text(self, name: str) -> str | None:
        """The optional text of this name."""
        value = self._values.get(name)
        if value is None or isinstance(value, str):
            return value
        raise invalid_input(name, "must be text")

    def required_text(self, name: str, absent: str) -> str:
        """The required text of this name, which is not empty."""
        text = self.text(name)
        if not text:
            raise invalid_input(name, f"is missing: {absent}")
        return text

    def id(self, name: str, absent: str) -> int:
        """The required whole number of this name, at least 1."""
        value = self._values.get(name)
        if value is None:
            raise invalid_input(name, f"is missing: {absent}")
        if isinstance(value, bool) or not isinstance(value, int):
            raise invalid_input(name, "must be a whole number, such as 123456")
        if value < 1:
            raise invalid_input(name, f"must be 1 or more, not {value}")
        return value

    def boolean(self, name: str, default: bool) -> bool:
        """The boolean of this name."""
        value = self._values.get(name, default)
        if isinstance(value, bool):
            return value
        raise invalid_input(name, "must be true or false")

    def choice(self, name: str, choices: Sequence[str]) -> str:
        """One of the choices, and the first of them where it is absent."""
        text = self.text(name)
        if text is None:
            return choices[0]
        if text not in choices:
            raise invalid_input(name, f"must be one of {', '.join(choices)}")
        return text

    def secret(self, name: str, absent: str) -> Secret:
        """The required secret of this name."""
        text = self.text(name)
        if text is None:
            raise invalid_input(name, f"is missing: {absent}")
        try:
            return Secret(text)
        except ValueError as problem:
            raise invalid_input(name, problem) from None

    def base_url(self, default: str) -> BaseUrl:
        """The field `base_url`, or the default where it is absent."""
        text = self.text("base_url")
        try:
            return BaseUrl.parse(default if text is None else text)
        except ValueError as problem:
            raise invalid_input("base_url", problem) from None
