"""What the pages of the settings are laid out with: margins, headings, advice."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from console.widgets.fonts import BODY_PX, text_font
from console.widgets.theme import ThemeSource

TEXT_PX = 560
"""Lines of prose are not longer than eyes like to follow."""


def page_layout(page: QWidget) -> QVBoxLayout:
    """Give a page its margins, and return the column that fills it."""
    layout = QVBoxLayout(page)
    layout.setContentsMargins(16, 12, 16, 12)
    layout.setSpacing(8)
    return layout


def page_title(words: str) -> QLabel:
    """Return a page's heading."""
    label = QLabel(words)
    label.setFont(text_font(BODY_PX + 4, QFont.Weight.DemiBold))
    return label


def heading(words: str) -> QLabel:
    """Return the heading of a part of a page."""
    label = QLabel(words)
    label.setFont(text_font(BODY_PX + 1, QFont.Weight.DemiBold))
    return label


class Advice(QLabel):
    """Quiet words that explain; they wrap."""

    def __init__(self, words: str, theme_source: ThemeSource, parent: QWidget | None = None) -> None:
        super().__init__(words, parent)
        self._themes = theme_source
        self.setWordWrap(True)
        self.setMaximumWidth(TEXT_PX)
        self.setTextFormat(Qt.TextFormat.PlainText)
        theme_source.changed.connect(self._colour)
        self._colour()

    def _colour(self) -> None:
        self.setStyleSheet(f"color: {self._themes.theme.muted.name()};")


def add_explained(layout: QVBoxLayout, control: QWidget, words: str, theme_source: ThemeSource) -> None:
    """Put a control with its explanation below it."""
    advice = Advice(words, theme_source)
    advice.setContentsMargins(24, 0, 0, 0)
    together = QVBoxLayout()
    together.setSpacing(2)
    together.addWidget(control)
    together.addWidget(advice)
    layout.addLayout(together)
    layout.addSpacing(4)
