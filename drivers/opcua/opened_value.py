"""The newest value of one item, taken apart once however many tags read in it."""

from collections.abc import Callable
from typing import Any

from asyncua import ua

from drivers.opcua.data_types import Fields, Undescribed
from drivers.opcua.field_path import FieldPath
from drivers.opcua.fields import Opener, at_path


class OpenedValue:
    """Of a structure or an array. Used from the event loop."""

    __slots__ = ("_data", "_found", "_opener")

    def __init__(self, opener: Opener) -> None:
        """Begin without a value. `opener` takes one structure apart."""
        self._opener = opener
        self._data: ua.DataValue | None = None
        self._found: dict[int, tuple[Any, Fields | Undescribed]] = {}

    def reading(self, data: ua.DataValue, path: FieldPath) -> Callable[[object], object]:
        """Return what takes the number at `path` out of the value of `data`; see `fields.at_path`."""
        if data is not self._data:
            self._data = data
            self._found.clear()
        return lambda value: at_path(value, path, self._open)

    def _open(self, value: Any) -> "Fields | Undescribed | None":
        known = self._found.get(id(value))
        if known is not None:
            return known[1]
        found = self._opener(value)
        if found is not None:
            # Kept with the object itself, whose id is then nobody else's.
            self._found[id(value)] = (value, found)
        return found
