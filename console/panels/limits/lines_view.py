"""A list of lines that is read, not written: what an order touches, or what is wrong with a file."""

from collections.abc import Sequence

from PySide6.QtWidgets import QPlainTextEdit

from console.widgets.fonts import BODY_PX, text_font

MOST_LINES = 500


class LinesView(QPlainTextEdit):
    """As high as it is told, whatever it shows; more scrolls."""

    def __init__(self, name: str, accessible_name: str, lines: int) -> None:
        """Lay it out, `lines` high."""
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(accessible_name)
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setFont(text_font(BODY_PX))
        self.ensurePolished()
        self.setFixedHeight(round(self.fontMetrics().lineSpacing() * (lines + 0.5)) + 12)

    def show_lines(self, lines: Sequence[str]) -> None:
        """Show these; of very many the first, and how many more there are."""
        shown = list(lines[:MOST_LINES])
        if len(lines) > MOST_LINES:
            shown.append(f"… and {len(lines) - MOST_LINES:,} more")
        text = "\n".join(shown)
        if text != self.toPlainText():
            self.setPlainText(text)
