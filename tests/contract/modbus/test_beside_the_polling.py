"""What every line offers beside polling, against real peers: writes, identification, the connection test."""

import pytest

from drivers.modbus.address import parse_address
from drivers.modbus.hub import ModbusHub
from drivers.modbus.identification import identify
from drivers.modbus.registers import read_registers
from drivers.modbus.spec import MODBUS
from drivers.modbus.writing import write
from drivers.workbench import Fact, RegisterSpan
from tests.contract.modbus.rigs import Rig, word_of

every_line = pytest.mark.parametrize("rig", [spec.kind for spec in MODBUS], indirect=True)


@every_line
async def test_values_are_written_and_read_back(hub: ModbusHub, rig: Rig) -> None:
    settings = rig.settings(unit=2)
    assert str(await write(hub, settings, "holding:20", 4711)) == "4711"
    assert str(await write(hub, settings, "holding:30:float32:CDAB", 3.14)) == "3.14"
    assert str(await write(hub, settings, "holding:40:int64:DCBA", -5)) == "-5"
    assert (await write(hub, settings, "holding:21.0:bool", 0)).holds == 0
    held = await read_registers(hub, settings, RegisterSpan("holding", 20, 2))
    assert held.words == (4711, word_of(2, 21) & 0xFFFE)


@every_line
async def test_device_says_what_it_is(hub: ModbusHub, rig: Rig) -> None:
    assert list(await identify(hub, rig.settings()))[:2] == [
        Fact("Vendor", "Acme"),
        Fact("Product code", "PM-20"),
    ]


@every_line
async def test_connection_test_goes_over_the_polled_connection(hub: ModbusHub, rig: Rig) -> None:
    settings, address = rig.settings(), parse_address("holding:10")
    polled = hub.driver(settings, [address])
    await polled.open()
    spec = next(spec for spec in MODBUS if spec.kind == rig.kind)
    assert spec.tools is not None
    test = spec.tools().test
    assert test is not None
    steps = [step async for step in test(hub, settings, [address])]
    assert all(step.ok for step in steps)
    assert steps[-1].detail == f"holding:10:uint16 = {word_of(1, 10)}."
    assert (await polled.read())[0].value == word_of(1, 10)
    await polled.close()
