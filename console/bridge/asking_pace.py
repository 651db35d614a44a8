"""Questions of one window on their way to the station: no more at once and no faster than it takes from one.

Whoever opens all branches of a tree asks a hundred things in a moment; the station lets such a window go.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from console.link.device_requests import BURST, MOST_AT_ONCE, RATE_PER_S
from console.link.messages import AskDevice

# Less than the station grants: its clock need not see questions at the distances at which they were sent.
_BURST = BURST / 2
_RATE_PER_S = RATE_PER_S * 0.75
_SOON_MS = 20


class AskingPace(QObject):
    """Sends in the order asked. Belongs to the window's thread."""

    def __init__(
        self, send: Callable[[AskDevice], bool], monotonic: Callable[[], float], parent: QObject
    ) -> None:
        """Begin with nothing.

        Args:
            send: Sends the station a message, and returns whether there is one that listens.
            monotonic: A clock in seconds.
            parent: Qt's.
        """
        super().__init__(parent)
        self._send = send
        self._monotonic = monotonic
        self._waiting: deque[tuple[AskDevice, Callable[[bool], None]]] = deque()
        self._under_way: set[int] = set()
        self._allowance = _BURST
        self._looked_s = monotonic()
        self._soon = QTimer(self, singleShot=True, interval=_SOON_MS)
        self._soon.timeout.connect(self._go_on)

    def put(self, asked: AskDevice, on_sent: Callable[[bool], None]) -> None:
        """Send a question, now or as soon as there is room; `on_sent` hears whether a station listened."""
        self._waiting.append((asked, on_sent))
        self._go_on()

    def end(self, number: int) -> bool:
        """Count a question as over; returns whether the station had been asked."""
        self._soon.start()
        if number in self._under_way:
            self._under_way.discard(number)
            return True
        self._waiting = deque(one for one in self._waiting if one[0].number != number)
        return False

    def _go_on(self) -> None:
        now_s = self._monotonic()
        self._allowance = min(_BURST, self._allowance + (now_s - self._looked_s) * _RATE_PER_S)
        self._looked_s = now_s
        while self._waiting and self._allowance >= 1.0 and len(self._under_way) < MOST_AT_ONCE:
            asked, on_sent = self._waiting.popleft()
            self._allowance -= 1.0
            is_heard = self._send(asked)
            if is_heard:
                self._under_way.add(asked.number)
            on_sent(is_heard)
        if self._waiting and len(self._under_way) < MOST_AT_ONCE:
            self._soon.start()
