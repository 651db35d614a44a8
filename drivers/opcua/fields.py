"""Down a path into a decoded value: arrays by index, structures by field name, to one number. Pure.

What is not there is said in a clause that names what is.
"""

from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from typing import Any, cast

from asyncua import ua

from drivers.opcua.data_types import Fields, Undescribed, Unreadable
from drivers.opcua.field_path import FieldPath, FieldStep, path_text

_MOST_NAMES = 12

Opener = Callable[[Any], "Fields | Undescribed | None"]
"""Takes an ExtensionObject apart; None while its type is not learned."""


class TypeMissing(Exception):
    """The type of a structure has to be learned first.

    Attributes:
        value: The ExtensionObject.
        node: Of the variable that holds it, where whoever reads has told.
    """

    def __init__(self, value: Any) -> None:
        super().__init__("type not learned yet")
        self.value = value
        self.node: ua.NodeId | None = None


class NotThere(Exception):
    """A path leads nowhere; the text is a clause for people."""


def at_path(value: Any, path: FieldPath, opener: Opener) -> Any:
    """Return what is at `path` in a value.

    Args:
        value: Of a Variant, as the library decodes it.
        path: Empty = the value itself.
        opener: Takes structures apart that the library does not know.

    Raises:
        NotThere: Nothing is there; says why.
        TypeMissing: A type has to be learned first.
    """
    for number, step in enumerate(path):
        value = _down(plain(value, opener), step, path[:number])
    return plain(value, opener)


def plain(value: Any, opener: Opener) -> Any:
    """Return a structure as its fields, a variant as its value, an enumeration as its number.

    Raises:
        NotThere: It cannot be decoded.
        TypeMissing: Its type has to be learned first.
    """
    while isinstance(value, ua.Variant):
        value = value.Value
    if isinstance(value, Unreadable):
        raise NotThere(value.why)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, ua.ExtensionObject):
        return _opened(value, opener)
    if isinstance(value, ua.NodeId | ua.LocalizedText | ua.QualifiedName | ua.StatusCode):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value) if field.name != "Encoding"}
    if isinstance(value, int | float) and type(value) not in (int, float, bool):
        return float(value) if isinstance(value, float) else int(value)
    return value


def names_of(value: Fields) -> str:
    """Return the names of fields for people: those that there are, or the first of them."""
    names = [*value]
    shown = ", ".join(names[:_MOST_NAMES])
    return f"{shown} and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else shown


def _opened(value: Any, opener: Opener) -> Any:
    if not value.TypeId.Identifier:
        return None  # an empty one, as servers send before there is a value
    found = opener(value)
    if found is None:
        raise TypeMissing(value)
    if isinstance(found, Undescribed):
        raise NotThere(f"a structure{f' {found.name}' if found.name else ''}, but {found.why}")
    return found


def _down(value: Any, step: FieldStep, before: FieldPath) -> Any:
    here = path_text(before).lstrip(".") or "the value"
    if value is None:
        raise NotThere(f"{here} is empty at present")
    if isinstance(step, str):
        return _field(value, step, here)
    for index in step:
        value = _element(value, index, here)
    return value


def _field(value: Any, name: str, here: str) -> Any:
    if not isinstance(value, dict):
        raise NotThere(f"no field {name}: {here} is {kind_of(value)}")
    found = cast("Fields", value)
    if name not in found:
        known = names_of(found)
        raise NotThere(f"no field {name} in {here}{f'; it has {known}' if known else ''}")
    return found[name]


def _element(value: Any, index: int, here: str) -> Any:
    if not isinstance(value, list | tuple | bytes):
        raise NotThere(f"no element {index}: {here} is {kind_of(value)}")
    elements = cast("Sequence[Any]", value)
    if index >= len(elements):
        count = len(elements)
        last = f", the last is {count - 1}" if count else ""
        raise NotThere(f"no element {index}: {here} has {count}{last}")
    return elements[index]


def kind_of(value: Any) -> str:
    """Return what a value is, for people: "an array of 3 elements"."""
    if isinstance(value, dict):
        return "a structure"
    if isinstance(value, list | tuple):
        return f"an array of {len(cast('Sequence[Any]', value))} elements"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, datetime):
        return "a time"
    return "text" if isinstance(value, str | ua.LocalizedText) else f"of type {type(value).__name__}"
