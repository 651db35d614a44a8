"""A TCP proxy that is a bad network: stalls, cuts, delays, throttles and garbles, in one direction or both.

It stands before PostgreSQL, whose Unix socket it leads to, or before a device. Its event loop runs on a
thread of its own; every order may be given from any thread and holds for open connections as for new ones.
"""

import asyncio
import random
import socket
import struct
import threading
from collections.abc import Callable
from pathlib import Path

_CHUNK = 65_536
_ABORT = struct.pack("ii", 1, 0)  # SO_LINGER of no time: close sends RST


class Flow:
    """One direction. Belongs to the proxy's loop.

    Attributes:
        delay_s: Every piece waits so long.
        rate_bytes_s: So much passes at most; 0 = as much as comes.
        garbled: Share of the pieces in which a byte is changed.
    """

    def __init__(self) -> None:
        self.delay_s = 0.0
        self.rate_bytes_s = 0.0
        self.garbled = 0.0
        self.is_open = asyncio.Event()
        self.is_open.set()

    async def passed(self, data: bytes) -> bytes:
        """Wait as long as this network takes; return what comes out of it."""
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        if self.rate_bytes_s:
            await asyncio.sleep(len(data) / self.rate_bytes_s)
        await self.is_open.wait()
        if self.garbled and random.random() < self.garbled:
            place = random.randrange(len(data))
            data = data[:place] + bytes((data[place] ^ 0x55,)) + data[place + 1 :]
        return data


class Proxy:
    """One port of 127.0.0.1 that leads to one place."""

    def __init__(self, target: Path | tuple[str, int]) -> None:
        """Keep where it leads: a Unix socket's path, or host and port."""
        self._target = target
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="bad-network", daemon=True)
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_refusing = False
        self._up, self._down = Flow(), Flow()
        self._server: asyncio.Server | None = None
        self.port = 0

    def start(self) -> None:
        """Listen; `port` is known afterwards."""
        self._thread.start()
        self.port = asyncio.run_coroutine_threadsafe(self._open(), self._loop).result()

    def stop(self) -> None:
        """Cut everything and end the thread. Safe twice."""
        if not self._thread.is_alive():
            return
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def heal(self) -> None:
        """Let everything pass again, what was held up included."""
        self._order(self._heal)

    def stall(self, *, up: bool = True, down: bool = True) -> None:
        """Hold everything back, towards the target (`up`), from it, or both; connections stay open."""
        self._order(lambda: self._set_open(up=not up, down=not down))

    def cut(self, *, is_refusing: bool = False) -> None:
        """Reset every connection, and from now on new ones as well where `is_refusing`."""
        self._order(lambda: self._cut(is_refusing=is_refusing))

    def half_close(self) -> None:
        """Say to both ends of every connection that the other sends no more, though it does."""
        self._order(self._half_close)

    def slow_down(self, delay_s: float, rate_bytes_s: float = 0.0) -> None:
        """Delay every piece in both directions, and let so many bytes a second pass (0 = any)."""

        def slow() -> None:
            for flow in (self._up, self._down):
                flow.delay_s, flow.rate_bytes_s = delay_s, rate_bytes_s

        self._order(slow)

    def garble(self, share: float) -> None:
        """Change a byte in this share of the pieces that come from the target."""

        def spoil() -> None:
            self._down.garbled = share

        self._order(spoil)

    def _order(self, act: Callable[[], None]) -> None:
        async def done() -> None:
            act()

        asyncio.run_coroutine_threadsafe(done(), self._loop).result()

    async def _open(self) -> int:
        self._server = await asyncio.start_server(self._on_client, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def _close(self) -> None:
        assert self._server is not None  # `start` made it
        self._server.close()
        self._cut(is_refusing=True)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _on_client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_refusing:
            _reset(writer)
            return
        try:
            if isinstance(self._target, Path):
                far_reader, far_writer = await asyncio.open_unix_connection(self._target)
            else:
                far_reader, far_writer = await asyncio.open_connection(*self._target)
        except OSError:
            _reset(writer)
            return
        self._writers |= {writer, far_writer}
        for source, sink, flow in ((reader, far_writer, self._up), (far_reader, writer, self._down)):
            task = asyncio.create_task(self._pump(source, sink, flow), name="bad-network-flow")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, flow: Flow) -> None:
        try:
            while data := await source.read(_CHUNK):
                sink.write(await flow.passed(data))
                await sink.drain()
            await flow.is_open.wait()  # A cut line does not tell of an end, either.
            if sink.can_write_eof() and not sink.is_closing():
                sink.write_eof()
        except (OSError, RuntimeError):  # RuntimeError: nothing can be written after `half_close`.
            _reset(sink)
        finally:
            self._writers = {each for each in self._writers if not each.is_closing()}

    def _heal(self) -> None:
        self._is_refusing = False
        for flow in (self._up, self._down):
            flow.delay_s = flow.rate_bytes_s = flow.garbled = 0.0
        self._set_open(up=True, down=True)

    def _set_open(self, *, up: bool, down: bool) -> None:
        for flow, is_open in ((self._up, up), (self._down, down)):
            (flow.is_open.set if is_open else flow.is_open.clear)()

    def _cut(self, *, is_refusing: bool) -> None:
        self._is_refusing = is_refusing
        for writer in tuple(self._writers):
            _reset(writer)
        self._writers.clear()

    def _half_close(self) -> None:
        for writer in tuple(self._writers):
            if not writer.is_closing() and writer.can_write_eof():
                writer.write_eof()


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close so that the other end is told at once, and without what still waits."""
    if writer.transport.is_closing():
        return  # Its socket may be gone already.
    end = writer.get_extra_info("socket")
    if end is not None and end.family == socket.AF_INET:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
    writer.transport.abort()
