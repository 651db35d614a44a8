"""Knocks at the station's socket now and then: is somebody there, who, and do they answer?

A station says who it is to whoever connects. One that is stopped or hangs still has its socket, so the
connection is made, and then nothing comes.
"""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtNetwork import QLocalSocket

from console.link.frames import FrameError, FrameReader
from console.link.messages import Hello

TICK_MS = 500
KNOCK_EVERY_S = 2.0


class StationVigil(QObject):
    """Lives on the window's thread.

    Attributes:
        answered: A station answered; its process id, 0 where it says none.
        absent: Nobody listens.
        silent: Somebody listens and has said nothing for so many seconds; said at each look.
    """

    answered = Signal(int)
    absent = Signal()
    silent = Signal(float)

    def __init__(
        self, socket_name: str, monotonic: Callable[[], float], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._socket_name = socket_name
        self._monotonic = monotonic
        self._silent_s = 0.0
        self._rest_s = 0.0
        self._looked_s = 0.0
        self._reader = FrameReader()
        self._socket = QLocalSocket(self)
        self._socket.readyRead.connect(self._hear)
        self._socket.errorOccurred.connect(self._on_error)
        self._tick = QTimer(self, interval=TICK_MS)
        self._tick.timeout.connect(self._look)

    def start(self) -> None:
        """Begin; the first knock comes with the first tick, or with `knock`."""
        self._looked_s = self._monotonic()
        self._rest_s = KNOCK_EVERY_S
        self._tick.start()

    def stop(self) -> None:
        """Knock no more. Safe twice."""
        self._tick.stop()
        self._socket.abort()

    def knock(self) -> None:
        """Find out now, unless a knock is being waited for."""
        if self._socket.state() == QLocalSocket.LocalSocketState.UnconnectedState:
            self._reader = FrameReader()
            self._silent_s, self._rest_s = 0.0, KNOCK_EVERY_S
            self._socket.connectToServer(self._socket_name)

    def _look(self) -> None:
        now_s = self._monotonic()
        # Only time in which this window itself was running counts: it may have been the one that stood still.
        passed_s = min(now_s - self._looked_s, 2.0 * TICK_MS / 1000.0)
        self._looked_s = now_s
        if self._socket.state() == QLocalSocket.LocalSocketState.UnconnectedState:
            self._rest_s -= passed_s
            if self._rest_s <= 0.0:
                self.knock()
            return
        self._silent_s += passed_s
        self.silent.emit(self._silent_s)

    def _hear(self) -> None:
        process_id = 0
        try:
            for message in self._reader.feed(bytes(self._socket.readAll().data())):
                process_id = message.pid if isinstance(message, Hello) else 0
        except FrameError:
            pass  # Whatever it says, it is there; what is wrong with it, the feed says.
        self._socket.abort()
        self.answered.emit(process_id)

    def _on_error(self, error: QLocalSocket.LocalSocketError) -> None:
        self._socket.abort()
        if error != QLocalSocket.LocalSocketError.PeerClosedError:
            self.absent.emit()
