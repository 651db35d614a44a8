"""From a value to the bytes of a write. Pure; the inverse of `decode`."""

import math
import struct

from drivers.errors import Refused
from drivers.modbus.address import DataType, ModbusAddress, Table, WordOrder

_FORMATS = {
    DataType.INT16: ">h",
    DataType.UINT16: ">H",
    DataType.INT32: ">i",
    DataType.UINT32: ">I",
    DataType.INT64: ">q",
    DataType.UINT64: ">Q",
    DataType.FLOAT32: ">f",
    DataType.FLOAT64: ">d",
}
_LONGEST_WHOLE = 2**64
_FLOAT32_DIGITS, _FLOAT64_DIGITS = 6, 18
_ENTRIES = {Table.INPUT: "input registers", Table.DISCRETE: "discrete inputs"}


def encoded(address: ModbusAddress, value: float) -> bytes:
    """Return the bytes that hold `value` at `address`, in the order of the wire; one byte for a single bit.

    Raises Refused where the place cannot be written or the value does not fit, saying what does.
    """
    if address.table in _ENTRIES:
        raise Refused(f"{address} cannot be written: {_ENTRIES[address.table]} can only be read in Modbus.")
    if address.factor is not None:
        raise Refused(
            f"{address} cannot be written: its factor may change between reading and writing it; use the "
            f"register alone, {address.table}:{address.offset}:{address.type}."
        )
    if not math.isfinite(value):
        raise Refused(f"{value_words(value)} is no value to write to {address}.")
    if address.type is DataType.BOOL:
        if value not in (0, 1):
            raise Refused(f"{address} is one bit and takes 0 or 1, not {value_words(value)}.")
        return b"\x01" if value else b"\x00"
    if address.type in (DataType.FLOAT32, DataType.FLOAT64):
        return _ordered(_float_bytes(address, value), address.order)
    low, high = range_of(address.type)
    if value != int(value):
        raise Refused(f"{address} takes whole numbers from {low} to {high}, not {value_words(value)}.")
    if not low <= int(value) <= high:
        raise Refused(f"{address} takes {low} to {high}, not {value_words(value)}.")
    return _ordered(struct.pack(_FORMATS[address.type], int(value)), address.order)


def range_of(type_: DataType) -> tuple[int, int]:
    """Return the lowest and highest number of a whole-number type."""
    bits = 16 * type_.registers
    return (0, 2**bits - 1) if type_.startswith("u") else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def value_words(value: float) -> str:
    """Return a value as people write it: no ".0" behind whole numbers, no digits that nobody stored."""
    if not math.isfinite(value) or (math.floor(value) == value and abs(value) < _LONGEST_WHOLE):
        return f"{value:.0f}"
    for digits in range(_FLOAT32_DIGITS, _FLOAT64_DIGITS):
        text = f"{value:.{digits}g}"
        # What came out of 32 bits is long in 64: the shortest that goes back into the same 32 is meant.
        if float(text) == value or _same_float32(float(text), value):
            return text
    return repr(value)


def _same_float32(value: float, other: float) -> bool:
    try:
        packed = struct.pack(">f", value)
    except OverflowError:
        return False
    return struct.unpack(">f", packed)[0] == other


def _float_bytes(address: ModbusAddress, value: float) -> bytes:
    try:
        return struct.pack(_FORMATS[address.type], value)
    except OverflowError:
        raise Refused(
            f"{address} takes −3.4e38 to 3.4e38, not {value_words(value)}; float64 holds more."
        ) from None


def _ordered(big_endian: bytes, order: WordOrder) -> bytes:
    words = [big_endian[at : at + 2] for at in range(0, len(big_endian), 2)]
    if order in (WordOrder.CDAB, WordOrder.DCBA):
        words.reverse()
    if order in (WordOrder.BADC, WordOrder.DCBA):
        words = [word[::-1] for word in words]
    return b"".join(words)
