"""Where a person writes a sentence or two: Enter sends the form, Shift+Enter begins another line."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit, QWidget

MOST_LETTERS = 2_000
_HEIGHT_PX = 68


class CommentField(QPlainTextEdit):
    """Plain text of a few lines.

    Attributes:
        entered: Enter was pressed.
    """

    entered = Signal()

    def __init__(self, name: str, accessible_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(accessible_name)
        self.setTabChangesFocus(True)
        self.setFixedHeight(_HEIGHT_PX)

    @property
    def words(self) -> str:
        """What was written, without blanks at its ends."""
        return self.toPlainText().strip()

    def error(self, what: str) -> str:
        """Return what is wrong with what was written; `what` is what it is called: "a comment"."""
        if not self.words:
            return f"Write {what}: others will ask why."
        if len(self.words) > MOST_LETTERS:
            return f"{len(self.words):,} letters; at most {MOST_LETTERS:,} are kept. Shorten it."
        return ""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take Enter, unless a new line is asked for."""
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_enter and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.entered.emit()
            return
        super().keyPressEvent(event)
