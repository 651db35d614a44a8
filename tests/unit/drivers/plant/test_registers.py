import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.plant.kinds import METRIC_INDEX, METRIC_KEYS
from drivers.plant.registers import Unit
from drivers.plant.wiring import MODBUS_WIRING, ModbusTag, ModbusWiring, Span


def row(**values: float) -> list[float]:
    return [values.get(key, math.nan) for key in METRIC_KEYS]


def unit_with(tag: ModbusTag) -> Unit:
    return Unit(ModbusWiring((tag,), (Span("holding", 0, 10),)))


def registers(unit: Unit, first: int, count: int, function: int = 3) -> bytes:
    reply = unit.reply(struct.pack(">BHH", function, first, count))
    assert reply[:2] == bytes((function, 2 * count))
    return reply[2:]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("ABCD", b"\x42\xf6\xe9\x79"),
        ("CDAB", b"\xe9\x79\x42\xf6"),
        ("BADC", b"\xf6\x42\x79\xe9"),
        ("DCBA", b"\x79\xe9\xf6\x42"),
    ],
)
def test_floats_lie_in_the_word_order_of_the_device(order, expected):
    unit = unit_with(ModbusTag("pressure", "holding", 2, "float32", order))
    unit.store(row(pressure=123.456))
    assert registers(unit, 2, 2) == expected


@given(st.floats(-40.0, 6000.0))
def test_scaled_register_is_within_half_a_count_of_the_value(value):
    unit = unit_with(ModbusTag("temperature", "holding", 5, "uint16", scale=0.1, offset=-40.0))
    unit.store(row(temperature=value))
    count = int.from_bytes(registers(unit, 5, 1), "big")
    assert count * 0.1 - 40.0 == pytest.approx(value, abs=0.0501)


@pytest.mark.parametrize(("value", "count"), [(99_999.0, 32767), (-99_999.0, -32768)])
def test_integers_stop_at_the_ends_of_their_range(value, count):
    unit = unit_with(ModbusTag("rpm", "holding", 0, "int16"))
    unit.store(row(rpm=value))
    assert struct.unpack(">h", registers(unit, 0, 1)) == (count,)


def test_integer_keeps_its_last_content_where_the_value_is_not_a_number():
    unit = unit_with(ModbusTag("rpm", "holding", 0, "int16"))
    unit.store(row(rpm=1450.0))
    unit.store(row(rpm=math.nan))
    assert struct.unpack(">h", registers(unit, 0, 1)) == (1450,)


@pytest.mark.parametrize("value", [math.nan, math.inf, 1e300])
def test_float_shows_what_is_no_number(value):
    unit = unit_with(ModbusTag("pressure", "holding", 0, "float32"))
    unit.store(row(pressure=value))
    assert not math.isfinite(struct.unpack(">f", registers(unit, 0, 2))[0])


@pytest.mark.parametrize(
    ("request_pdu", "code"),
    [
        (b"\x03\x0c\x7f\x00\x02", 2),  # begins before the block
        (b"\x03\x0c\x8f\x00\x02", 2),  # ends behind it
        (b"\x04\x0c\x82\x00\x01", 2),  # the other table
        (b"\x03\x0c\x82\x00\x00", 3),  # no register
        (b"\x03\x0c\x82\x00\x7e", 3),  # 126 registers
        (b"\x03\x0c\x82\x00", 3),  # short
        (b"\x06\x0c\x82\x00\x01", 1),  # write
        (b"\x01\x00\x0f\x00\x02", 2),  # coils that do not exist
    ],
)
def test_what_a_drive_cannot_answer_is_refused_by_the_right_exception(request_pdu, code):
    unit = Unit(MODBUS_WIRING["drive"])
    assert unit.reply(request_pdu) == bytes((request_pdu[0] | 0x80, code))
    assert (unit.refused, unit.answered) == (1, {})


def test_reading_across_the_hole_of_a_pump_is_refused_but_both_sides_answer():
    unit = Unit(MODBUS_WIRING["pump"])
    assert unit.reply(b"\x04\x00\x00\x00\x06") == b"\x84\x02"
    assert len(registers(unit, 0, 2, function=4)) == 4
    assert len(registers(unit, 4, 12, function=4)) == 24


def test_running_bit_follows_the_power():
    unit = Unit(MODBUS_WIRING["drive"])
    unit.store(row(power_consumption=5000.0, rpm=1.0, temperature=1.0, vibration=1.0))
    assert unit.reply(b"\x01\x00\x00\x00\x08") == b"\x01\x01\x01"
    unit.store(row(power_consumption=40.0, rpm=1.0, temperature=1.0, vibration=1.0))
    assert unit.reply(b"\x02\x00\x00\x00\x08") == b"\x02\x01\x00"


def test_answers_are_counted_by_request_and_follow_the_measurements():
    unit = unit_with(ModbusTag("rpm", "holding", 0, "int16"))
    for value in (1.0, 2.0, 3.0):
        unit.store(row(rpm=value))
        assert registers(unit, 0, 1) == struct.pack(">h", int(value))
    unit.peek(b"\x03\x00\x00\x00\x01")
    assert unit.answered == {(3, 0, 1): 3}


@pytest.mark.parametrize("kind", sorted(MODBUS_WIRING))
def test_every_tag_of_a_wiring_can_be_read_on_its_own(kind):
    wiring = MODBUS_WIRING[kind]
    unit = Unit(wiring)
    unit.store([1.0] * len(METRIC_INDEX))
    for tag in wiring.tags:
        words = 1 if tag.data_type.endswith("16") else 2
        function = {"holding": 3, "input": 4}[tag.table]
        assert any(registers(unit, tag.address, words, function))
