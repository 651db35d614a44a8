"""What is written comes back as it was meant; what does not fit is refused with the limits that hold."""

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.errors import Refused
from drivers.modbus.address import DataType, ModbusAddress, Table, WordOrder, parse_address
from drivers.modbus.blocks import Block
from drivers.modbus.decode import decoder_of
from drivers.modbus.encode import encoded, range_of, value_words
from drivers.values import RawValue

WHOLE = [kind for kind in DataType if "int" in kind]
ORDERS = list(WordOrder)


def decoded(address: ModbusAddress, data: bytes) -> object:
    values: list[RawValue | None] = [None]
    decoder_of([address], Block(address.table, address.offset, address.width, (0,)))(data, 1.0, values)
    assert values[0] is not None
    return values[0].value


@given(st.data())
def test_whole_numbers_come_back_in_every_order(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(WHOLE))
    order = data.draw(st.sampled_from(ORDERS)) if kind.registers > 1 else WordOrder.ABCD
    low, high = range_of(kind)
    # A value travels as a float, which holds whole numbers up to 2^53 exactly.
    value = data.draw(st.integers(max(low, -(2**53)), min(high, 2**53)))
    address = ModbusAddress(Table.HOLDING, 0, kind, None, order)
    assert decoded(address, encoded(address, float(value))) == value


@given(st.floats(width=32, allow_nan=False, allow_infinity=False), st.sampled_from(ORDERS))
def test_floats_come_back_in_every_order(value: float, order: WordOrder) -> None:
    for kind in (DataType.FLOAT32, DataType.FLOAT64):
        address = ModbusAddress(Table.HOLDING, 0, kind, None, order)
        assert decoded(address, encoded(address, value)) == value


@pytest.mark.parametrize(
    ("text", "value", "sentence"),
    [
        ("holding:3:int16", 40000, "holding:3:int16 takes -32768 to 32767, not 40000."),
        ("holding:3", -1, "takes 0 to 65535, not -1."),
        ("holding:3", 12.5, "takes whole numbers from 0 to 65535, not 12.5."),
        ("holding:3:uint32", 2**32, "takes 0 to 4294967295, not 4294967296."),
        ("holding:3:float32", 1e39, "takes −3.4e38 to 3.4e38, not 1e+39; float64 holds more."),
        ("holding:3.4:bool", 2, "is one bit and takes 0 or 1, not 2."),
        ("coil:3", 0.5, "is one bit and takes 0 or 1, not 0.5."),
        ("holding:3:float32", math.nan, "nan is no value to write"),
        ("holding:3:float64", math.inf, "inf is no value to write"),
        ("input:3", 1, "input registers can only be read"),
        ("discrete:3", 1, "discrete inputs can only be read"),
    ],
)
def test_value_that_does_not_fit_is_refused_in_one_sentence(text: str, value: float, sentence: str) -> None:
    with pytest.raises(Refused) as refusal:
        encoded(parse_address(text), value)
    assert sentence in str(refusal.value)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (77.0, "77"),
        (True, "1"),
        (struct.unpack(">f", struct.pack(">f", 3.14))[0], "3.14"),
        (3.14, "3.14"),
        (0.1 + 0.2, "0.30000000000000004"),
        (-1e-7, "-1e-07"),
        (2.0**40, "1099511627776"),
        (1e39, "1e+39"),
    ],
)
def test_values_are_shown_as_people_write_them(value: float, words: str) -> None:
    assert value_words(value) == words
