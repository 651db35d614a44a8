"""What a server's data types look like on the wire, and structures taken apart by them. Pure.

The library keeps generated types for the whole process by node id, so that two servers that use one id for
different types would decode each other's values; here each session has its own.
Encoding: OPC 10000-6, 5.2.6 to 5.2.8; definitions: OPC 10000-3, 8.48 to 8.52.
"""

# asyncua's generated structures annotate their fields with names that only exist at run time.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportAttributeAccessIssue=false

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from asyncua import ua
from asyncua.common.utils import Buffer
from asyncua.ua.ua_binary import extensionobject_from_binary, from_binary, unpack_uatype

from drivers.opcua.reference_wire import Place
from drivers.opcua.value_text import clean_text

_DEEPEST = 32
_CUT_OFF = (ua.UaError, struct.error, ValueError, TypeError, LookupError, RecursionError)
_OPTIONAL = (ua.StructureType.StructureWithOptionalFields,)
_UNIONS = (ua.StructureType.Union, ua.StructureType.UnionWithSubtypedValues)
_SUBTYPED = (ua.StructureType.StructureWithSubtypedValues, ua.StructureType.UnionWithSubtypedValues)


@dataclass(frozen=True, slots=True)
class Simple:
    """A built-in type, or a type made of one: enumerations are Int32."""

    variant: ua.VariantType


@dataclass(frozen=True, slots=True)
class Standard:
    """A structure of the standard itself, which the library knows."""

    decoded: type[Any]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a structure.

    Attributes:
        name: As the server calls it.
        type: Of each element.
        rank: -1 for one value, 1 for an array, more for several dimensions.
        is_optional: Whether it may be left out.
        has_subtypes: Whether it brings its own type along.
    """

    name: str
    type: Place
    rank: int = -1
    is_optional: bool = False
    has_subtypes: bool = False


@dataclass(frozen=True, slots=True)
class Structure:
    """A structure that the server describes."""

    name: str
    fields: tuple[Field, ...]
    is_union: bool = False
    is_masked: bool = False


@dataclass(frozen=True, slots=True)
class Undescribed:
    """A type that cannot be decoded.

    Attributes:
        name: Of the type, empty where not even that is known.
        why: One clause.
    """

    name: str
    why: str


DataType = Simple | Standard | Structure | Undescribed
Fields = dict[str, Any]
"""A structure taken apart: values by field name, in the server's order."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Stands for a field that cannot be decoded; `why` is one clause."""

    why: str


def structure_of(name: str, definition: Any) -> Structure | Undescribed:
    """Return a structure by the server's StructureDefinition."""
    kind = definition.StructureType
    fields = tuple(
        Field(
            clean_text(field.Name),
            (int(field.DataType.NamespaceIndex), field.DataType.Identifier),
            int(field.ValueRank),
            bool(field.IsOptional) and kind in _OPTIONAL,
            bool(field.IsOptional) and kind in _SUBTYPED,
        )
        for field in definition.Fields or ()
    )
    if not fields and not definition.DefaultEncodingId.Identifier:
        return Undescribed(name, "the server does not describe its type")
    return Structure(name, fields, kind in _UNIONS, kind in _OPTIONAL)


def take_apart(structure: Structure, body: bytes, types: Mapping[Place, DataType]) -> Fields:
    """Return the fields of a structure. What cannot be decoded, and all that follows it, is Unreadable.

    Args:
        structure: The type.
        body: Of an ExtensionObject.
        types: All types that the structure is made of.
    """
    data, found, why = Buffer(body), Fields(), ""
    misfit = f"the value does not fit the type {structure.name} as the server describes it"
    try:
        present = _present(structure, data)
    except _CUT_OFF:
        present, why = structure.fields, misfit
    for field in present:
        if not why:
            try:
                found[field.name] = _value(field, data, types, 0)
                continue
            except _Undecodable as refusal:
                why = str(refusal)
            except _CUT_OFF:
                why = misfit
        found[field.name] = Unreadable(why)
    return found


class _Undecodable(Exception):
    """Says why a value, and all that follows it in the same structure, cannot be decoded."""


def _present(structure: Structure, data: Buffer) -> Iterable[Field]:
    """Return the fields that follow; of a union the chosen one, of optional ones those that are there."""
    if structure.is_union:
        (chosen,) = struct.unpack("<I", data.read(4))
        return structure.fields[chosen - 1 : chosen] if chosen else ()
    if not structure.is_masked:
        return structure.fields
    (mask,) = struct.unpack("<I", data.read(4))
    optional = [field for field in structure.fields if field.is_optional]
    present = {field.name for number, field in enumerate(optional) if mask >> number & 1}
    return [field for field in structure.fields if not field.is_optional or field.name in present]


def _value(field: Field, data: Buffer, types: Mapping[Place, DataType], depth: int) -> Any:
    if field.rank < 1 and field.rank != 0:
        return _element(field, data, types, depth)
    (count,) = struct.unpack("<i", data.read(4))
    if field.rank > 1:
        # An array of several dimensions begins with their lengths (OPC 10000-6, 5.2.5).
        lengths = list(struct.unpack(f"<{max(0, count)}i", data.read(4 * max(0, count))))
        return _shaped(_elements(field, data, types, depth, _product(lengths)), lengths)
    return _elements(field, data, types, depth, count)


def _elements(
    field: Field, data: Buffer, types: Mapping[Place, DataType], depth: int, count: int
) -> list[Any] | None:
    if count < 0:
        return None
    # Each element takes a byte at least, whatever a wrong length claims.
    if count > len(data):
        raise _Undecodable(f"field {field.name} claims {count} elements, more than the value holds")
    return [_element(field, data, types, depth) for _ in range(count)]


def _element(field: Field, data: Buffer, types: Mapping[Place, DataType], depth: int) -> Any:
    if field.has_subtypes:
        return extensionobject_from_binary(data)
    kind = types.get(field.type)
    if isinstance(kind, Simple):
        return unpack_uatype(kind.variant, data)
    if isinstance(kind, Standard):
        return from_binary(kind.decoded, data)
    if isinstance(kind, Structure):
        if depth >= _DEEPEST:
            raise _Undecodable(f"field {field.name} is nested too deep")
        return {inner.name: _value(inner, data, types, depth + 1) for inner in _present(kind, data)}
    name, why = (kind.name, kind.why) if isinstance(kind, Undescribed) else ("", "its type is unknown")
    raise _Undecodable(f"of {name or field.name}: {why}")


def _product(lengths: list[int]) -> int:
    product = 1
    for length in lengths:
        product *= max(0, length)
    return product if lengths else 0


def _shaped(flat: list[Any] | None, lengths: list[int]) -> list[Any] | None:
    if flat is None or len(lengths) < 2:
        return flat
    width = len(flat) // lengths[0] if lengths[0] > 0 else 0
    return [
        _shaped(flat[begin * width : (begin + 1) * width], lengths[1:]) for begin in range(max(0, lengths[0]))
    ]
