"""Switching faults while the plant runs: JSON lines over a loopback port, one reply a request.

    {"do": "switch", "device": "DRIVE-02", "kind": "slow", "is_on": true, "value": 0.3}
    {"do": "faults"}        which faults are on
    {"do": "counts"}        what was answered so far
    {"do": "document"}      the import document
    {"do": "trouble", "device": "DRIVE-02", "kind": "roll-back"}     what goes wrong with its next update
    {"do": "firmware"}      what runs on each device, and what became of its updates

A line that is no request closes the connection, so that a browser led here cannot slip one in behind its
headers.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from drivers.plant.faults import FaultRefused

_MAX_LINE = 64 * 1024
_CALL_TIMEOUT_S = 5.0


class ControlRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line from a client. `device`, `kind`, `is_on` and `value` belong to "switch".

    All but `is_on` belong to "trouble" as well, where `value` is in seconds and `kind` may be empty for none.
    """

    do: str
    device: str = ""
    kind: str = ""
    is_on: bool = True
    value: float | None = None
    step: str = ""
    after_bytes: int = 0


class ControlReply(msgspec.Struct, frozen=True):
    """One line back. `error` is a sentence, empty when all went well; `result` depends on the request."""

    error: str = ""
    result: Any = None


Handler = Callable[[ControlRequest], Awaitable[Any]]


class ControlUnreachable(ConnectionError):
    """No plant answers at the control port."""


class ControlServer:
    """The plant's end.

    Attributes:
        port: The port asked for; after `open`, the port taken.
    """

    def __init__(self, host: str, port: int, handle: Handler) -> None:
        self.port = port
        self._host, self._handle = host, handle
        self._server: asyncio.Server | None = None
        self._conversations: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Listen. Raises OSError where the port is taken."""
        self._server = await asyncio.start_server(self._converse, self._host, self.port, limit=_MAX_LINE)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening and end every conversation. Safe twice."""
        server, self._server = self._server, None
        if server is None:
            return
        server.close()
        for conversation in self._conversations:
            conversation.cancel()
        await asyncio.gather(*self._conversations, return_exceptions=True)
        await server.wait_closed()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._conversations.add(task)
        try:
            while line := await reader.readline():
                try:
                    request = msgspec.json.decode(line, type=ControlRequest)
                except msgspec.DecodeError as error:
                    writer.write(_line(ControlReply(error=f"That is no request to the plant: {error}.")))
                    return
                writer.write(_line(await self._reply(request)))
                await writer.drain()
        except (ConnectionError, ValueError, asyncio.CancelledError):
            return  # gone, longer than any request, or the plant is closing
        finally:
            self._conversations.discard(task)
            writer.close()

    async def _reply(self, request: ControlRequest) -> ControlReply:
        try:
            return ControlReply(result=await self._handle(request))
        except FaultRefused as error:
            return ControlReply(error=str(error))


def ask_plant(port: int, request: ControlRequest, host: str = "127.0.0.1") -> Any:
    """Send one request to a running plant and return its result. Blocking, at most 5 s.

    Raises:
        ControlUnreachable: Nobody answers there.
        FaultRefused: The plant understood and declined.
    """
    try:
        with socket.create_connection((host, port), _CALL_TIMEOUT_S) as line:
            line.sendall(_line(request))
            with line.makefile("rb") as replies:
                reply = msgspec.json.decode(replies.readline(), type=ControlReply)
    except (OSError, msgspec.DecodeError) as error:
        raise ControlUnreachable(
            f"No plant answers on {host}:{port}; start it with main.py plant."
        ) from error
    if reply.error:
        raise FaultRefused(reply.error)
    return reply.result


def _line(message: ControlRequest | ControlReply) -> bytes:
    return msgspec.json.encode(message) + b"\n"
