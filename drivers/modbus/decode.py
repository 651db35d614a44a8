"""From the bytes of a reply to raw values. Pure.

What to do with a block is worked out once: one `struct` format picks every value out of the payload, so that
a poll costs one unpack for the common case. Values in other byte orders come out as bytes and are put in
order first; bits come out as their register.
"""

import math
import struct
from collections.abc import Callable, Sequence

from drivers.modbus.address import DataType, ModbusAddress, WordOrder
from drivers.modbus.blocks import Block
from drivers.values import Quality, RawValue, bad

NOT_A_NUMBER = "not a number"
NOT_IMPLEMENTED = "the device does not measure this (its value means “not implemented”)"
NO_FACTOR = "the scale factor register {} holds no factor"
WRONG_FACTOR = "the scale factor register {} holds {}, and a factor is -10 to 10"
_LARGEST_FACTOR = 10
INFINITE = "infinite"

_FORMATS = {
    DataType.INT16: "h",
    DataType.UINT16: "H",
    DataType.INT32: "i",
    DataType.UINT32: "I",
    DataType.INT64: "q",
    DataType.UINT64: "Q",
    DataType.FLOAT32: "f",
    DataType.FLOAT64: "d",
}

_FACTOR_FORMAT = "h"

_Number = bool | int | float
_Convert = Callable[..., _Number]
Decoder = Callable[[bytes, float, list[RawValue | None]], int]
"""Called with a payload, its time of receipt in Unix seconds and the list of all values of the device, in
which it sets those of its block. Returns how many of them are no number."""


def decoder_of(addresses: Sequence[ModbusAddress], block: Block) -> Decoder:
    """Return what turns the payload of `block` into raw values.

    The payload must have exactly the length asked for; `frames` has checked that.
    """
    return _bit_decoder(addresses, block) if block.table.is_bits else _register_decoder(addresses, block)


def _bit_decoder(addresses: Sequence[ModbusAddress], block: Block) -> Decoder:
    # The first bit asked for is the lowest of the first byte (application protocol 1.1b3, 6.1).
    places = [(tag, *divmod(addresses[tag].offset - block.start, 8)) for tag in block.tags]
    picks = tuple((tag, byte, 1 << bit) for tag, byte, bit in places)

    def decode(payload: bytes, received_unix: float, values: list[RawValue | None]) -> int:
        for tag, byte, mask in picks:
            values[tag] = RawValue(payload[byte] & mask != 0, Quality.GOOD, received_unix)
        return 0

    return decode


def _register_decoder(addresses: Sequence[ModbusAddress], block: Block) -> Decoder:
    factors = {tag: factor for tag in block.tags if (factor := addresses[tag].factor) is not None}
    fields = sorted(
        {(addresses[tag].offset - block.start, _field_format(addresses[tag])) for tag in block.tags}
        | {(factor - block.start, _FACTOR_FORMAT) for factor in factors.values()}
    )
    layers = _layers(fields)
    order = [field for layer in layers for field in layer]
    slots = {field: slot for slot, field in enumerate(order)}
    structs = [_struct_of(layer, block.count * 2) for layer in layers]
    picks = tuple(
        (
            tag,
            slots[addresses[tag].offset - block.start, _field_format(addresses[tag])],
            _converter(addresses[tag]),
        )
        for tag in block.tags
    )
    scalings = tuple(
        (tag, slots[factor - block.start, _FACTOR_FORMAT], factor, _missing(addresses[tag].type))
        for tag, factor in factors.items()
    )
    first, *rest = structs
    is_plain = (
        not scalings
        and not rest
        and all(convert is None for _, _, convert in picks)
        and len(picks) == len(order)
    )
    if is_plain:
        return _plain_decoder(first, tuple(tag for tag, _, _ in picks))

    def decode(payload: bytes, received_unix: float, values: list[RawValue | None]) -> int:
        found = first.unpack(payload)
        for layer in rest:
            found += layer.unpack(payload)
        bad_values = 0
        for tag, slot, convert in picks:
            value = found[slot] if convert is None else convert(found[slot])
            if value.__class__ is float and not math.isfinite(value):
                values[tag] = bad(NOT_A_NUMBER if math.isnan(value) else INFINITE, received_unix)
                bad_values += 1
            else:
                values[tag] = RawValue(value, Quality.GOOD, received_unix)
        for tag, slot, factor, missing in scalings:
            values[tag] = scaled = _scaled(values[tag], found[slot], factor, missing, received_unix)
            bad_values += scaled.quality is Quality.BAD
        return bad_values

    return decode


def _scaled(read: RawValue | None, power: int, factor: int, missing: int, received_unix: float) -> RawValue:
    """Return a value times ten to a power, or why there is none."""
    value = None if read is None else read.value
    if value is None or value == missing:
        return bad(NOT_IMPLEMENTED, received_unix)
    if power == _missing(DataType.INT16):
        return bad(NO_FACTOR.format(factor), received_unix)
    if abs(power) > _LARGEST_FACTOR:
        return bad(WRONG_FACTOR.format(factor, power), received_unix)
    # Divided where the power is negative: 0.1 has no exact form, and 2285 × 0.1 is not 228.5.
    scaled = value * 10**power if power >= 0 else value / 10**-power
    return RawValue(scaled, Quality.GOOD, received_unix)


def _missing(type_: DataType) -> int:
    """Return what a point that is not implemented holds in SunSpec: all ones, or of a signed one the lowest.

    SMA, Sunny Tripower 60 technical information, 3.6 "SunSpec data types and NaN values".
    """
    bits = 16 * type_.registers
    return 2**bits - 1 if type_.startswith("u") else -(2 ** (bits - 1))


def _plain_decoder(layout: struct.Struct, tags: tuple[int, ...]) -> Decoder:
    """Return the short way for blocks of whole numbers in network order, each in one field."""
    unpack = layout.unpack
    good = Quality.GOOD

    def decode(payload: bytes, received_unix: float, values: list[RawValue | None]) -> int:
        for tag, value in zip(tags, unpack(payload), strict=True):
            values[tag] = RawValue(value, good, received_unix)
        return 0

    return decode


def _field_format(address: ModbusAddress) -> str:
    if address.type is DataType.BOOL:
        return "H"
    if address.order is not WordOrder.ABCD:
        return f"{address.type.registers * 2}s"
    return _FORMATS[address.type]


def _converter(address: ModbusAddress) -> _Convert | None:
    """Return what the field still needs, None where it is the value already and always a number."""
    if address.bit is not None:
        return _bit_test(1 << address.bit)
    if address.order is not WordOrder.ABCD:
        return _reordering(address.type, address.order)
    # A float is one already; naming the conversion takes it off the short way, which checks no number.
    return float if address.type in (DataType.FLOAT32, DataType.FLOAT64) else None


def _bit_test(mask: int) -> _Convert:
    def is_set(register: int) -> bool:
        return register & mask != 0

    return is_set


def _reordering(type_: DataType, order: WordOrder) -> _Convert:
    size = type_.registers * 2
    swaps_words = order in (WordOrder.CDAB, WordOrder.DCBA)
    swaps_bytes = order in (WordOrder.BADC, WordOrder.DCBA)
    words = range(0, size, 2)
    places = [at for word in (reversed(words) if swaps_words else words) for at in (word, word + 1)]
    if swaps_bytes:
        places = [at ^ 1 for at in places]
    unpack = struct.Struct(">" + _FORMATS[type_]).unpack

    def reorder(wire: bytes) -> _Number:
        return unpack(bytes([wire[at] for at in places]))[0]

    return reorder


def _layers(fields: Sequence[tuple[int, str]]) -> list[list[tuple[int, str]]]:
    """Deal fields (offset in registers, format) into layers in which none overlaps another."""
    layers: list[list[tuple[int, str]]] = []
    for field in fields:
        for layer in layers:
            offset, format_ = layer[-1]
            if field[0] * 2 >= offset * 2 + struct.calcsize(">" + format_):
                layer.append(field)
                break
        else:
            layers.append([field])
    return layers


def _struct_of(layer: Sequence[tuple[int, str]], size: int) -> struct.Struct:
    """Return the layout of one layer over a payload of `size` bytes, with filling where nothing is wanted."""
    format_, at = ">", 0
    for offset, field in layer:
        format_ += f"{offset * 2 - at}x{field}"
        at = offset * 2 + struct.calcsize(">" + field)
    return struct.Struct(f"{format_}{size - at}x")
