"""Scanning a serial line: one device among many numbers, over a pseudo-terminal."""

from collections.abc import Iterator

import pytest

from drivers.errors import LineLost
from drivers.modbus.framing import crc16
from drivers.modbus.hub import ModbusHub
from drivers.modbus.registers import read_registers
from drivers.modbus.scan import scan
from drivers.modbus.settings import ModbusRtuSettings
from drivers.workbench import RegisterSpan, ScanPlan
from tests.unit.drivers.modbus.range_unit import RangeUnit
from tests.unit.drivers.modbus.serial_bridge import SerialDevice

UNIT = 3
_CHECKSUM = 2


class Meter:
    """A unit that hears all that is on its line, and answers what is for it."""

    def __init__(self) -> None:
        self.unit = RangeUnit(holding=[(0, 9), (20, 24)])
        self.heard: list[int] = []

    def answer(self, data: bytes) -> bytes:
        self.heard.append(data[0])
        if data[0] != UNIT:
            return b""
        body = data[:1] + self.unit.reply(data[1:-_CHECKSUM])
        return body + crc16(body)


@pytest.fixture
def meter() -> Meter:
    return Meter()


@pytest.fixture
async def line(meter: Meter) -> Iterator[ModbusRtuSettings]:
    device = SerialDevice(meter.answer)
    yield ModbusRtuSettings(serial_port=device.port, baud=115200, unit=UNIT, timeout_s=0.05)
    device.unplug()


async def test_the_one_unit_is_found_and_nobody_is_called_by_the_broadcast(
    hub: ModbusHub, line: ModbusRtuSettings, meter: Meter
):
    findings = [each async for each in scan(hub, line, ScanPlan(units=(0, 5), pause_ms=0))]
    assert [each.unit for each in findings if each.kind == "unit"] == [UNIT]
    assert findings[-1].text == "1 of 5 units answered"
    assert set(meter.heard) == {1, 2, 3, 4, 5}


async def test_its_registers_are_found_and_read(hub: ModbusHub, line: ModbusRtuSettings):
    plan = ScanPlan(table="holding", start=0, end=40, pause_ms=0)
    findings = [each async for each in scan(hub, line, plan)]
    assert [(each.start, each.end) for each in findings if each.kind == "range"] == [(0, 9), (20, 24)]
    registers = await read_registers(hub, line, RegisterSpan("holding", 8, 4))
    assert registers.words == (8, 9, None, None)


async def test_a_port_that_is_not_there_is_named(hub: ModbusHub):
    settings = ModbusRtuSettings(serial_port="/dev/ttyNONE9", unit=1)
    with pytest.raises(LineLost, match="Serial port /dev/ttyNONE9 is not there"):
        async for _ in scan(hub, settings, ScanPlan(units=(1, 2))):
            pass
