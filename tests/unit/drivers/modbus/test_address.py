"""Addresses as text: what is accepted, what is refused, and in which words."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.errors import AddressError
from drivers.modbus.address import DataType, ModbusAddress, Table, WordOrder, parse_address

WIDE = [type_ for type_ in DataType if type_.registers > 1]


def any_address() -> st.SearchStrategy[ModbusAddress]:
    offsets = st.integers(0, 65532)
    registers = st.sampled_from([Table.INPUT, Table.HOLDING])
    bits = st.builds(
        ModbusAddress,
        st.sampled_from([Table.COIL, Table.DISCRETE]),
        st.integers(0, 65535),
        st.just(DataType.BOOL),
    )
    register_bits = st.builds(ModbusAddress, registers, offsets, st.just(DataType.BOOL), st.integers(0, 15))
    narrow = st.builds(ModbusAddress, registers, offsets, st.sampled_from([DataType.INT16, DataType.UINT16]))
    wide = st.builds(
        ModbusAddress, registers, offsets, st.sampled_from(WIDE), st.none(), st.sampled_from(WordOrder)
    )
    scaled = st.builds(
        lambda table, at, type_, away: ModbusAddress(table, at, type_, factor=at + away),
        *(registers, st.integers(130, 65000), st.sampled_from([DataType.INT16, DataType.UINT32])),
        st.integers(-120, -1) | st.integers(2, 120),
    )
    return st.one_of(bits, register_bits, narrow, wide, scaled)


@given(any_address())
def test_text_of_an_address_parses_back_to_it(address: ModbusAddress) -> None:
    assert parse_address(str(address)) == address


@given(st.text(max_size=40))
def test_text_without_a_colon_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(AddressError, match="holding:3205:uint16"):
        parse_address(text.replace(":", ""))


@given(
    st.lists(
        st.sampled_from(["holding", "coil", "7", "70000", "3.3", "bool", "int32", "CDAB", "", "x"]),
        max_size=5,
    )
)
def test_any_parts_are_an_address_or_refused_as_one(parts: list[str]) -> None:
    with contextlib.suppress(AddressError):
        address = parse_address(":".join(parts))
        assert parse_address(str(address)) == address


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("holding:3205:uint16", "holding:3205:uint16"),
        ("input:0:float32:CDAB", "input:0:float32:CDAB"),
        ("coil:12", "coil:12"),
        ("coil:12:bool", "coil:12"),
        ("discrete:3", "discrete:3"),
        ("holding:10.3:bool", "holding:10.3:bool"),
        ("holding:10.3", "holding:10.3:bool"),
        ("holding:10", "holding:10:uint16"),
        (" Holding : 10 : INT32 : abcd ", "holding:10:int32"),
        ("input:65534:float32", "input:65534:float32"),
    ],
)
def test_canonical_text(text: str, canonical: str) -> None:
    assert str(parse_address(text)) == canonical


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("3205", ["'3205'", "holding:3205:uint16"]),
        ("register:5", ["'register'", "table", "holding"]),
        ("holding:abc", ["'abc'", "0 to 65535"]),
        ("holding:-1", ["'-1'", "0 to 65535"]),
        ("holding:1_0", ["'1_0'"]),
        ("holding:٣", ["'٣'"]),
        ("holding:65536", ["65536", "0 to 65535"]),
        ("holding:5:int8", ["'int8'", "type", "uint16"]),
        ("holding:5:float32:BACD", ["'BACD'", "word order", "CDAB"]),
        ("holding:5:uint16:CDAB", ["uint16", "one register", "holding:5:float32:CDAB"]),
        ("holding:5.16:bool", ["0 to 15", "16"]),
        ("holding:5:bool", ["bit", "holding:5.3:bool"]),
        ("holding:5.1:uint16", ["only bool", "holding:5.1:bool"]),
        ("coil:5.1", ["single bits", "coil:5"]),
        ("coil:5:uint16", ["single bits", "uint16", "coil:5"]),
        ("holding:65535:float32", ["65536", "65535", "holding:65534:float32"]),
        ("input:65533:float64", ["65536", "input:65532:float64"]),
        ("holding:1:uint16:ABCD:x", ["holding:3205:uint16"]),
        ("holding:9:int16:sf=x", ["'x' is no register", "holding:40083:int16:sf=40084"]),
        ("holding:9:int16:sf=70000", ["70000 does not exist", "holding:9:int16:sf=10"]),
        ("holding:9:float32:sf=11", ["float32 takes no scale factor register", "holding:9:int16:sf=11"]),
        ("holding:9.1:bool:sf=11", ["bool takes no scale factor register"]),
        ("coil:9:sf=11", ["single bits", "coil:9"]),
        ("holding:9:uint32:sf=10", ["part of holding:9:uint32 itself", "holding:9:uint32:sf=11"]),
        ("holding:9:int16:sf=134", ["126 registers together", "one read of at most 125"]),
    ],
)
def test_refusal_names_the_part_and_shows_an_example(text: str, names: list[str]) -> None:
    with pytest.raises(AddressError) as refusal:
        parse_address(text)
    for name in names:
        assert name in str(refusal.value)
