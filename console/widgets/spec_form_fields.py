"""What a settings type asks for, field by field: read from its model, so that a form need know no protocol.

Titles are labels, descriptions are help, limits are pydantic's own. The rest are conventions of
`json_schema_extra`: unit, secret, group, advanced, shown_if, widget. Pure: no widget is made here.
"""

import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from models.records.device import JsonValue


class Kind(StrEnum):
    """How a field is filled in."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    FLAG = "flag"
    CHOICE = "choice"
    LIST = "list"
    SERIAL_PORT = "serial-port"
    CERTIFICATE = "certificate"
    PEM = "pem"


@dataclass(frozen=True, slots=True)
class SpecField:
    """One field of a settings type.

    Attributes:
        name: Key in the stored connection.
        title: Label.
        help: One or two sentences.
        default: What it is when nothing is given, as JSON; None where there is none.
        is_required: Whether something must be given.
        may_be_none: Whether nothing at all is a value of its own.
        choices: Possible values, in the order of the type; empty unless CHOICE.
        low, high: Inclusive limits of numbers; None where there is none.
        unit: Shown beside the field.
        group: Title of its section; empty: it stands first.
        is_advanced: Folded away until somebody asks.
        is_secret: Never shown once stored.
        shown_if: The field is asked for only while each of these fields holds one of the values.
        example: Shown in the empty field.
    """

    name: str
    title: str
    help: str
    kind: Kind
    default: JsonValue = None
    is_required: bool = False
    may_be_none: bool = False
    choices: tuple[str | int, ...] = ()
    low: float | None = None
    high: float | None = None
    unit: str = ""
    group: str = ""
    is_advanced: bool = False
    is_secret: bool = False
    shown_if: tuple[tuple[str, tuple[JsonValue, ...]], ...] = ()
    example: str = ""

    @property
    def limits(self) -> str:
        """What may be given, in words: "0.05 to 60 s"; empty where everything may."""
        unit = f"\N{NO-BREAK SPACE}{self.unit}" if self.unit else ""
        low = None if self.low is None else f"{self.low:,g}"
        high = None if self.high is None else f"{self.high:,g}"
        if low is not None and high is not None:
            return f"{low} to {high}{unit}"
        if low is not None:
            return f"at least {low}{unit}"
        return f"at most {high}{unit}" if high is not None else ""

    @property
    def usual(self) -> str:
        """What it is when nothing is given, in words; empty where that says nothing."""
        if self.is_secret or self.default in (None, "", []) or self.kind in (Kind.CERTIFICATE, Kind.PEM):
            return ""
        if isinstance(self.default, bool):
            return "yes" if self.default else "no"
        if isinstance(self.default, int | float):
            unit = f"\N{NO-BREAK SPACE}{self.unit}" if self.unit else ""
            return f"{self.default:g}{unit}" if isinstance(self.default, float) else f"{self.default}{unit}"
        if isinstance(self.default, list):
            return ", ".join(map(str, self.default))
        return str(self.default)

    def is_shown(self, values: Mapping[str, JsonValue]) -> bool:
        """Tell whether it is asked for, given the values of all fields, defaults included."""
        return all(values.get(name) in wanted for name, wanted in self.shown_if)


def fields_of(settings_type: type[BaseModel]) -> tuple[SpecField, ...]:
    """Return what a settings type asks for, in its own order."""
    return tuple(_field(name, info) for name, info in settings_type.model_fields.items())


def defaults_of(fields: Sequence[SpecField]) -> dict[str, JsonValue]:
    """Return what each field is when nothing is given."""
    return {field.name: field.default for field in fields}


def _field(name: str, info: FieldInfo) -> SpecField:
    inner, may_be_none = _without_none(info.annotation)
    extra = cast(
        Mapping[str, Any], info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    )
    is_secret = inner is SecretStr or extra.get("secret") is True
    shown_if = cast(Mapping[str, Sequence[JsonValue]], extra.get("shown_if") or {})
    low, high = _limits(info)
    return SpecField(
        name=name,
        title=info.title or name.replace("_", " ").capitalize(),
        help=" ".join((info.description or "").split()),
        kind=_kind(inner, str(extra.get("widget", ""))),
        default=json_from(info.get_default(call_default_factory=True)) if not info.is_required() else None,
        is_required=info.is_required(),
        may_be_none=may_be_none,
        choices=_choices(inner),
        low=low,
        high=high,
        unit=str(extra.get("unit", "")),
        group=str(extra.get("group", "")),
        is_advanced=extra.get("advanced") is True,
        is_secret=is_secret,
        shown_if=tuple((key, tuple(wanted)) for key, wanted in shown_if.items()),
        example=str(info.examples[0]) if info.examples else "",
    )


def _without_none(annotation: Any) -> tuple[Any, bool]:
    """Return the type behind annotations and "or nothing", and whether nothing is possible."""
    if get_origin(annotation) is Annotated:
        return _without_none(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        parts = [part for part in get_args(annotation) if part is not type(None)]
        inner, _ = _without_none(parts[0])
        return inner, len(parts) < len(get_args(annotation))
    return annotation, False


def _kind(inner: Any, widget: str) -> Kind:
    if widget in (Kind.SERIAL_PORT, Kind.CERTIFICATE, Kind.PEM):
        return Kind(widget)
    if _choices(inner):
        return Kind.CHOICE
    if get_origin(inner) in (list, tuple, set, frozenset):
        return Kind.LIST
    if inner is bool:
        return Kind.FLAG
    if inner is int:
        return Kind.INTEGER
    return Kind.NUMBER if inner is float else Kind.TEXT


def _choices(inner: Any) -> tuple[str | int, ...]:
    if get_origin(inner) is Literal:
        return tuple(_plain(value) for value in get_args(inner))
    if isinstance(inner, type) and issubclass(inner, Enum):
        return tuple(_plain(member) for member in inner)
    return ()


def _plain(value: Any) -> str | int:
    return value.value if isinstance(value, Enum) else value


def _limits(info: FieldInfo) -> tuple[float | None, float | None]:
    low = high = None
    for fact in info.metadata:
        if isinstance(fact, Ge | Gt):
            low = fact.ge if isinstance(fact, Ge) else fact.gt
        elif isinstance(fact, Le | Lt):
            high = fact.le if isinstance(fact, Le) else fact.lt
    return cast("float | None", low), cast("float | None", high)


def json_from(value: Any) -> JsonValue:
    """Return a setting as it would stand in a stored connection."""
    if value is PydanticUndefined:
        return None
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, list | tuple | set | frozenset):
        return [json_from(part) for part in value]
    return value
