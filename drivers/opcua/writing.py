"""Writes one number to a node, or to one element of an array, and reads back what the server holds then."""

# asyncua's generated structures annotate their fields with names that only exist at run time.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportAttributeAccessIssue=false

import math
import struct
from typing import Any

from asyncua import ua
from asyncua.ua.attribute_ids import AttributeIds
from pydantic import BaseModel

from drivers.driver import DriverHub
from drivers.errors import LineLost, Refused
from drivers.opcua.address import NodeAddress
from drivers.opcua.address_space import WRITABLE, content, place_of, read_attributes, read_range, write_value
from drivers.opcua.decode import refusal_words, status_words
from drivers.opcua.driver import own_hub, own_settings
from drivers.opcua.reading_once import read_once
from drivers.opcua.reference_wire import Place
from drivers.opcua.value_text import value_text
from drivers.opcua.visiting import Visit, address_from
from drivers.questions import NOT_KNOWN, NOT_READ_BACK
from drivers.values import Quality

_V = ua.VariantType
_RANGES = {
    _V.SByte: (-(2**7), 2**7 - 1),
    _V.Byte: (0, 2**8 - 1),
    _V.Int16: (-(2**15), 2**15 - 1),
    _V.UInt16: (0, 2**16 - 1),
    _V.Int32: (-(2**31), 2**31 - 1),
    _V.UInt32: (0, 2**32 - 1),
    _V.Int64: (-(2**63), 2**63 - 1),
    _V.UInt64: (0, 2**64 - 1),
}


async def write(hub: DriverHub, settings: BaseModel, address: str, value: float) -> str:
    """Write a number; see `drivers.workbench.Tools.write`.

    Raises:
        LineLost, NeedsHuman: The server cannot be reached.
        Refused: It does not take this, or the number does not fit; nothing was changed then.
    """
    chosen = own_settings(settings)
    owner = own_hub(hub)
    target = address_from(address).begun_at(chosen.start)
    async with owner.visits.to(owner.line(chosen), chosen.endpoint) as visit:
        place = await visit.place(target)
        index = _index_of(target)
        variant_type, whole = await _target(visit, target, place)
        if index is None and isinstance(whole, list):
            raise Refused(f"{target} is an array of {len(whole)} elements; name one, as in {target}|[0].")
        number = as_number(variant_type, value, str(target))
        if index is None:
            variant, part = ua.Variant(number, variant_type), None
        else:
            await _check_element(visit, target, place, index, whole)
            variant, part = ua.Variant([number], variant_type, is_array=True), str(index)
        try:
            code = await write_value(visit.link, place, variant, part)
        except LineLost as lost:
            raise type(lost)(f"{lost} {NOT_KNOWN}") from lost
        if code >> 30 >= 2:
            raise Refused(f"{target} was not written: {refusal_words(code, str(target))}.")
        return await _held(visit, target, place)


def as_number(variant_type: ua.VariantType, value: float, name: str) -> bool | int | float:
    """Return a number as a type takes it.

    Raises:
        Refused: The type holds no numbers, or not this one; `name` is what people call the target.
    """
    if variant_type is _V.Boolean:
        if value not in (0, 1):
            raise Refused(f"{name} is true or false: write 1 or 0, not {value:g}.")
        return bool(value)
    if variant_type in _RANGES:
        low, high = _RANGES[variant_type]
        if not math.isfinite(value) or value != int(value):
            raise Refused(f"{name} takes whole numbers ({variant_type.name}), not {value:g}.")
        if not low <= int(value) <= high:
            raise Refused(f"{name} takes {low} to {high} ({variant_type.name}), not {value:.17g}.")
        return int(value)
    if variant_type not in (_V.Float, _V.Double):
        raise Refused(f"{name} is of type {variant_type.name}, which holds no number.")
    if not math.isfinite(value):
        raise Refused(f"{name} takes finite numbers, not {value:g}.")
    if variant_type is _V.Float:
        try:
            struct.pack("<f", value)
        except OverflowError:
            raise Refused(f"{name} is a Float and holds at most 3.4e38, not {value:g}.") from None
    return float(value)


async def _held(visit: Visit, target: NodeAddress, place: Place) -> str:
    """Return what the server holds after a write that it confirmed, or why that cannot be seen."""
    try:
        held = await read_once(visit.link, visit.types, target, place)
    except LineLost as lost:
        why = str(lost)
    except ua.UaStatusCodeError as error:
        why = status_words(error.code or 0)
    else:
        if held.quality is not Quality.BAD:
            return value_text(held.value)
        why = held.detail
    return f"{NOT_READ_BACK} ({why})"


def _index_of(target: NodeAddress) -> int | None:
    match target.path:
        case ():
            return None
        case ((int(index),),):
            return index
        case _:
            raise Refused(
                f"{target} is inside a structure; only whole nodes and elements of arrays are written, "
                "because writing back the rest could undo what the device changed meanwhile."
            )


async def _target(visit: Visit, target: NodeAddress, place: Place) -> tuple[ua.VariantType, Any]:
    """Return how the node's values are encoded, and its present value; None where there is none."""
    asked = (
        AttributeIds.Value,
        AttributeIds.DataType,
        AttributeIds.AccessLevel,
        AttributeIds.UserAccessLevel,
    )
    value, data_type, level, user_level = await read_attributes(
        visit.link, [(place, attribute) for attribute in asked]
    )
    told = content(data_type)
    if not isinstance(told, ua.NodeId):
        code = data_type.StatusCode.value if data_type.StatusCode is not None else 0
        raise Refused(f"{target} cannot be written: {refusal_words(code, str(target))}.")
    for answer, who in ((level, "nobody"), (user_level, "this user not")):
        bits = content(answer)
        if isinstance(bits, int) and not bits & WRITABLE:
            raise Refused(f"{target} is read-only: the server lets {who} write it.")
    held = content(value)
    if held is not None and value.Value is not None:
        return value.Value.VariantType, held
    await visit.types.learn_types([place_of(told)])
    variant_type = visit.types.variant_of(place_of(told))
    if variant_type is None:
        raise Refused(f"{target} holds no number.")
    return variant_type, held


async def _check_element(visit: Visit, target: NodeAddress, place: Place, index: int, whole: Any) -> None:
    """Make sure that one element can be written alone: some servers would replace the whole array by it."""
    if not isinstance(whole, list):
        raise Refused(f"{target.node} is no array at present, so it has no element {index}.")
    if index >= len(whole):
        raise Refused(f"{target.node} has {len(whole)} elements, the last is {len(whole) - 1}.")
    part = content(await read_range(visit.link, place, str(index)))
    is_ranged = isinstance(part, list) and len(part) == 1
    if not is_ranged or (len(whole) == 1 and index == 0 and not await _knows_ranges(visit, place)):
        raise Refused(f"{target} cannot be written: the server does not write single elements of arrays.")


async def _knows_ranges(visit: Visit, place: Place) -> bool:
    """Whether a server looks at ranges, by one that an array of one element cannot fill."""
    return content(await read_range(visit.link, place, "1")) is None
