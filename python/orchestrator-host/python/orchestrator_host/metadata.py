"""The metadata of a report."""

from __future__ import annotations

from typing import Any, NoReturn


class Metadata(dict[str, "str | bool | int | float | None"]):
    """Facts by name: a dictionary that nobody changes, and that is pickled, copied and written as JSON as any other."""

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("the metadata of a report do not change: copy them by dict()")

    __setitem__ = __delitem__ = __ior__ = clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self) -> tuple[Any, ...]:
        return Metadata, (dict(self),)
