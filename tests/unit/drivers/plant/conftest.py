"""A raw Modbus line, waiting for a condition, and plants on free ports."""

import asyncio
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from drivers.plant.factory import Factory
from drivers.plant.plan import PlantPlan

_HEADER = struct.Struct(">HHHB")


class ModbusLine:
    """Frames as they are on the wire, without a protocol stack that could hide a mistake."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    def send(self, transaction: int, unit: int, pdu: bytes) -> None:
        self.writer.write(_HEADER.pack(transaction, 0, len(pdu) + 1, unit) + pdu)

    async def receive(self, timeout_s: float = 2.0) -> tuple[int, int, bytes]:
        """Return (transaction, unit, PDU) of the next frame."""
        async with asyncio.timeout(timeout_s):
            transaction, _, length, unit = _HEADER.unpack(await self.reader.readexactly(_HEADER.size))
            return transaction, unit, await self.reader.readexactly(length - 1)

    async def ask(self, unit: int, pdu: bytes, transaction: int = 1) -> tuple[int, int, bytes]:
        self.send(transaction, unit, pdu)
        return await self.receive()

    async def rest(self, timeout_s: float = 2.0) -> bytes:
        """Return everything until the other side closes."""
        async with asyncio.timeout(timeout_s):
            return await self.reader.read(-1)


@asynccontextmanager
async def _line_to(port: int) -> AsyncIterator[ModbusLine]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield ModbusLine(reader, writer)
    finally:
        writer.close()


@asynccontextmanager
async def _running(plan: PlantPlan) -> AsyncIterator[Factory]:
    factory = Factory(plan)
    await factory.start()
    try:
        yield factory
    finally:
        await factory.stop()


async def _until(is_so: Callable[[], bool], timeout_s: float = 5.0) -> None:
    async with asyncio.timeout(timeout_s):
        while not is_so():  # noqa: ASYNC110 - any condition, not one event
            await asyncio.sleep(0.01)


@pytest.fixture(scope="session")
def line_to() -> Callable[[int], AbstractAsyncContextManager[ModbusLine]]:
    return _line_to


@pytest.fixture(scope="session")
def running() -> Callable[[PlantPlan], AbstractAsyncContextManager[Factory]]:
    return _running


@pytest.fixture(scope="session")
def until() -> Callable[..., object]:
    return _until
