"""Walks through a connection step by step, for whoever sets a device up."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from asyncua import ua
from pydantic import BaseModel

from drivers.driver import DriverHub, TagAddress, TestStep
from drivers.errors import DriverError
from drivers.opcua.address import NodeAddress
from drivers.opcua.channel import Channel
from drivers.opcua.driver import OpcuaHub, own_hub, own_settings
from drivers.opcua.faults import fault
from drivers.opcua.fields import NotThere
from drivers.opcua.finding import find_paths, place_in
from drivers.opcua.link import Link
from drivers.opcua.reading_once import read_once
from drivers.opcua.redundancy import level_text
from drivers.opcua.services import read_facts, read_service_level
from drivers.opcua.settings import OpcuaSettings, SignIn
from drivers.opcua.type_book import TypeBook
from drivers.values import Quality


class _BadPoint(DriverError):
    """The first node was read, and is bad."""


async def test_connection(
    settings: BaseModel, addresses: Sequence[TagAddress], hub: OpcuaHub
) -> list[TestStep]:
    """Return every step taken; the last is the first that failed, or the first node's value."""
    return [step async for step in test_steps(hub, settings, addresses)]


async def test_steps(
    hub: DriverHub, settings: BaseModel, addresses: Sequence[TagAddress]
) -> AsyncIterator[TestStep]:
    """Tell each step as it is taken; the last is the first that failed, or the first node's value.

    Args:
        hub: Keeps this station's certificate. The connection is one of the test's own, and disturbs nobody.
        settings: Of redundant servers, the preferred one is tested.
        addresses: The first is read.
    """
    chosen = own_settings(settings)
    channel = Channel(chosen, own_hub(hub).certificates)
    first = next((each.begun_at(chosen.start) for each in addresses if isinstance(each, NodeAddress)), None)
    plan: list[tuple[str, Callable[[], Awaitable[str]]]] = [
        ("Name resolved", lambda: _resolve(chosen)),
        ("Port open", lambda: _open_port(channel, chosen)),
        ("Endpoint with this security found", lambda: _find_endpoint(channel)),
        *([("Server certificate trusted", lambda: _check_trust(channel))] if chosen.is_secured else []),
        ("Session open", lambda: _open_session(channel, chosen)),
        ("Service level", lambda: _ask_level(channel)),
        *([] if first is None else [("First node read", lambda: _read_first(channel, first))]),
    ]
    try:
        for name, step in plan:
            began = time.perf_counter()
            try:
                detail, ok = await step(), True
            except DriverError as error:
                detail, ok = str(error), False
            except ua.UaStatusCodeError as error:
                detail, ok = str(fault(error, chosen.endpoint, chosen.timeout_s)), False
            yield TestStep(name, ok, (time.perf_counter() - began) * 1000.0, detail)
            if not ok:
                break
    finally:
        await channel.close()


async def _resolve(settings: OpcuaSettings) -> str:
    try:
        async with asyncio.timeout(settings.timeout_s):
            found = await asyncio.get_running_loop().getaddrinfo(
                settings.host, settings.port, type=socket.SOCK_STREAM
            )
    except OSError as error:
        raise fault(error, settings.endpoint, settings.timeout_s) from error
    return ", ".join(dict.fromkeys(str(entry[4][0]) for entry in found))


async def _open_port(channel: Channel, settings: OpcuaSettings) -> str:
    await channel.open_port()
    return f"{settings.host}:{settings.port}"


async def _find_endpoint(channel: Channel) -> str:
    await channel.open_channel()
    return f"the server offers {await channel.check_endpoint()}"


async def _check_trust(channel: Channel) -> str:
    return channel.check_trust()


async def _open_session(channel: Channel, settings: OpcuaSettings) -> str:
    await channel.protect()
    await channel.open_session()
    if settings.sign_in is SignIn.CERTIFICATE:
        return f"signed in as {channel.user}"
    return (
        "signed in anonymously"
        if settings.sign_in is SignIn.ANONYMOUS
        else f"signed in as {settings.username}"
    )


async def _ask_level(channel: Channel) -> str:
    return level_text(await read_service_level(channel))


async def _read_first(channel: Channel, address: NodeAddress) -> str:
    facts = await read_facts(channel)
    try:
        link = Link(channel, facts, channel.settings.timeout_s)
        await find_paths(link, [address])
        place = place_in(link, address)
    except NotThere as why:
        raise _BadPoint(f"{address}: {why}.") from why
    value = await read_once(link, TypeBook(link), address, place)
    if value.quality is Quality.BAD:
        raise _BadPoint(f"{address}: {value.detail}.")
    return f"{address} = {value.value} ({value.quality.value}{', ' if value.detail else ''}{value.detail})"
