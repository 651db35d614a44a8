"""Names and sentences from elsewhere, shown as they stand: Qt takes what looks like HTML for HTML."""

from PySide6.QtGui import Qt
from PySide6.QtWidgets import QLabel


def plain_label(text: str = "") -> QLabel:
    """Make a label that shows any text as it stands, and loads no picture a name asks for."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


def plain_tip(text: str) -> str:
    """Return a tool tip that reads as `text` stands; tips know no text format of their own."""
    return Qt.convertFromPlainText(text) if Qt.mightBeRichText(text) else text
