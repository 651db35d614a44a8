"""One sentence on a page, told to screen readers as an alert in the moment it appears."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent, QFont
from PySide6.QtWidgets import QLabel, QWidget

from console.widgets.fonts import BODY_PX, text_font


class SpokenLine(QLabel):
    """Keeps the room of two lines, so that a page does not jump when something is said."""

    def __init__(self, name: str, otherwise: str = "", parent: QWidget | None = None) -> None:
        """Store what stands there while there is nothing to say."""
        super().__init__(parent)
        self._otherwise = otherwise
        self._said = ""
        self.setObjectName(name)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._show()
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.setMinimumHeight(2 * self.fontMetrics().lineSpacing())

    def say(self, sentence: str) -> None:
        """Show a sentence; an empty one takes the last away."""
        if sentence == self._said:
            return
        self._said = sentence
        self._show()
        if sentence:
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def _show(self) -> None:
        text = self._said or self._otherwise
        self.setText(text)
        self.setAccessibleName(text)
        self.setFont(text_font(BODY_PX, QFont.Weight.DemiBold if self._said else QFont.Weight.Normal))
