"""Notices that nobody has touched keyboard or mouse for a while, so that the controls can be locked."""

import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QWindow

from models.records.person import Role

_TOUCHES = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseMove,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
    }
)
_LOOK_MS = 1_000
_AFTER_S = {Role.ADMIN: 30 * 60.0, Role.USER: 30 * 60.0, Role.OPERATOR: None}
"""An operator watches for hours without touching anything, and must not be asked who they are at an alert."""


def idle_limit_s(role: Role) -> float | None:
    """Return after how many idle seconds a role's controls lock; None = never by themselves."""
    return _AFTER_S[role]


class IdleWatch(QObject):
    """Looks at the raw events of the window that has the keyboard: far fewer than those of each widget."""

    idle = Signal()

    def __init__(self, parent: QObject, monotonic: Callable[[], float] = time.monotonic) -> None:
        super().__init__(parent)
        self._monotonic = monotonic
        self._limit_s: float | None = None
        self._touched_at = monotonic()
        self._look = QTimer(self, interval=_LOOK_MS)
        self._look.timeout.connect(self.look)

    def start(self, limit_s: float | None) -> None:
        """Watch from now on: `idle` comes after `limit_s` seconds without a touch; None = never."""
        self._limit_s = limit_s
        self._touched_at = self._monotonic()
        app = QGuiApplication.instance()
        if isinstance(app, QGuiApplication) and not self._look.isActive():
            app.focusWindowChanged.connect(self._follow)
            self._follow(QGuiApplication.focusWindow())
        self._look.start()

    def stop(self) -> None:
        """Watch no more. Safe twice."""
        self._look.stop()

    def look(self) -> None:
        """Judge the time since the last touch."""
        if self._limit_s is not None and self._monotonic() - self._touched_at >= self._limit_s:
            self._touched_at = self._monotonic()
            self.idle.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """See touches go by."""
        if event.type() in _TOUCHES:
            self._touched_at = self._monotonic()
        return False

    def _follow(self, window: QWindow | None) -> None:
        if window is not None:
            # Installing it twice moves it to the front, which is all the same here.
            window.installEventFilter(self)
