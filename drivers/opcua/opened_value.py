"""The newest value of one item, taken apart once however many tags read in it."""

from collections.abc import Callable
from typing import Any, cast

from asyncua import ua

from drivers.opcua.data_types import Fields, Undescribed
from drivers.opcua.field_path import FieldPath
from drivers.opcua.fields import Opener, at_path


class OpenedValue:
    """Of a structure or an array. Used from the event loop."""

    __slots__ = ("_data", "_found", "_is_alone", "_opener")

    def __init__(self, opener: Opener, *, is_element: bool = False) -> None:
        """Begin without a value.

        Args:
            opener: Takes one structure apart.
            is_element: Whether one element of an array was asked for, which then comes as an array of one.
        """
        self._opener = opener
        self._is_alone = is_element
        self._data: ua.DataValue | None = None
        self._found: dict[int, tuple[Any, Fields | Undescribed]] = {}

    def reading(self, data: ua.DataValue, path: FieldPath) -> Callable[[object], object]:
        """Return what takes the number at `path` out of the value of `data`; see `fields.at_path`."""
        if data is not self._data:
            self._data = data
            self._found.clear()
            value = data.Value.Value if data.Value is not None else None
            # Some servers look at ranges when they are read, and not when they are watched. The array was
            # longer than one when it was asked for, so the first value tells.
            if self._is_alone and isinstance(value, list) and len(cast("list[Any]", value)) > 1:
                self._is_alone = False
        if self._is_alone:
            path = ((0,), *path[1:])
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
