"""Tells when a widget has been painted: what call-up times and start-up times are measured with."""

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget


class PaintWatch(QObject):
    """Watches one widget. `painted` comes once for each `ask`, after everything that was due was painted."""

    painted = Signal()

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._widget = widget
        self._is_asked = False
        widget.installEventFilter(self)

    def ask(self) -> None:
        """Have the widget painted, and tell when that is done."""
        self._is_asked = True
        self._widget.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """See the widget's own painting; a whole window is painted before the next timer runs."""
        if self._is_asked and event.type() == QEvent.Type.Paint:
            self._is_asked = False
            QTimer.singleShot(0, self.painted.emit)
        return super().eventFilter(watched, event)
