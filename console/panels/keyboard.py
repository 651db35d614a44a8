"""Keys that panels share: leaving a filter for what it filters."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget


class LeaveFilter(QObject):
    """Lets Escape empty a filter, and Enter or Down lead from it to what it filters."""

    def __init__(self, field: QLineEdit, target: QWidget) -> None:
        """Watch `field` as long as it lives."""
        super().__init__(field)
        self._field = field
        self._target = target
        field.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the three keys, let everything else pass."""
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_Escape:
                self._field.clear()
                self._target.setFocus()
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
                self._target.setFocus()
                return True
        return super().eventFilter(watched, event)
