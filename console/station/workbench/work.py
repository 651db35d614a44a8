"""Does what was asked, and yields the records that answer it. Knows no window, no person and no protocol."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine
from typing import Any, TypeVar

import msgspec
from pydantic import BaseModel

from console.station.workbench.errors import NotDone
from console.station.workbench.preview import parsed, preview
from console.station.workbench.question import Bound
from drivers.driver import DriverHub, DriverSpec, TestStep
from drivers.errors import AddressError
from drivers.questions import (
    OWN_CERTIFICATE,
    SERIAL_PORTS,
    BrowseSubject,
    PreviewSubject,
    SearchSubject,
    TestSubject,
    WriteSubject,
)
from drivers.serial_ports import serial_ports
from drivers.workbench import RegisterSpan, ScanPlan, Tool, Tools

ADDRESS_UNDERSTOOD = "Address understood"
NOT_OFFERED = "{} offers nothing of the kind."

HubOf = Callable[[DriverSpec], Coroutine[Any, Any, DriverHub]]
"""Returns the hub of a protocol."""

T = TypeVar("T")


async def answers(
    tool: str, subject: msgspec.Struct, bound: Bound, hub_of: HubOf
) -> AsyncGenerator[object, None]:
    """Yield what answers a question: one record, or one after the other where the tool tells parts.

    Close it (`aclosing`) where it may be left early: a search then ends at the device, too.

    Args:
        tool: A key of `QUESTIONS`.
        subject: Of that tool's type.
        bound: Protocol and settings.
        hub_of: Gives the hub to work over.

    Raises:
        DriverError: As the tool says it.
        NotDone: The protocol does not offer it.
    """
    if tool == SERIAL_PORTS:
        yield await asyncio.to_thread(serial_ports)
        return
    spec = bound.spec
    assert spec is not None  # every other question names one
    # Libraries take up to a second to load: on a thread, or nobody would be polled meanwhile.
    tools = await asyncio.to_thread(spec.tools) if spec.tools is not None else Tools()
    hub = await hub_of(spec)
    if tool == OWN_CERTIFICATE:
        yield await _offered(tools.own_certificate, spec)(hub)
        return
    settings = bound.settings
    assert settings is not None  # every other question brings some
    parts = _parts(tool, subject, tools, spec, hub, settings)
    if parts is None:
        yield await _result(tool, subject, tools, spec, hub, settings)
        return
    try:
        async for part in parts:
            yield part
    finally:
        # Not left to the garbage collector: whoever stops a scan wants it stopped now.
        if isinstance(parts, AsyncGenerator):
            await parts.aclose()


def _parts(
    tool: str, subject: msgspec.Struct, tools: Tools, spec: DriverSpec, hub: DriverHub, settings: BaseModel
) -> AsyncIterator[object] | None:
    """Return what a tool tells one after the other; None where it tells all at once."""
    match subject:
        case TestSubject():
            return _steps(subject, tools, spec, hub, settings)
        case SearchSubject():
            return _offered(tools.search, spec)(hub, settings, subject.text)
        case ScanPlan():
            return _offered(tools.scan, spec)(hub, settings, subject)
        case _:
            return None


async def _result(
    tool: str, subject: msgspec.Struct, tools: Tools, spec: DriverSpec, hub: DriverHub, settings: BaseModel
) -> object:
    match subject:
        case PreviewSubject():
            return await preview(spec, hub, settings, subject)
        case BrowseSubject():
            return await _offered(tools.browse, spec)(hub, settings, subject.node, subject.more)
        case RegisterSpan():
            return await _offered(tools.registers, spec)(hub, settings, subject)
        case WriteSubject():
            return await _offered(tools.write, spec)(hub, settings, subject.address, subject.value)
        case _ if tool == Tool.CERTIFICATE:
            return await _offered(tools.certificate, spec)(hub, settings)
        case _:
            return tuple(await _offered(tools.identify, spec)(hub, settings))


async def _steps(
    subject: TestSubject, tools: Tools, spec: DriverSpec, hub: DriverHub, settings: BaseModel
) -> AsyncGenerator[TestStep, None]:
    """Test the connection by the addresses that can be understood, and name the others at the end."""
    addresses = parsed(spec, subject.addresses)
    good = [address for address in addresses if not isinstance(address, AddressError)]
    if tools.test is not None:
        steps = tools.test(hub, settings, good)
        try:
            async for step in steps:
                yield step
        finally:
            if isinstance(steps, AsyncGenerator):
                await steps.aclose()
    else:
        for step in await spec.test(settings, good):
            yield step
    for address in addresses:
        if isinstance(address, AddressError):
            yield TestStep(ADDRESS_UNDERSTOOD, ok=False, took_ms=0.0, detail=f"{address}.".replace("..", "."))


def _offered(tool: T | None, spec: DriverSpec) -> T:
    if tool is None:
        raise NotDone(NOT_OFFERED.format(spec.label))
    return tool
