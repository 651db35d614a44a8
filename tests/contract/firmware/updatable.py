"""A Modbus device of the plant that takes firmware, on loopback, and images for it."""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from drivers.driver import DriverHub
from drivers.errors import DriverError, LineLost
from drivers.firmware.registry import way_of
from drivers.firmware.target import FirmwareTarget, Image, Standing
from drivers.modbus.settings import ModbusTcpSettings
from drivers.plant.firmware.flash import Flash
from drivers.plant.firmware.habits import Habits, Make
from drivers.plant.firmware.image import make_image
from drivers.plant.firmware.modbus_updater import Updater
from drivers.plant.firmware.products import BLOCK_PROFILE, FILE_PROFILE
from drivers.plant.firmware.troubles import Trouble
from drivers.plant.modbus_server import ModbusGateway
from drivers.plant.registers import Unit
from drivers.plant.wiring import ModbusWiring

UNIT = 5
MAKE = Make("drive-a", "A1", "SN-7", "1.0.0")
REBOOT_S = 0.05
TIMEOUT_S = 0.2
PROFILES: dict[str, dict[str, Any]] = {
    "modbus-file-record": FILE_PROFILE,
    "modbus-register-block": BLOCK_PROFILE,
}


def image_of(version: str = "2.0.0", size: int = 3001, product: str = "drive-a") -> Image:
    """Return firmware of an odd number of bytes, so that its last register is half empty."""
    data = make_image(product, version, size)
    return Image(data, version, product, hashlib.sha256(data).digest())


class Updatable:
    """The device.

    Attributes:
        flash: Its model.
        gateway: Its server.
    """

    def __init__(self, flash: Flash, *neighbours: int) -> None:
        self.flash = flash
        units = {unit: Unit(ModbusWiring((), ())) for unit in (UNIT, *neighbours)}
        units[UNIT].updater = Updater(flash, time.monotonic)
        self.gateway = ModbusGateway("127.0.0.1", 0, units)

    def settings(self, **more: object) -> ModbusTcpSettings:
        """Return what leads to it."""
        base = {"host": "127.0.0.1", "port": self.gateway.port, "unit": UNIT, "timeout_s": TIMEOUT_S}
        return ModbusTcpSettings.model_validate(base | more)

    def target(
        self, hub: DriverHub, way: str, profile: dict[str, Any] | None = None, **settings: object
    ) -> FirmwareTarget:
        """Return it as updated in one way."""
        found = way_of(way)
        made = found.profile_type.model_validate(PROFILES[way] if profile is None else profile)
        return found.make(hub, self.settings(**settings), made)


@asynccontextmanager
async def updatable(
    trouble: Trouble | None = None, *neighbours: int, **habits: Any
) -> AsyncIterator[Updatable]:
    """Serve a device that believes whatever it is given, so that a mistake of ours kills it."""
    wont = {"checks_image": False, "reboot_s": REBOOT_S, "install_s": 0.02}
    device = Updatable(Flash(MAKE, Habits(**wont | habits), trouble), *neighbours)
    await device.gateway.open()
    try:
        yield device
    finally:
        await device.gateway.close()


def unheeded(_sent: int) -> None:
    """Take the progress of a transfer, and let it go on."""


async def updated(target: FirmwareTarget, image: Image) -> tuple[str, DriverError | None]:
    """Update as a station does; return the last step tried and what it raised."""
    steps: dict[str, Callable[[], Awaitable[None]]] = {
        "open": target.open,
        "prepare": target.prepare,
        "transfer": lambda: target.transfer(image, unheeded),
        "install": target.install,
    }
    for step, act in steps.items():
        try:
            await act()
        except DriverError as error:
            return step, error
    return "install", None


async def looked(target: FirmwareTarget, within_s: float = 20.0) -> Standing:
    """Look again and again until the device is back."""
    async with asyncio.timeout(within_s):
        while True:
            try:
                await target.open()
                return await target.look()
            except LineLost:
                await asyncio.sleep(0.01)


async def settled(target: FirmwareTarget, flash: Flash, within_s: float = 20.0) -> Standing:
    """Look until the installation is over, one way or the other."""
    async with asyncio.timeout(within_s):
        while True:
            standing = await looked(target, within_s)
            if standing.phase != "installing" and not flash.is_silent(time.monotonic()):
                return standing
            await asyncio.sleep(0.01)
