"""A field for one number: typed as people type, or moved with the arrow keys as a slider would be."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit

from console.catalogue.typed_number import NotANumber, number_from_text, text_from_number

_FAR = 10


class NumberField(QLineEdit):
    """Up and Down move the number by a step, Page Up and Page Down by ten; an empty field begins at `start`.

    Attributes:
        stepped: The number was moved by a key.
    """

    stepped = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.step = 1.0
        self.start = 0.0

    def show_number(self, value: float) -> None:
        """Write a number, without the noise that adding steps leaves behind."""
        self.setText(text_from_number(round(value, 9)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the four keys."""
        steps = {
            Qt.Key.Key_Up: 1,
            Qt.Key.Key_Down: -1,
            Qt.Key.Key_PageUp: _FAR,
            Qt.Key.Key_PageDown: -_FAR,
        }.get(Qt.Key(event.key()))
        if steps is None or self.isReadOnly():
            super().keyPressEvent(event)
            return
        try:
            value = number_from_text(self.text()) if self.text().strip() else self.start
        except NotANumber:
            return
        self.show_number(value + steps * self.step)
        self.stepped.emit()
