"""A test message sent from this very computer, told step by step while it is on its way."""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import UTC, datetime

from PySide6.QtCore import QObject, Signal

from models.records.notification import Attempt, Channel, Step


class LocalTest(QObject):
    """One test. Signals come from the sending thread and arrive queued; `stop` may be called at any time.

    Attributes:
        stepped: Something happened (Step).
        ended: The test is over (Attempt).
    """

    stepped = Signal(object)
    ended = Signal(object)

    def __init__(
        self, channel: Channel, secret: str, address: str, time_zone: str, parent: QObject | None = None
    ) -> None:
        """Store what to send by; `secret` in clear, forgotten once the test is over."""
        super().__init__(parent)
        # Here, not above: a window that never tests need not load the mail library.
        from console.station.notifications.errand import Errand
        from console.station.notifications.limits import SendLimits

        self._channel = channel
        self._secret = secret
        self._address = address
        self._time_zone = time_zone
        self._errand = Errand(SendLimits(), self._tell)
        self._thread = threading.Thread(target=self._run, name="notification-test", daemon=True)
        # A function of another object: bound to this one, it would not be called when this one goes.
        self.destroyed.connect(self._errand.cut)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Cut the test short. Safe twice."""
        self._errand.cut()

    def _run(self) -> None:
        from console.station.notifications.sending import send, test_message

        now = datetime.now(UTC)
        message = test_message(self._channel, self._address, self._time_zone, now)
        attempt = send(message, self._secret, "", now, self._errand)
        self._secret = ""
        self._emit(self.ended, attempt)

    def _tell(self, step: Step) -> None:
        self._emit(self.stepped, step)

    def _emit(self, signal: object, value: Step | Attempt) -> None:
        # The dialog may have been closed meanwhile, and this object with it.
        with suppress(RuntimeError):
            signal.emit(value)  # type: ignore[attr-defined]
