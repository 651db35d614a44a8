"""One connected window, as the station sees it: bytes go out; a greeting comes in, and a guest's requests."""

import asyncio
import logging
from typing import Protocol, cast

from console.link.frames import LONGEST_GREETING, LONGEST_REQUEST, FrameError, FrameReader
from console.link.messages import PROTOCOL, Acknowledge, AskDevice, Hello, Message, StopAsking

_log = logging.getLogger(__name__)

_LINGER_S = 1.0
_LAST_WORDS_BYTES = 64 * 1024
_NAME_LENGTH = 60


class Nonsense(ValueError):
    """A window said something that no window of ours says. Let it go."""


class Host(Protocol):
    """Who is told what becomes of a connection."""

    def on_open(self, window: "WindowConnection") -> None:
        """Somebody connected; nothing is known of them."""
        ...

    def on_greeting(self, window: "WindowConnection", ticket: str) -> None:
        """They speak our protocol, and show this ticket; empty where they have none."""
        ...

    def on_acknowledge(self, window: "WindowConnection", message: Acknowledge) -> None:
        """A guest acknowledges alerts. Raises Nonsense where no window of ours would."""
        ...

    def on_ask(self, window: "WindowConnection", message: AskDevice | StopAsking) -> None:
        """A guest asks something of a device, or stops. Raises Nonsense where no window of ours would."""
        ...

    def on_nonsense(self, sentence: str) -> None:
        """They said something that no window of ours says, and were let go."""
        ...

    def on_closed(self, window: "WindowConnection") -> None:
        """The connection ended, whoever ended it."""
        ...


class WindowConnection(asyncio.Protocol):
    """One connection. Never waits: what the window cannot take is buffered, up to a limit."""

    def __init__(self, host: Host, buffer_bytes: int) -> None:
        """Keep whom to tell, and how far behind the window may be."""
        self._host = host
        self._buffer_bytes = buffer_bytes
        self._reader = FrameReader(LONGEST_GREETING)
        self._transport: asyncio.WriteTransport | None = None
        self._linger: asyncio.TimerHandle | None = None
        self._name = "a window"
        self._has_greeted = False
        self._is_guest = False

    @property
    def has_greeted(self) -> bool:
        """Whether it has said who it is."""
        return self._has_greeted

    def let_in(self) -> None:
        """Listen to what it asks from now on. Safe twice."""
        self._is_guest = True
        self._reader.allow(LONGEST_REQUEST)

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

    def dismiss(self, frame: bytes = b"") -> None:
        """Send a last frame and close at once, even if the window does not read. Safe twice."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        # Somebody far behind would go on receiving what waits for them.
        if not frame or transport.get_write_buffer_size() > _LAST_WORDS_BYTES:
            transport.abort()
            return
        transport.write(frame)
        transport.close()
        # Whoever does not read its refusal would keep the connection open.
        self._linger = asyncio.get_running_loop().call_later(_LINGER_S, transport.abort)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet the window (called by the event loop)."""
        # A cast, because uvloop's transports keep the contract without inheriting from it.
        self._transport = cast(asyncio.WriteTransport, transport)
        self._host.on_open(self)

    def data_received(self, data: bytes) -> None:
        """Read what the window says; whoever says anything else is let go (called by the event loop)."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        try:
            for message in self._reader.feed(data):
                self._hear(message)
                if transport.is_closing():
                    return
        except (FrameError, Nonsense) as error:
            self._host.on_nonsense(f"{self._name} was disconnected: {error}")
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the window (called by the event loop)."""
        self._transport = None
        if self._linger is not None:
            self._linger.cancel()
        self._host.on_closed(self)

    def _hear(self, message: Message) -> None:
        if isinstance(message, Hello) and not self._has_greeted:
            self._greet(message)
        elif isinstance(message, Hello):
            raise Nonsense("a window greeted twice")
        elif not isinstance(message, Acknowledge | AskDevice | StopAsking):
            raise Nonsense(f"a window sent {type(message).__name__}, which only stations send")
        elif not self._is_guest:
            raise Nonsense("a window asked for something before it was let in")
        elif isinstance(message, Acknowledge):
            self._host.on_acknowledge(self, message)
        else:
            self._host.on_ask(self, message)

    def _greet(self, hello: Hello) -> None:
        self._has_greeted = True
        # What a stranger calls itself goes into the log: on one line, and no longer than a name is.
        name = "".join(letter for letter in hello.name[:_NAME_LENGTH] if letter.isprintable())
        self._name = f"the window {name} (process {hello.pid})"
        if hello.protocol != PROTOCOL:
            # It learned our number from our own greeting, and tells its operator to update.
            self._host.on_nonsense(f"{self._name} speaks protocol {hello.protocol}, not {PROTOCOL}")
            self.close()
        else:
            self._host.on_greeting(self, hello.ticket)
