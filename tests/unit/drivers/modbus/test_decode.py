"""Decoding is the inverse of encoding, whatever the order, and never yields a number that is none."""

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.modbus.address import DataType, ModbusAddress, Table, WordOrder, parse_address
from drivers.modbus.blocks import ReadLimits, plan_reads
from drivers.modbus.decode import INFINITE, NOT_A_NUMBER, decoder_of
from drivers.values import Quality, RawValue

FORMATS = {
    DataType.INT16: "h",
    DataType.UINT16: "H",
    DataType.INT32: "i",
    DataType.UINT32: "I",
    DataType.INT64: "q",
    DataType.UINT64: "Q",
    DataType.FLOAT32: "f",
    DataType.FLOAT64: "d",
}


def decoded(addresses: list[ModbusAddress], payload: bytes) -> list[RawValue | None]:
    (block,) = plan_reads(addresses, ReadLimits(125, 124)).blocks
    values: list[RawValue | None] = [None] * len(addresses)
    decoder_of(addresses, block)(payload, 12.5, values)
    return values


def encoded(type_: DataType, order: WordOrder, value: float) -> bytes:
    """Encode independently of the decoder: by words, as the letters are usually explained."""
    words = [struct.pack(">" + FORMATS[type_], value)[at : at + 2] for at in range(0, type_.registers * 2, 2)]
    words = words[::-1] if order in (WordOrder.CDAB, WordOrder.DCBA) else words
    words = [word[::-1] for word in words] if order in (WordOrder.BADC, WordOrder.DCBA) else words
    return b"".join(words)


@st.composite
def typed_values(draw: st.DrawFn) -> tuple[DataType, WordOrder, float]:
    type_ = draw(st.sampled_from(list(FORMATS)))
    order = draw(st.sampled_from(WordOrder)) if type_.registers > 1 else WordOrder.ABCD
    if type_ in (DataType.FLOAT32, DataType.FLOAT64):
        width = 32 if type_ is DataType.FLOAT32 else 64
        return type_, order, draw(st.floats(width=width, allow_nan=False, allow_infinity=False))
    bits = type_.registers * 16
    low, high = (0, 2**bits - 1) if type_.startswith("u") else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    return type_, order, draw(st.integers(low, high))


@given(
    st.lists(typed_values(), min_size=1, max_size=20), st.integers(0, 3), st.randoms(use_true_random=False)
)
def test_decoding_gives_back_what_was_encoded(
    wanted: list[tuple[DataType, WordOrder, float]], gap: int, random: "object"
) -> None:
    payload, entries = b"", []
    for type_, order, value in wanted:
        payload += b"\xaa" * (2 * gap if payload else 0)
        entries.append((ModbusAddress(Table.INPUT, 40 + len(payload) // 2, type_, None, order), value))
        payload += encoded(type_, order, value)
    random.shuffle(entries)  # type: ignore[attr-defined]
    values = decoded([address for address, _ in entries], payload)
    assert values == [RawValue(value, Quality.GOOD, 12.5) for _, value in entries]


@given(st.binary(min_size=8, max_size=8), st.lists(st.integers(0, 63), min_size=1, max_size=12))
def test_overlapping_values_are_each_decoded_on_their_own(payload: bytes, bits: list[int]) -> None:
    wide = ["holding:0:uint64", "holding:0:uint32", "holding:1:uint32", "holding:2:int16", "holding:0:uint16"]
    texts = wide + [f"holding:{bit // 16}.{bit % 16}:bool" for bit in bits]
    values = decoded([parse_address(text) for text in texts], payload)
    words = struct.unpack(">4H", payload)
    expected: list[bool | int] = [
        *struct.unpack(">Q", payload),
        *struct.unpack(">I", payload[:4]),
        *struct.unpack(">I", payload[2:6]),
        *struct.unpack(">h", payload[4:6]),
        words[0],
        *(bool(words[bit // 16] >> (bit % 16) & 1) for bit in bits),
    ]
    assert [value.value for value in values if value is not None] == expected


@given(st.lists(st.booleans(), min_size=1, max_size=100), st.integers(0, 1000))
def test_coils_are_decoded_lowest_bit_first(states: list[bool], start: int) -> None:
    payload = bytearray((len(states) + 7) // 8)
    for index, state in enumerate(states):
        payload[index // 8] |= state << (index % 8)
    addresses = [parse_address(f"coil:{start + index}") for index in range(len(states))]
    values = decoded(addresses, bytes(payload))
    assert [value.value for value in values if value is not None] == states


@pytest.mark.parametrize(
    ("number", "reason"), [(math.nan, NOT_A_NUMBER), (math.inf, INFINITE), (-math.inf, INFINITE)]
)
@pytest.mark.parametrize("type_", [DataType.FLOAT32, DataType.FLOAT64])
@pytest.mark.parametrize("order", list(WordOrder))
def test_what_is_no_number_is_bad(number: float, reason: str, type_: DataType, order: WordOrder) -> None:
    address = ModbusAddress(Table.HOLDING, 0, type_, None, order)
    neighbour = parse_address(f"holding:{type_.registers}")
    values = decoded([address, neighbour], encoded(type_, order, number) + b"\x00\x07")
    assert values == [
        RawValue(None, Quality.BAD, 12.5, None, reason),
        RawValue(7, Quality.GOOD, 12.5),
    ]


@given(st.binary(min_size=20, max_size=20))
def test_good_values_are_always_finite(payload: bytes) -> None:
    texts = ["holding:0:float32", "holding:2:float32:DCBA", "holding:4:float64:BADC", "holding:8:int32"]
    for value in decoded([parse_address(text) for text in texts], payload):
        assert value is not None
        assert (value.value is None) == (value.quality is Quality.BAD)
        assert value.value is None or math.isfinite(value.value)
