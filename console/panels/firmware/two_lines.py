"""A sentence on at most two lines of a narrow column; the whole of it is the tool tip."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel

from console.widgets.plain_text import plain_tip

_LINES = 2


class TwoLines(QLabel):
    """Ends in an ellipsis where the sentence goes on: begun in words, it is understood best."""

    def __init__(self) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self._sentence = ""

    @property
    def sentence(self) -> str:
        """All of it."""
        return self._sentence

    def show_sentence(self, sentence: str) -> None:
        """Show another."""
        self._sentence = sentence
        self.setToolTip(plain_tip(sentence))
        self.setAccessibleName(sentence)
        self._fit()

    def minimumSizeHint(self) -> QSize:
        """Its lines, as narrow as the column wants."""
        return QSize(0, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the sentence in anew."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Take words away from the end until what is left needs no third line."""
        words, metrics, width = self._sentence.split(), self.fontMetrics(), max(self.width(), 1)
        most = _LINES * metrics.lineSpacing()

        def fits(text: str) -> bool:
            room = metrics.boundingRect(0, 0, width, 10_000, Qt.TextFlag.TextWordWrap, text)
            return room.height() <= most

        shown = self._sentence
        while len(words) > 1 and not fits(shown):
            words.pop()
            shown = " ".join(words).rstrip(",.;:") + "…"
        if shown != self.text():
            self.setText(shown)
