"""The window's end of the local socket: connects, understands, and connects again when it breaks."""

import logging
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtNetwork import QLocalSocket

from console.bridge.feed_decoding import readings_from_batch, refusal_of
from console.link.frames import FrameError, FrameReader, frame_from_message
from console.link.messages import Hello, LiveBatch, Message, States
from models.records.station import StationReport

RETRY_MS = 500
SILENT_AFTER_S = 5.0
"""A station reports once a second; five missed reports are a station that hangs."""

_log = logging.getLogger(__name__)


class LiveFeed(QObject):
    """Values and states from the station of this computer. Lives on the window's thread, never blocks it."""

    arrived = Signal(object)  # ReadingArrays
    states_arrived = Signal(object)  # States
    reported = Signal(object)  # StationReport
    link_changed = Signal(bool, str)  # whether a station talks to us; "live", or why not

    def __init__(
        self,
        socket_name: str,
        introduction: Hello,
        monotonic: Callable[[], float],
        parent: QObject | None = None,
    ) -> None:
        """Store where the station listens, how we introduce ourselves, and a clock in seconds."""
        super().__init__(parent)
        self._socket_name = socket_name
        self._introduction = introduction
        self._monotonic = monotonic
        self._reader = FrameReader()
        self._is_welcome = False
        self._heard_at: float | None = None
        self._text = ""
        self._is_stopped = True
        self._socket = QLocalSocket(self)
        self._socket.connected.connect(self._introduce)
        self._socket.readyRead.connect(self._read)
        self._socket.disconnected.connect(self._on_disconnected)
        self._socket.errorOccurred.connect(self._on_error)
        self._tick = QTimer(self, interval=RETRY_MS)
        self._tick.timeout.connect(self._look_after_connection)

    @property
    def is_connected(self) -> bool:
        """Whether a station has introduced itself and the connection stands."""
        return self._is_welcome

    @property
    def age_s(self) -> float | None:
        """Seconds since the last message, None where there was never one."""
        return None if self._heard_at is None else self._monotonic() - self._heard_at

    def start(self) -> None:
        """Connect, and keep trying twice a second for as long as it takes."""
        self._is_stopped = False
        self._tick.start()
        self._connect()

    def stop(self) -> None:
        """Disconnect for good. Safe twice."""
        self._is_stopped = True
        self._tick.stop()
        self._socket.abort()
        self._is_welcome = False

    def _connect(self) -> None:
        self._reader = FrameReader()
        self._connected_at = self._monotonic()
        self._socket.connectToServer(self._socket_name)

    def _introduce(self) -> None:
        self._socket.write(frame_from_message(self._introduction))

    def _look_after_connection(self) -> None:
        if self._socket.state() == QLocalSocket.LocalSocketState.UnconnectedState:
            self._connect()
            return
        last_sign = self._connected_at
        if self._is_welcome and self._heard_at is not None:
            last_sign = max(last_sign, self._heard_at)
        if self._monotonic() - last_sign > SILENT_AFTER_S:
            self._give_up(f"The station has not answered for {SILENT_AFTER_S:.0f} s; connecting again.")

    def _read(self) -> None:
        data = bytes(self._socket.readAll().data())
        try:
            for message in self._reader.feed(data):
                if not self._take(message):
                    return
        except FrameError as error:
            _log.warning("The station sent garbage: %s", error)
            self._give_up("The station sent something unreadable; connecting again.")

    def _take(self, message: Message) -> bool:
        """Hand one message on; returns whether the connection still stands."""
        if not self._is_welcome and not isinstance(message, Hello):
            raise FrameError("message before the introduction")
        self._heard_at = self._monotonic()
        match message:
            case Hello():
                refusal = refusal_of(message)
                if refusal:
                    self._give_up(refusal)
                    return False
                self._is_welcome = True
                self._tell(True, "live")
            case LiveBatch():
                self.arrived.emit(readings_from_batch(message))
            case States():
                self.states_arrived.emit(message)
            case StationReport():
                self.reported.emit(message)
        return not self._is_stopped

    def _give_up(self, sentence: str) -> None:
        self._text = sentence
        self._socket.abort()
        self._lose(sentence)

    def _on_disconnected(self) -> None:
        if self._is_welcome:
            self._lose("The station has ended or closed the connection; connecting again.")

    def _on_error(self) -> None:
        if self._is_welcome:
            self._lose("The connection to the station broke; connecting again.")
        elif not self._text:
            self._tell(False, "No station is running on this computer.")

    def _lose(self, sentence: str) -> None:
        self._is_welcome = False
        self._tell(False, sentence)

    def _tell(self, is_connected: bool, text: str) -> None:  # noqa: FBT001
        self._text = text
        if not self._is_stopped:
            self.link_changed.emit(is_connected, text)
