"""What every server of these tests does: listen, count connections, tell when something happens."""

import asyncio
import ssl
from collections.abc import Callable


class ListeningServer:
    """A TCP server; how it answers is `_answer`'s affair.

    Attributes:
        accepted: Connections so far.
        open_now: Connections that stand.
        port: Where it listens; a second `start` listens there again.
    """

    def __init__(self, encryption: ssl.SSLContext | None = None) -> None:
        self.accepted = self.open_now = self.port = 0
        self._encryption = encryption
        self._server: asyncio.Server | None = None
        self._happened = asyncio.Event()
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=self._encryption)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and cut every connection."""
        if self._server is not None:
            self._server.close()
        for writer in self._writers:
            writer.transport.abort()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until `condition` holds, which is looked at whenever something happens here."""
        while not condition():
            self._happened.clear()
            await self._happened.wait()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one request and see to its answer; raises when the connection ends."""
        raise NotImplementedError

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        self.open_now += 1
        self._writers.add(writer)
        try:
            while True:
                await self._answer(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.open_now -= 1
            self._happened.set()
            self._writers.discard(writer)
            writer.close()
