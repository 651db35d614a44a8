"""The connection test of a Modbus TCP device: one step after the other, until one fails."""

import asyncio
import socket
import time
from collections.abc import Sequence

from pydantic import BaseModel

from drivers.driver import TagAddress, TestStep
from drivers.errors import DriverBug, DriverError
from drivers.modbus import faults
from drivers.modbus.address import parse_address
from drivers.modbus.driver import ModbusTcpDriver, ModbusTcpHub
from drivers.modbus.settings import ModbusTcpSettings
from drivers.values import Quality, RawValue

NAME_RESOLVED = "Name resolved"
PORT_OPEN = "Port open"
UNIT_ANSWERED = "Unit answered"
FIRST_TAG_DECODED = "First tag decoded"
OTHER_TAGS_DECODED = "Other tags decoded"

_SIGN_OF_LIFE = "holding:0:uint16"
"""Asked for where no tags are given; a refusal is an answer, too."""


async def walk_through(settings: BaseModel, addresses: Sequence[TagAddress]) -> list[TestStep]:
    """Return every step taken; the last is the first that failed. Never raises DriverError.

    Uses a connection of its own, so that what is polled meanwhile is not disturbed.
    """
    if not isinstance(settings, ModbusTcpSettings):
        return [
            TestStep(NAME_RESOLVED, ok=False, took_ms=0.0, detail="These are not the settings of Modbus TCP.")
        ]
    hub = ModbusTcpHub()
    try:
        return await _steps(settings, addresses, hub)
    finally:
        await hub.close()


async def _steps(
    settings: ModbusTcpSettings, addresses: Sequence[TagAddress], hub: ModbusTcpHub
) -> list[TestStep]:
    steps = [await _resolve(settings)]
    if not steps[-1].ok:
        return steps
    try:
        driver = hub.driver(settings, addresses or [parse_address(_SIGN_OF_LIFE)])
    except DriverBug as bug:
        return [*steps, TestStep(PORT_OPEN, ok=False, took_ms=0.0, detail=str(bug))]
    try:
        steps.append(await _connect(settings, driver))
        if not steps[-1].ok:
            return steps
        answer, values = await _read(settings, driver)
    finally:
        await driver.close()
    steps.append(answer)
    if answer.ok and addresses:
        steps.extend(_judge(addresses, values))
    return steps


async def _resolve(settings: ModbusTcpSettings) -> TestStep:
    began = time.perf_counter()
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(settings.connect_timeout_s):
            found = await loop.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)
    except TimeoutError:
        limit = f"{settings.connect_timeout_s:g} s"
        detail = f"No name server knew {settings.host!r} within {limit}; use the IP address."
        return TestStep(NAME_RESOLVED, ok=False, took_ms=_ms_since(began), detail=detail)
    except (OSError, ValueError):
        detail = str(faults.name_unknown(settings.host))
        return TestStep(NAME_RESOLVED, ok=False, took_ms=_ms_since(began), detail=detail)
    known = ", ".join(dict.fromkeys(str(entry[4][0]) for entry in found))
    is_address = known == settings.host
    detail = f"{known} is an address already." if is_address else f"{settings.host} is {known}."
    return TestStep(NAME_RESOLVED, ok=True, took_ms=_ms_since(began), detail=detail)


async def _connect(settings: ModbusTcpSettings, driver: ModbusTcpDriver) -> TestStep:
    began = time.perf_counter()
    try:
        await driver.open()
    except DriverError as error:
        return TestStep(PORT_OPEN, ok=False, took_ms=_ms_since(began), detail=str(error))
    return TestStep(PORT_OPEN, ok=True, took_ms=_ms_since(began), detail=f"{settings.peer} accepted.")


async def _read(settings: ModbusTcpSettings, driver: ModbusTcpDriver) -> tuple[TestStep, list[RawValue]]:
    began = time.perf_counter()
    try:
        values = await driver.read()
    except DriverError as error:
        return TestStep(UNIT_ANSWERED, ok=False, took_ms=_ms_since(began), detail=str(error)), []
    took_ms = _ms_since(began)
    detail = f"Unit {settings.unit} answered in {took_ms:.0f} ms."
    return TestStep(UNIT_ANSWERED, ok=True, took_ms=took_ms, detail=detail), values


def _judge(addresses: Sequence[TagAddress], values: Sequence[RawValue]) -> list[TestStep]:
    seen = [_seen(address, value) for address, value in zip(addresses, values, strict=True)]
    is_good = [value.quality is not Quality.BAD for value in values]
    steps = [TestStep(FIRST_TAG_DECODED, ok=is_good[0], took_ms=0.0, detail=f"{seen[0]}.")]
    if is_good[0] and len(values) > 1:
        # Each step lists what matters: the tags that failed, or how many there were.
        failed = [text for text, ok in zip(seen[1:], is_good[1:], strict=True) if not ok]
        detail = "; ".join(failed) if failed else f"all {len(values) - 1} read well"
        steps.append(TestStep(OTHER_TAGS_DECODED, ok=not failed, took_ms=0.0, detail=f"{detail}."))
    return steps


def _seen(address: TagAddress, value: RawValue) -> str:
    return f"{address}: {value.detail}" if value.quality is Quality.BAD else f"{address} = {value.value}"


def _ms_since(began: float) -> float:
    return (time.perf_counter() - began) * 1000
