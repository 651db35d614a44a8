"""A server that never comes to an end fills no memory and stops nobody."""

import asyncio
import struct
from contextlib import suppress

import pytest
from asyncua import ua
from asyncua.common.connection import TransportLimits

from drivers.errors import LineLost
from drivers.opcua.settings import OpcuaSettings
from drivers.opcua.tools import OPCUA_TOOLS
from drivers.opcua.transport import _Limits

MIB = 1024 * 1024


async def test_a_chunk_that_claims_gigabytes_is_given_up_early(hub) -> None:
    sent = 0

    async def stream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await reader.read(100)
        writer.write(b"ACKF" + struct.pack("<I", 3 * 1024 * MIB))
        with suppress(ConnectionError):
            while sent < 400 * MIB:
                writer.write(bytes(MIB))
                await writer.drain()
                sent += MIB
        writer.close()

    server = await asyncio.start_server(stream, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        settings = OpcuaSettings(endpoint=f"opc.tcp://127.0.0.1:{port}", timeout_s=20.0)
        with pytest.raises(LineLost):
            await OPCUA_TOOLS.browse(hub, settings, "", "")
    assert sent < 40 * MIB


def test_no_server_talks_this_station_out_of_its_largest_message() -> None:
    limits: TransportLimits = _Limits(65535, 65535, 0, 0)
    limits.update_client_limits(ua.Acknowledge())
    assert limits.is_msg_size_within_limit(MIB)
    assert not limits.is_msg_size_within_limit(100 * MIB)
