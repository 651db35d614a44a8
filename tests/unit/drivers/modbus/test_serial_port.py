"""Serial ports that are not there, taken, forbidden, or pulled out: named, and found again when back."""

import asyncio
import errno
import os
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
import serial

from drivers.errors import LineLost, NeedsHuman
from drivers.modbus.address import parse_address
from drivers.modbus.driver import ModbusDriver
from drivers.modbus.framing import crc16
from drivers.modbus.hub import ModbusHub
from drivers.modbus.serial_port import fault_of
from drivers.modbus.settings import ModbusRtuSettings
from drivers.modbus.spec import MODBUS_RTU
from tests.unit.drivers.modbus.serial_bridge import SerialDevice


def truth(data: bytes) -> bytes:
    unit, function, _, count = struct.unpack_from(">BBHH", data)
    body = bytes([unit, function, 2 * count]) + bytes([unit]) * (2 * count)
    return body + crc16(body)


def settings(port: Path | str, **more: object) -> ModbusRtuSettings:
    base = {"serial_port": str(port), "baud": 115200, "unit": 3, "timeout_s": 0.3}
    return ModbusRtuSettings.model_validate(base | more)


def driver_at(hub: ModbusHub, port: Path | str, **more: object) -> ModbusDriver:
    return hub.driver(settings(port, **more), [parse_address("holding:0")])


class Plug:
    """A name for a port, as /dev/serial/by-id gives: the adapter behind it comes and goes."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "adapter"
        self.device: SerialDevice | None = None

    def put_in(self) -> None:
        self.device = SerialDevice(truth)
        self.path.symlink_to(self.device.port)

    def pull_out(self) -> None:
        if self.device is not None:
            self.path.unlink()
            self.device.unplug()
            self.device = None


@pytest.fixture
def plug(tmp_path: Path) -> Iterator[Plug]:
    made = Plug(tmp_path)
    yield made
    made.pull_out()


async def test_port_that_vanishes_is_named_and_found_again(hub: ModbusHub, plug: Plug) -> None:
    plug.put_in()
    driver = driver_at(hub, plug.path)
    await driver.open()
    assert [value.value for value in await driver.read()] == [0x0303]
    plug.pull_out()
    with pytest.raises(LineLost, match=f"Serial port {plug.path} was unplugged"):
        await driver.read()
    with pytest.raises(LineLost, match=f"Serial port {plug.path} is not there; plug the adapter in"):
        await driver.open()
    plug.put_in()
    await driver.open()
    assert [value.value for value in await driver.read()] == [0x0303]
    await driver.close()


async def test_port_that_vanishes_while_idle_is_noticed_at_once(hub: ModbusHub, plug: Plug) -> None:
    plug.put_in()
    driver = driver_at(hub, plug.path)
    await driver.open()
    line = hub.connection_to(settings(plug.path)).line
    assert line is not None
    plug.pull_out()
    async with asyncio.timeout(2):
        await line.closed
    assert "was unplugged" in line.lost
    await driver.close()


async def test_units_of_one_line_share_the_port(hub: ModbusHub, plug: Plug) -> None:
    plug.put_in()
    drivers = [driver_at(hub, plug.path, unit=unit) for unit in (1, 2, 3)]
    await asyncio.gather(*(driver.open() for driver in drivers))
    read = await asyncio.gather(*(driver.read() for driver in drivers))
    assert [value.value for (value,) in read] == [0x0101, 0x0202, 0x0303]
    for driver in drivers:
        await driver.close()


async def test_port_is_opened_once_by_whichever_of_its_names(hub: ModbusHub, plug: Plug) -> None:
    plug.put_in()
    assert plug.device is not None
    by_link, by_path = driver_at(hub, plug.path), driver_at(hub, plug.device.port, unit=4)
    await by_link.open()
    await by_path.open()
    assert [value.value for value in await by_path.read()] == [0x0404]
    await by_link.close()
    await by_path.close()


async def test_port_that_another_program_holds_is_named(hub: ModbusHub, plug: Plug) -> None:
    plug.put_in()
    with serial.Serial(str(plug.path), exclusive=True):
        with pytest.raises(LineLost, match="is in use by another program"):
            await driver_at(hub, plug.path).open()
    driver = driver_at(hub, plug.path)
    await driver.open()
    await driver.close()


async def test_file_that_is_no_port_needs_a_human(hub: ModbusHub, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("no port")
    for place in (file, tmp_path):
        driver = driver_at(hub, place)
        with pytest.raises(NeedsHuman, match="is no serial port"):
            await driver.open()
        await driver.close()


def test_port_without_the_right_to_it_needs_a_human() -> None:
    # Tests may run as root, who may open everything; the system's own words stand in for it.
    error = serial.SerialException(errno.EACCES, os.strerror(errno.EACCES))
    fault = fault_of(settings("/dev/ttyS0"), error)
    assert isinstance(fault, NeedsHuman)
    assert "has no right to it" in str(fault)
    assert "dialout" in str(fault)


async def test_units_of_one_line_must_agree_on_its_speed(hub: ModbusHub, plug: Plug) -> None:
    plug.put_in()
    first, second = driver_at(hub, plug.path), driver_at(hub, plug.path, unit=4, baud=9600)
    await first.open()
    with pytest.raises(NeedsHuman, match="runs at 115200 8N1 for other devices, and unit 4 wants 9600 8N1"):
        await second.open()
    assert [value.value for value in await first.read()] == [0x0303]
    await first.close()
    await second.open()
    await second.close()


async def test_connection_test_tells_of_the_port(plug: Plug) -> None:
    missing = await MODBUS_RTU.test(settings(plug.path), [])
    assert [(step.name, step.ok) for step in missing] == [("Port opened", False)]
    plug.put_in()
    steps = await MODBUS_RTU.test(settings(plug.path), [parse_address("holding:0")])
    assert [(step.name, step.ok) for step in steps] == [
        ("Port opened", True),
        ("Unit answered", True),
        ("First tag decoded", True),
    ]
    assert steps[0].detail == f"{plug.path} at 115200 8N1."


async def test_connection_test_goes_through_the_port_that_is_polled(hub: ModbusHub, plug: Plug) -> None:
    plug.put_in()
    polled = driver_at(hub, plug.path)
    await polled.open()
    assert MODBUS_RTU.tools is not None
    test = MODBUS_RTU.tools().test
    assert test is not None
    assert [step.ok async for step in test(hub, settings(plug.path, unit=9), [])] == [True, True]
    assert [value.value for value in await polled.read()] == [0x0303]
    await polled.close()
