"""The connection test of a Modbus device, whatever its line: one step after the other, until one fails."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Sequence

from pydantic import BaseModel

from drivers.driver import DriverHub, TagAddress, TestStep
from drivers.errors import DriverBug, DriverError
from drivers.modbus import faults
from drivers.modbus.address import parse_address
from drivers.modbus.driver import ModbusDriver
from drivers.modbus.hub import ModbusHub
from drivers.modbus.settings import ModbusSerialSettings, ModbusUdpSettings
from drivers.modbus.settings_parts import ModbusSettings, Network
from drivers.modbus.tls_settings import ModbusTlsSettings
from drivers.values import Quality, RawValue

NAME_RESOLVED = "Name resolved"
PORT_OPEN = "Port open"
PORT_OPENED = "Port opened"
SOCKET_OPEN = "Socket open"
ENCRYPTED = "Encrypted and trusted"
UNIT_ANSWERED = "Unit answered"
FIRST_TAG_DECODED = "First tag decoded"
OTHER_TAGS_DECODED = "Other tags decoded"

_FIRST_TABLE = "holding"
"""Asked for where no tags are given; a refusal is an answer, too."""


async def walk_through(settings: BaseModel, addresses: Sequence[TagAddress]) -> list[TestStep]:
    """Return every step taken; the last is the first that failed. Never raises DriverError.

    Uses a connection of its own, so that what is polled meanwhile is not disturbed.
    """
    hub = ModbusHub()
    try:
        return [step async for step in steps(hub, settings, addresses)]
    finally:
        await hub.close()


async def steps(
    hub: DriverHub, settings: BaseModel, addresses: Sequence[TagAddress]
) -> AsyncIterator[TestStep]:
    """Yield every step as it is taken; the last is the first that failed. Never raises DriverError.

    Over the connections of `hub`: what is polled there goes on between the requests.
    """
    if not isinstance(settings, ModbusSettings) or not isinstance(hub, ModbusHub):
        detail = "These are not the settings of Modbus."
        yield TestStep(NAME_RESOLVED, ok=False, took_ms=0.0, detail=detail)
        return
    if isinstance(settings, Network):
        step = await _resolve(settings)
        yield step
        if not step.ok:
            return
    sign_of_life = parse_address(f"{_FIRST_TABLE}:{1 if settings.is_one_based else 0}")
    try:
        driver = hub.driver(settings, addresses or [sign_of_life])
    except DriverBug as bug:
        yield TestStep(_opening(settings), ok=False, took_ms=0.0, detail=str(bug))
        return
    try:
        step = await _connect(settings, driver)
        yield step
        if not step.ok:
            return
        answer, values = await _read(settings, driver)
    finally:
        await driver.close()
    yield answer
    if answer.ok and addresses:
        for step in _judge(addresses, values):
            yield step


def _opening(settings: ModbusSettings) -> str:
    if isinstance(settings, ModbusSerialSettings):
        return PORT_OPENED
    if isinstance(settings, ModbusUdpSettings):
        return SOCKET_OPEN
    return ENCRYPTED if isinstance(settings, ModbusTlsSettings) else PORT_OPEN


def _opened(settings: ModbusSettings) -> str:
    if isinstance(settings, ModbusSerialSettings):
        return f"{settings.peer} at {settings.line_words}."
    if isinstance(settings, ModbusUdpSettings):
        return "UDP knows no connection; only an answer shows that somebody is there."
    if isinstance(settings, ModbusTlsSettings):
        return f"{settings.peer} accepted, and its certificate is trusted."
    return f"{settings.peer} accepted."


async def _resolve(settings: Network) -> TestStep:
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


async def _connect(settings: ModbusSettings, driver: ModbusDriver) -> TestStep:
    began = time.perf_counter()
    name = _opening(settings)
    try:
        await driver.open()
    except DriverError as error:
        return TestStep(name, ok=False, took_ms=_ms_since(began), detail=str(error))
    return TestStep(name, ok=True, took_ms=_ms_since(began), detail=_opened(settings))


async def _read(settings: ModbusSettings, driver: ModbusDriver) -> tuple[TestStep, list[RawValue]]:
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
