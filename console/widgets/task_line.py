"""One line about long work: what is awaited, how far it is, a way to stop it; then what came of it."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from console.widgets.fonts import BODY_PX, text_font

_BAR_PX = 180


class TaskLine(QWidget):
    """Takes no room while there is nothing to say.

    Attributes:
        cancelled: The person wants the work to stop.
    """

    cancelled = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._words = QLabel()
        self._words.setObjectName(f"{name}-words")
        self._words.setWordWrap(True)
        self._words.setFont(text_font(BODY_PX + 1, QFont.Weight.DemiBold))
        self._bar = QProgressBar()
        self._bar.setObjectName(f"{name}-bar")
        self._bar.setFixedWidth(_BAR_PX)
        self._bar.setTextVisible(False)
        self._cancel = QPushButton("Stop")
        self._cancel.setObjectName(f"{name}-cancel")
        # In a dialog Enter in any field would stop the work that it began.
        self._cancel.setAutoDefault(False)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(self._words, 1)
        layout.addWidget(self._bar)
        layout.addWidget(self._cancel)
        self._cancel.clicked.connect(self.cancelled)
        self.say("")

    @property
    def words(self) -> str:
        """What is said now."""
        return self._words.text()

    @property
    def is_busy(self) -> bool:
        """Whether work is under way."""
        return not self._bar.isHidden()

    def begin(self, words: str) -> None:
        """Say what has begun; how long it takes is not known yet."""
        self._bar.setRange(0, 0)
        self._show(words, is_busy=True)

    def show_progress(self, words: str, done: int, total: int) -> None:
        """Say how far the work is; without a total only what is said moves."""
        self._bar.setRange(0, total)
        self._bar.setValue(min(done, total))
        self._show(words, is_busy=True)

    def say(self, sentence: str) -> None:
        """Say what came of it; nothing hides the line."""
        self._show(sentence, is_busy=False)

    def _show(self, words: str, *, is_busy: bool) -> None:
        self._words.setText(words)
        self._words.setAccessibleName(words)
        self._bar.setVisible(is_busy)
        self._cancel.setVisible(is_busy)
        self.setVisible(bool(words))
