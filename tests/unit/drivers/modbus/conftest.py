"""Servers on free ports, and a hub to reach them with."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

import pytest
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import SimDevice

from drivers.modbus.hub import ModbusHub
from tests.unit.drivers.modbus.line_ends import ScriptedServer

Serve = Callable[[Iterable[SimDevice]], Awaitable[int]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Return a function that serves units with pymodbus on a free port, which it returns."""
    servers: list[ModbusTcpServer] = []

    async def start(units: Iterable[SimDevice]) -> int:
        server = ModbusTcpServer(list(units), address=("127.0.0.1", 0))
        servers.append(server)
        await server.serve_forever(background=True)
        return server.transport.sockets[0].getsockname()[1]

    yield start
    for server in servers:
        await server.shutdown()


@pytest.fixture
async def server() -> AsyncIterator[ScriptedServer]:
    """Return a scripted server that tells the truth until told otherwise."""
    scripted = ScriptedServer()
    await scripted.start()
    yield scripted
    await scripted.stop()


@pytest.fixture
async def hub() -> AsyncIterator[ModbusHub]:
    """Return a hub that is closed afterwards."""
    made = ModbusHub()
    yield made
    await made.close()
