"""Tells from what is typed whether Caps Lock is on: Qt does not say, a letter against its Shift does."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget


def is_caps_lock(text: str, *, is_shifted: bool) -> bool | None:
    """Return whether Caps Lock is on, judged by one key; None where the key does not tell.

    Args:
        text: What the key typed.
        is_shifted: Whether Shift was held.
    """
    if len(text) != 1 or text.lower() == text.upper():
        return None
    return text.isupper() != is_shifted


class CapsLockWatch(QObject):
    """Watches the keys of one field. `changed` tells whether Caps Lock is on, once that becomes known."""

    changed = Signal(bool)

    def __init__(self, field: QWidget) -> None:
        super().__init__(field)
        self._is_on = False
        field.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """See keys go by; none is kept."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            is_on = self._judge(event)
            if is_on is not None and is_on != self._is_on:
                self._is_on = is_on
                self.changed.emit(is_on)
        return super().eventFilter(watched, event)

    def _judge(self, event: QKeyEvent) -> bool | None:
        if event.key() == Qt.Key.Key_CapsLock:
            return not self._is_on if self._is_on else None
        is_shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        return is_caps_lock(event.text(), is_shifted=is_shifted)
