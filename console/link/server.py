"""The station's end of the local socket: any number of windows listen, none can slow the station down.

What a window cannot take is buffered up to a limit; beyond it the window is let go, and connects again.
"""

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from console.link.frames import frame_from_message
from console.link.listener import ListeningSocket
from console.link.messages import (
    PROTOCOL,
    Hello,
    LiveBatch,
    Message,
    StateChange,
    States,
)
from console.link.window import WindowConnection
from models.metrics import METRIC_COUNT
from models.records.device import DeviceId, DeviceState
from models.records.reading import Reading
from models.records.station import StationReport

COALESCE_S = 0.03
"""Readings wait this long for others: 33 batches a second are more than eyes or screens take."""

BUFFER_BYTES = 4 * 1024 * 1024
"""What a window may be behind: about a minute of a thousand devices."""


class _Closable(Protocol):
    def close(self) -> None: ...


class LinkServer:
    """Serves windows on one local socket. Every method belongs to the event loop's thread."""

    def __init__(
        self,
        address: str,
        name: str,
        version: str,
        *,
        coalesce_s: float = COALESCE_S,
        buffer_bytes: int = BUFFER_BYTES,
    ) -> None:
        """Keep what it needs; opens nothing.

        Args:
            address: A path (POSIX; its folder must be the owner's alone) or a pipe's name (Windows).
            name: The station's, as told to windows.
            version: Of this program.
            coalesce_s: How long readings wait for others.
            buffer_bytes: How far behind a window may be before it is let go.
        """
        self._address = address
        self._hello = Hello(PROTOCOL, name, version, os.getpid())
        self._coalesce_s = coalesce_s
        self._buffer_bytes = buffer_bytes
        self._windows: set[WindowConnection] = set()
        self._states: dict[DeviceId, StateChange] = {}
        self._waiting: list[Reading] = []
        self._flush: asyncio.TimerHandle | None = None
        self._server: asyncio.Server | None = None
        self._pipes: Sequence[_Closable] = ()
        self._socket = ListeningSocket(Path(address))

    @property
    def window_count(self) -> int:
        """How many windows are connected."""
        return len(self._windows)

    async def start(self) -> None:
        """Open the socket; one left by a killed station is replaced.

        Raises:
            OSError: The address is in use by a living station, or cannot be made.
        """
        loop = asyncio.get_running_loop()
        if sys.platform == "win32":
            assert isinstance(loop, asyncio.ProactorEventLoop)  # pipes exist on no other
            # Stubs ask for a StreamReaderProtocol; the loop is content with any protocol.
            self._pipes = await loop.start_serving_pipe(self._make_window, self._address)  # pyright: ignore[reportArgumentType]
            return
        # The listening socket is made here, not by the loop: uvloop and asyncio differ in what they replace.
        self._server = await loop.create_unix_server(self._make_window, sock=self._socket.open())

    async def stop(self) -> None:
        """Send what waits, close every connection and the socket. Safe twice, safe when never started."""
        self._flush_readings()
        for window in list(self._windows):
            window.close()
        if self._server is not None:
            self._server.close()
            self._server = None
        for pipe in self._pipes:
            pipe.close()
        self._pipes = ()
        self._socket.remove()

    def publish_readings(self, readings: Sequence[Reading]) -> None:
        """Send readings to every window, together with others that come within `coalesce_s`."""
        if not self._windows:
            return
        self._waiting.extend(readings)
        if self._flush is None:
            loop = asyncio.get_running_loop()
            self._flush = loop.call_later(self._coalesce_s, self._flush_readings)

    def set_states(self, states: Sequence[DeviceState]) -> None:
        """Replace what is known of all devices, and tell every window."""
        self._states.clear()
        self.publish_states(states)

    def publish_states(self, states: Sequence[DeviceState]) -> None:
        """Keep states for windows that come later, and tell those that are here."""
        changes = [_change(state) for state in states]
        self._states.update((DeviceId(change.device), change) for change in changes)
        if changes and self._windows:
            self._send(States(changes))

    def publish_figures(self, figures: StationReport) -> None:
        """Tell every window how the station is doing."""
        if self._windows:
            self._send(figures)

    def _flush_readings(self) -> None:
        if self._flush is not None:
            self._flush.cancel()
            self._flush = None
        waiting, self._waiting = self._waiting, []
        if waiting and self._windows:
            self._send(batch_from_readings(waiting))

    def _send(self, message: Message) -> None:
        frame = frame_from_message(message)
        for window in list(self._windows):
            window.send(frame)

    def _make_window(self) -> WindowConnection:
        return WindowConnection(self._welcome, self._windows.discard, self._buffer_bytes)

    def _welcome(self, window: WindowConnection) -> None:
        self._windows.add(window)
        window.send(frame_from_message(self._hello))
        window.send(frame_from_message(States(list(self._states.values()))))


def batch_from_readings(readings: Sequence[Reading]) -> LiveBatch:
    """Put readings into arrays, in the order given."""
    values = np.array([reading.values for reading in readings], dtype="<f8")
    assert values.shape == (len(readings), METRIC_COUNT)
    return LiveBatch(
        devices=np.array([reading.device for reading in readings], dtype="<i8").tobytes(),
        recorded_unix=np.array([reading.recorded_unix for reading in readings], dtype="<f8").tobytes(),
        values=values.tobytes(),
        quality=np.array([reading.quality for reading in readings], dtype="<i2").tobytes(),
    )


def _change(state: DeviceState) -> StateChange:
    seen_at = state.last_seen_at
    seen_unix = None if seen_at is None else seen_at.timestamp()
    return StateChange(state.device, state.status.value, state.detail, seen_unix)
