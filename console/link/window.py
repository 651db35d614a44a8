"""One connected window, as the station sees it: bytes go out, at most a greeting comes in."""

import asyncio
import logging
from collections.abc import Callable
from typing import cast

from console.link.frames import FrameError, FrameReader
from console.link.messages import PROTOCOL, Hello

_log = logging.getLogger(__name__)


class WindowConnection(asyncio.Protocol):
    """One connection. Never waits: what the window cannot take is buffered, up to a limit."""

    def __init__(
        self,
        on_open: "Callable[[WindowConnection], None]",
        on_closed: "Callable[[WindowConnection], None]",
        buffer_bytes: int,
    ) -> None:
        """Keep whom to tell, and how far behind the window may be."""
        self._on_open = on_open
        self._on_closed = on_closed
        self._buffer_bytes = buffer_bytes
        self._reader = FrameReader()
        self._transport: asyncio.WriteTransport | None = None
        self._name = "a window"

    def send(self, frame: bytes) -> None:
        """Send one frame; lets the window go where it is too far behind."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        if transport.get_write_buffer_size() > self._buffer_bytes:
            _log.warning("%s takes no more data and was disconnected; it may connect again", self._name)
            transport.abort()
            return
        transport.write(frame)

    def close(self) -> None:
        """Send what is buffered, then close. Safe twice."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet the window (called by the event loop)."""
        # A cast, because uvloop's transports keep the contract without inheriting from it.
        self._transport = cast(asyncio.WriteTransport, transport)
        self._on_open(self)

    def data_received(self, data: bytes) -> None:
        """Read the window's greeting; whoever speaks anything else is let go (called by the event loop)."""
        try:
            for message in self._reader.feed(data):
                if not isinstance(message, Hello):
                    raise FrameError(f"a window sent {type(message).__name__}, which only stations send")
                self._name = f"the window {message.name} (process {message.pid})"
                if message.protocol != PROTOCOL:
                    # It learned our number from our own greeting, and tells its operator to update.
                    _log.warning("%s speaks protocol %d, not %d", self._name, message.protocol, PROTOCOL)
                    self.close()
        except FrameError as error:
            _log.warning("%s was disconnected: %s", self._name, error)
            if self._transport is not None:
                self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the window (called by the event loop)."""
        self._transport = None
        self._on_closed(self)
