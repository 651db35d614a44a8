"""A line above a form: what happened meanwhile, and what can be done about it."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from console.widgets.fonts import text_font
from console.widgets.plain_text import plain_label
from console.widgets.theme import ThemeSource

_MOST_CHOICES = 2


class NoticeBar(QFrame):
    """Takes no room while there is nothing to say.

    Attributes:
        chosen: Which of the choices (0 or 1).
    """

    chosen = Signal(int)

    def __init__(self, name: str, theme_source: ThemeSource, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._themes = theme_source
        self._words = plain_label()
        self._words.setObjectName(f"{name}-words")
        self._words.setWordWrap(True)
        self._words.setFont(text_font(13, QFont.Weight.DemiBold))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 6, 10, 6)
        layout.setSpacing(8)
        layout.addWidget(self._words, 1)
        self._buttons: list[QPushButton] = []
        for number in range(_MOST_CHOICES):
            button = QPushButton()
            button.setObjectName(f"{name}-{number}")
            button.clicked.connect(lambda _=False, number=number: self.chosen.emit(number))
            layout.addWidget(button)
            self._buttons.append(button)
        theme_source.changed.connect(self._colour)
        self._colour()
        self.hide()

    @property
    def words(self) -> str:
        """What is said."""
        return self._words.text()

    def say(self, sentence: str, *choices: str) -> None:
        """Say something with up to two choices; nothing hides the line."""
        self._words.setText(sentence)
        self._words.setAccessibleName(sentence)
        for number, button in enumerate(self._buttons):
            button.setText(choices[number] if number < len(choices) else "")
            button.setVisible(number < len(choices))
        self.setVisible(bool(sentence))

    def _colour(self) -> None:
        ground, edge = self._themes.theme.raised.name(), self._themes.theme.outline.name()
        self.setStyleSheet(
            f"QFrame#{self.objectName()} {{ background: {ground}; border: 1px solid {edge}; }}"
        )
