"""The window's end of the local socket: connects, shows its ticket, understands, and connects again.

connect → Hello both ways, ours with the ticket → Welcome → values, states, reports
                                                └ Refused → wait; a new ticket ends the wait

While nobody is signed in, it only looks now and then whether a station is there.
"""

import logging
import math
from collections.abc import Callable

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtNetwork import QLocalSocket

from console.bridge.feed_decoding import readings_from_batch, refusal_of
from console.link.frames import FrameError, FrameReader, frame_from_message
from console.link.messages import (
    Acknowledge,
    Acknowledged,
    AlertChanges,
    AskDevice,
    DeviceAnswer,
    DeviceFigures,
    Hello,
    LiveBatch,
    Message,
    Refused,
    Released,
    States,
    StopAsking,
    Welcome,
    Withdrawn,
)
from models.records.station import StationReport

RETRY_MS = 500
SILENT_AFTER_S = 5.0
"""A station reports once a second; five missed reports are a station that hangs."""
REFUSED_PAUSES_S = (0.5, 1.0, 2.0)
"""Waits after a refusal that may pass, e.g. while the station cannot reach the database yet."""
FINAL_PAUSE_S = 30.0
"""Wait after a refusal for good: it passes only where the station then knew less than it knows now."""
LOOK_PAUSE_S = 3.0
"""Wait between two looks whether a station is there, while nobody is signed in."""
NOT_SIGNED_IN = "Nobody is signed in at this window; sign in to see live values."

_log = logging.getLogger(__name__)


class LiveFeed(QObject):
    """Values and states from the station of this computer. Lives on the window's thread, never blocks it.

    Attributes:
        arrived: ReadingArrays.
        states_arrived: States.
        withdrawn: frozenset[int] of devices that the person may no longer see.
        released: frozenset[int] of devices that the station polls no more.
        alerts_told: AlertChanges.
        acknowledged: Acknowledged.
        device_answered: DeviceAnswer.
        figures_arrived: DeviceFigures.
        reported: StationReport.
        link_changed: Whether a station talks to us; "live", or why not.
        ticket_refused: For good, and why. Time to ask the database for another and to `present` it; said
            again no sooner than `FINAL_PAUSE_S` later.
    """

    arrived = Signal(object)
    states_arrived = Signal(object)
    withdrawn = Signal(object)
    released = Signal(object)
    alerts_told = Signal(object)
    acknowledged = Signal(object)
    device_answered = Signal(object)
    figures_arrived = Signal(object)
    reported = Signal(object)
    link_changed = Signal(bool, str)
    ticket_refused = Signal(str)

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
        self._ticket = ""
        self._station: Hello | None = None
        self._is_there = False
        self._is_answered = False
        self._is_welcome = False
        self._connected_at = 0.0
        self._refusals = 0
        self._next_at = -math.inf
        self._asked_at = -math.inf
        self._heard_at: float | None = None
        self._told: tuple[bool, str] | None = None
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
        """Whether a station has let us in and the connection stands."""
        return self._is_welcome

    @property
    def is_station_there(self) -> bool:
        """Whether a station runs on this computer as far as we know, even if it does not let us in."""
        return self._is_there

    @property
    def station(self) -> Hello | None:
        """How the station of this computer last introduced itself; None where it never did."""
        return self._station

    @property
    def age_s(self) -> float | None:
        """Seconds since the last message, None where there was never one."""
        return None if self._heard_at is None else self._monotonic() - self._heard_at

    def present(self, ticket: str | None) -> None:
        """Show this ticket from now on: connects again with it. None or empty: nobody is signed in."""
        ticket = ticket or ""
        if ticket == self._ticket and (not ticket or self._is_welcome):
            return
        was_welcome = self._is_welcome
        self._ticket = ticket
        self._refusals, self._next_at = 0, -math.inf
        self._leave()
        if was_welcome:
            self._tell(False, "Signing in at the station…" if ticket else NOT_SIGNED_IN)
        if not self._is_stopped:
            self._connect()

    def acknowledge(self, message: Acknowledge) -> bool:
        """Tell the station that alerts were taken note of; returns whether it listens."""
        return self._is_welcome and self._socket.write(frame_from_message(message)) >= 0

    def ask(self, message: AskDevice | StopAsking) -> bool:
        """Ask something of a device, or stop asking; returns whether the station listens."""
        return self._is_welcome and self._socket.write(frame_from_message(message)) >= 0

    def start(self) -> None:
        """Connect, and keep trying twice a second for as long as it takes."""
        self._is_stopped = False
        self._tick.start()
        self._connect()

    def stop(self) -> None:
        """Disconnect for good. Safe twice."""
        self._is_stopped = True
        self._tick.stop()
        self._leave()
        self._is_there = False

    def _leave(self) -> None:
        # First: the socket reports its own end at once, which would be taken for the station's.
        self._is_welcome = False
        self._socket.abort()

    def _connect(self) -> None:
        self._is_answered = False
        self._reader = FrameReader()
        self._connected_at = self._monotonic()
        self._socket.connectToServer(self._socket_name)

    def _introduce(self) -> None:
        if self._ticket:
            greeting = msgspec.structs.replace(self._introduction, ticket=self._ticket)
            self._socket.write(frame_from_message(greeting))

    def _look_after_connection(self) -> None:
        if self._socket.state() == QLocalSocket.LocalSocketState.UnconnectedState:
            if self._monotonic() >= self._next_at:
                self._connect()
            return
        last_sign = self._connected_at
        if self._is_welcome and self._heard_at is not None:
            last_sign = max(last_sign, self._heard_at)
        # A station that cannot check our ticket says so after five seconds by its own clock.
        is_waiting = self._is_answered and not self._is_welcome
        limit_s = 2.0 * SILENT_AFTER_S if is_waiting else SILENT_AFTER_S
        if self._monotonic() - last_sign > limit_s:
            self._give_up(f"The station has not answered for {limit_s:.0f} s; connecting again.")

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
        match message:
            case Hello():
                return self._meet(message)
            case Welcome() if self._is_answered:
                self._is_welcome, self._refusals = True, 0
                self._heard_at = self._monotonic()
                self._tell(True, "live")
            case Refused() if self._is_answered:
                self._rest(message)
                return False
            case _ if not self._is_welcome:
                raise FrameError(f"{type(message).__name__} before the welcome")
            case _:
                self._heard_at = self._monotonic()
                self._hand_on(message)
        return not self._is_stopped

    def _meet(self, hello: Hello) -> bool:
        refusal = refusal_of(hello)
        if refusal:
            self._give_up(refusal)
            return False
        self._is_answered = self._is_there = True
        self._station = hello
        if not self._ticket:
            self._next_at = self._monotonic() + LOOK_PAUSE_S
            self._give_up(NOT_SIGNED_IN)
            return False
        return True

    def _hand_on(self, message: Message) -> None:
        match message:
            case LiveBatch():
                self.arrived.emit(readings_from_batch(message))
            case States():
                self.states_arrived.emit(message)
            case Withdrawn():
                self.withdrawn.emit(frozenset(message.devices))
            case Released():
                self.released.emit(frozenset(message.devices))
            case AlertChanges():
                self.alerts_told.emit(message)
            case Acknowledged():
                self.acknowledged.emit(message)
            case DeviceAnswer():
                self.device_answered.emit(message)
            case DeviceFigures():
                self.figures_arrived.emit(message)
            case StationReport():
                self.reported.emit(message)
            case _:
                raise FrameError(f"{type(message).__name__} after the welcome")

    def _rest(self, refused: Refused) -> None:
        """Leave the station alone for a while, which does not let us in."""
        now_s = self._monotonic()
        pause_s = REFUSED_PAUSES_S[min(self._refusals, len(REFUSED_PAUSES_S) - 1)]
        self._next_at = now_s + (FINAL_PAUSE_S if refused.is_final else pause_s)
        self._refusals += 1
        self._give_up(refused.sentence)
        # A station that refuses every ticket must not make the database issue one after the other.
        if refused.is_final and now_s - self._asked_at >= FINAL_PAUSE_S:
            self._asked_at = now_s
            self.ticket_refused.emit(refused.sentence)

    def _give_up(self, sentence: str) -> None:
        self._leave()
        self._tell(False, sentence)

    def _on_disconnected(self) -> None:
        if self._is_welcome:
            self._lose("The station has ended or closed the connection; connecting again.")

    def _on_error(self) -> None:
        if self._is_welcome:
            self._lose("The connection to the station broke; connecting again.")
        elif self._is_there or self._told is None:
            self._lose("No station is running on this computer.")

    def _lose(self, sentence: str) -> None:
        self._is_welcome = self._is_there = False
        self._tell(False, sentence)

    def _tell(self, is_connected: bool, text: str) -> None:  # noqa: FBT001
        if not self._is_stopped and self._told != (is_connected, text):
            self._told = (is_connected, text)
            self.link_changed.emit(is_connected, text)
