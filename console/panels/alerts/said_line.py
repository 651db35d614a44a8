"""Below a list: what came of the last order, for a while; and at its end what the list holds."""

from PySide6.QtCore import QTimer
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from console.widgets.fonts import BODY_PX, text_font
from console.widgets.plain_text import plain_label

_SAID_MS = 15_000


class SaidLine(QWidget):
    """One sentence and a summary."""

    def __init__(self, prefix: str, parent: QWidget | None = None) -> None:
        """Lay it out; the parts are called `PREFIX-said` and `PREFIX-summary`."""
        super().__init__(parent)
        self._said = plain_label()
        self._said.setObjectName(f"{prefix}-said")
        self._said.setWordWrap(True)
        self._said.setFont(text_font(BODY_PX + 1, QFont.Weight.DemiBold))
        self._summary = QLabel()
        self._summary.setObjectName(f"{prefix}-summary")
        # An answer to what was done before must not be read as one to what is done next.
        self._forget = QTimer(self, singleShot=True, interval=_SAID_MS)
        self._forget.timeout.connect(lambda: self.say(""))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self._said, 1)
        row.addWidget(self._summary)
        self.setMinimumHeight(self._said.fontMetrics().lineSpacing() + 2)

    def say(self, sentence: str) -> None:
        """Say a sentence; it goes by itself."""
        self._said.setText(sentence)
        self._said.setAccessibleName(sentence)
        self._forget.start()

    def show_summary(self, words: str) -> None:
        """Say what the list holds."""
        self._summary.setText(words)
        self._summary.setAccessibleName(words)
