"""The other ends of the poll bench, in a process of their own: Modbus devices, and a window that listens.

Run as `python -m console.bench.poll_peers`: prints its port as JSON, takes "drain ADDRESS" lines on standard
input, ends with it. The Modbus side answers one request as cheaply as Python can (no library), so that on a
small machine the measured side is not slowed by it.
"""

import asyncio
import json
import os
import struct
import sys
import threading
import time
from typing import cast

from console.link.frames import FrameReader, frame_from_message
from console.link.messages import PROTOCOL, Hello
from console.station.descriptors import allow_many_connections
from console.version import VERSION

_HEADER = struct.Struct(">HHHBBHH")
_ADDRESS = "0.0.0.0"
"""All of 127.0.0.0/8 ends here, so that every device can have an address, and a connection, of its own."""


class _Device(asyncio.Protocol):
    """Answers "read holding registers" with values that drift within what is plausible."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._pending = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # A cast: uvloop's transports keep the contract without inheriting from it.
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        data = self._pending + data
        start = 0
        while len(data) - start >= _HEADER.size:
            transaction, _, _, unit, function, first, count = _HEADER.unpack_from(data, start)
            start += _HEADER.size
            value = int(time.time()) % 10
            registers = [20 + value + first + index for index in range(count)]
            reply = struct.pack(
                f">HHHBBB{count}H", transaction, 0, 3 + 2 * count, unit, function, 2 * count, *registers
            )
            if self._transport is not None:
                self._transport.write(reply)
        self._pending = data[start:]


async def _drain(address: str, ticket: str) -> None:
    """Take in and decode what the station's feed sends, as a window does."""
    reader, writer = await asyncio.open_unix_connection(address)
    writer.write(frame_from_message(Hello(PROTOCOL, "window of the bench", VERSION, os.getpid(), ticket)))
    frames = FrameReader()
    while data := await reader.read(65536):
        for _ in frames.feed(data):
            pass
    writer.close()


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_Device, _ADDRESS, 0, backlog=4096)
    sys.stdout.write(json.dumps({"port": server.sockets[0].getsockname()[1]}) + "\n")
    sys.stdout.flush()
    is_over = asyncio.Event()
    drains: set[asyncio.Task[None]] = set()

    def obey(line: str) -> None:
        _, address, ticket = line.split()
        drains.add(asyncio.create_task(_drain(address, ticket)))

    def listen() -> None:
        with os.fdopen(0, "r", closefd=False) as orders:
            for line in orders:
                loop.call_soon_threadsafe(obey, line.strip())
        loop.call_soon_threadsafe(is_over.set)

    threading.Thread(target=listen, name="orders", daemon=True).start()
    await is_over.wait()
    for drain in drains:
        drain.cancel()
    server.close()


if __name__ == "__main__":
    allow_many_connections()
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve())
