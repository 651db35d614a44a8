"""Firmware over a serial line: the same ways, in RTU frames, while a neighbour is polled."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import pytest

from drivers.firmware.registry import way_of
from drivers.firmware.target import Phase
from drivers.modbus.address import parse_address
from drivers.modbus.framing import crc16
from drivers.modbus.hub import ModbusHub
from drivers.modbus.settings import ModbusRtuSettings
from drivers.plant.firmware.flash import Flash, Silent
from drivers.plant.firmware.habits import Habits
from drivers.plant.firmware.modbus_updater import Updater
from tests.contract.firmware.updatable import MAKE, PROFILES, image_of, looked, unheeded
from tests.unit.drivers.modbus.serial_bridge import SerialDevice

UNIT, NEIGHBOUR = 5, 6
IMAGE = image_of(size=1501)


class SerialLine:
    """A line with an updatable unit and one that holds a register."""

    def __init__(self) -> None:
        self.flash = Flash(MAKE, Habits(checks_image=False, install_s=0.0, reboot_s=0.1))
        self._updater = Updater(self.flash, time.monotonic)
        self._came = b""
        self.device = SerialDevice(self._answer)

    def settings(self, unit: int) -> ModbusRtuSettings:
        return ModbusRtuSettings(serial_port=self.device.port, baud=115200, unit=unit, timeout_s=0.2)

    def _answer(self, data: bytes) -> bytes:
        self._came += data
        if len(self._came) < 4 or crc16(self._came[:-2]) != self._came[-2:]:
            return b""
        unit, pdu, self._came = self._came[0], self._came[1:-2], b""
        reply = b"\x03\x02\x00\x2a"
        if unit == UNIT:
            with contextlib.suppress(Silent):
                reply = self._updater.reply("line", pdu) or b"\x83\x02"
            if self.flash.is_silent(time.monotonic()):
                return b""
        body = bytes([unit]) + reply
        return body + crc16(body)


@pytest.fixture
async def line() -> AsyncIterator[SerialLine]:
    made = SerialLine()
    yield made
    made.device.unplug()


@pytest.mark.parametrize("kind", list(PROFILES))
async def test_an_update_over_a_serial_line_arrives_while_a_neighbour_is_asked(
    line: SerialLine, kind: str
) -> None:
    hub, way = ModbusHub(), way_of(kind)

    neighbour = hub.driver(line.settings(NEIGHBOUR), [parse_address("holding:0:uint16")])
    await neighbour.open()
    target = way.make(hub, line.settings(UNIT), way.profile_type.model_validate(PROFILES[kind]))
    await target.open()
    await target.prepare()
    transfer = asyncio.create_task(target.transfer(IMAGE, unheeded))
    seen = [(await neighbour.read())[0].value for _ in range(3)]
    await transfer
    await target.install()
    standing = await looked(target)

    assert seen == [42, 42, 42]
    assert (standing.identity.version, standing.phase) == ("2.0.0", Phase.IDLE)
    assert line.flash.image == IMAGE.data
    await target.close()
    await neighbour.close()
    await hub.close()
