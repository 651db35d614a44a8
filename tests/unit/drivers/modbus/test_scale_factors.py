"""Values whose power of ten stands in another register: read together, scaled exactly, by no wrong factor."""

import pytest

from console.catalogue.profiles import profile_of
from drivers.errors import Refused
from drivers.modbus.address import parse_address
from drivers.modbus.encode import encoded
from drivers.modbus.hub import ModbusHub
from drivers.modbus.settings import ModbusTcpSettings
from drivers.plant.modbus_server import ModbusGateway
from tests.unit.drivers.modbus.range_unit import RangeUnit

NOT_MEASURED = "the device does not measure this (its value means “not implemented”)"


@pytest.fixture
def unit() -> RangeUnit:
    return RangeUnit(holding=[(0, 200)])


@pytest.fixture
async def reading(unit: RangeUnit, hub: ModbusHub):
    gateway = ModbusGateway("127.0.0.1", 0, {7: unit})
    await gateway.open()

    async def read(*texts: str, **settings: object):
        chosen = ModbusTcpSettings.model_validate(
            {"host": "127.0.0.1", "port": gateway.port, "unit": 7} | settings
        )
        driver = hub.driver(chosen, [parse_address(text) for text in texts])
        await driver.open()
        values = await driver.read()
        await driver.close()
        return values

    yield read
    await gateway.close()


@pytest.mark.parametrize(
    ("text", "registers", "value", "detail"),
    [
        ("holding:9:uint16:sf=12", {9: 2285, 12: 0xFFFF}, 228.5, ""),
        ("holding:9:int16:sf=8", {9: 0xFFFB, 8: 2}, -500, ""),
        ("holding:9:uint32:sf=11", {9: 60, 10: 8980, 11: 0}, 60 * 65536 + 8980, ""),
        ("holding:9:uint32:CDAB:sf=11", {9: 8980, 10: 60, 11: 0xFFFE}, (60 * 65536 + 8980) / 100, ""),
        ("holding:9:int16:sf=10", {9: 0x8000, 10: 0}, None, NOT_MEASURED),
        ("holding:9:uint16:sf=10", {9: 0xFFFF, 10: 0}, None, NOT_MEASURED),
        ("holding:9:uint16:sf=10", {9: 5, 10: 0x8000}, None, "the scale factor register 10 holds no factor"),
        (
            "holding:9:uint16:sf=10",
            {9: 5, 10: 11},
            None,
            "the scale factor register 10 holds 11, and a factor is -10 to 10",
        ),
    ],
)
async def test_a_value_is_scaled_by_what_its_register_holds(
    unit, reading, text, registers, value, detail
) -> None:
    unit.written = registers
    (read,) = await reading(text)
    assert (read.value, read.detail) == (value, detail)


async def test_value_and_factor_come_in_one_read_and_share_it_with_others(unit, reading) -> None:
    unit.written = {9: 2285, 14: 0xFFFF}
    values = await reading("holding:9:uint16:sf=14", "holding:11", "holding:14:int16", max_gap_registers=0)
    assert [value.value for value in values] == [228.5, 11, -1]
    assert unit.asked == [("holding", 9, 6)]


async def test_a_factor_that_moves_moves_the_next_value(unit, reading) -> None:
    unit.written = {9: 2285, 10: 0xFFFF}
    before = await reading("holding:9:uint16:sf=10")
    unit.written = {9: 229, 10: 0}
    after = await reading("holding:9:uint16:sf=10")
    assert [before[0].value, after[0].value] == [228.5, 229]


async def test_addresses_that_count_from_one_move_their_factors_along(unit, reading) -> None:
    unit.written = {9: 2285, 12: 0xFFFF}
    values = await reading("holding:10:uint16:sf=13", "holding:5:uint16:sf=0", is_one_based=True)
    assert values[0].value == 228.5
    assert values[1].detail == "address 0 does not exist where addresses count from 1"


async def test_a_device_that_gives_too_few_at_once_says_so_of_that_value_alone(unit, reading) -> None:
    values = await reading("holding:9:uint16:sf=20", "holding:3", max_registers_per_read=8)
    assert values[0].detail == "value and factor are 12 registers together, and the device gives 8 at once"
    assert values[1].value == 3


async def test_a_refused_factor_costs_only_the_values_that_need_it(reading) -> None:
    values = await reading("holding:200:uint16:sf=203", "holding:198", "holding:199")
    assert [value.value for value in values] == [None, 198, 199]


def test_a_scaled_value_is_not_written() -> None:
    with pytest.raises(Refused, match=r"its factor may change .* use the register alone, holding:9:int16\.$"):
        encoded(parse_address("holding:9:int16:sf=10"), 5.0)


async def test_a_model_103_is_what_a_real_one_showed(hub: ModbusHub) -> None:
    # A SolarEdge SE25K from offset 2 of the model on, as the crate sunspec 0.9.0 has it in its tests.
    shown = [
        0,
        0,
        0,
        0,
        65534,
        3965,
        3953,
        3963,
        2288,
        2284,
        2285,
        65535,
        0,
        0,
        4998,
        65534,
        0,
        0,
        0,
        0,
        0,
        0,
    ]
    shown += [60, 8980, 0, 0, 0, 16, 65535, 0, 0, 32768, 3927, 32768, 32768, 65534, 2]
    unit = RangeUnit(holding=[(40000, 40177)])
    unit.written = {40071 + at: word for at, word in enumerate(shown)}
    gateway = ModbusGateway("127.0.0.1", 0, {1: unit})
    await gateway.open()
    profile = profile_of("sunspec-inverter-int")
    tags = profile.records_of_tags()
    settings = ModbusTcpSettings(host="127.0.0.1", port=gateway.port, unit=1)
    driver = hub.driver(settings, [parse_address(tag.address) for tag in tags])
    await driver.open()
    read = dict(zip((tag.metric for tag in tags), await driver.read(), strict=True))
    await driver.close()
    await gateway.close()
    assert {metric: value.value for metric, value in read.items()} == {
        "power_consumption": 0,
        "temperature": None,
        "current": 0.0,
        "voltage_l1": 228.8,
        "voltage_l2": 228.4,
        "voltage_l3": 228.5,
        "frequency": 49.98,
        "energy_total": 3941140,
        "dc_voltage": 1.6,
        "dc_power": 0,
        "inverter_state": 2,
    }
    assert read["temperature"].detail == NOT_MEASURED
    assert len(unit.asked) == 1
