"""A line below the banner while something is missing: what, since when, and what is being done about it.

It carries the hatching of stale quality, never an alarm colour: the plant has not gone wrong, our sight has.
"""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QSizePolicy, QWidget

from console.bridge.link_state import LinkState
from console.widgets.fonts import text_font
from console.widgets.theme import ThemeSource

OFFLINE = "The database is away; signed in from this workstation's record: view only."


def sentence_of(link: LinkState) -> str:
    """Return what an operator must know about both links; empty while everything is well."""
    if link.is_offline:
        return OFFLINE if link.is_station_connected else f"{OFFLINE}  No live values. {link.station_text}"
    if link.is_opening:
        return link.database_text
    parts: list[str] = []
    if not link.is_station_connected:
        parts.append(f"No live values. {link.station_text}")
    if not link.is_database_live:
        text = link.database_text
        sentence = f"The database is {text}." if text.startswith("away") else text
        parts.append(f"{sentence} Alerts are as last heard; history is out of reach.")
    if link.station is not None and link.station.dropped:
        parts.append(
            f"The station had to drop {link.station.dropped:,} readings: it ran out of memory for them."
        )
    return "  ".join(parts)


class DegradedLine(QWidget):
    """Hidden while all is well."""

    def __init__(self, theme_source: ThemeSource) -> None:
        super().__init__()
        self.setObjectName("degraded-line")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._themes = theme_source
        self._label = QLabel()
        self._label.setObjectName("degraded-text")
        self._label.setWordWrap(True)
        self._label.setFont(text_font(13, QFont.Weight.DemiBold))
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._busy = QProgressBar()
        self._busy.setObjectName("degraded-busy")
        self._busy.setAccessibleName("Working")
        self._busy.setRange(0, 0)
        self._busy.setFixedSize(140, 8)
        self._busy.setTextVisible(False)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(34, 5, 12, 5)
        layout.addWidget(self._label, stretch=1)
        layout.addWidget(self._busy)
        theme_source.changed.connect(self.update)
        self.hide()

    def show_link(self, link: LinkState) -> None:
        """Say what is missing, or disappear."""
        sentence = sentence_of(link)
        self._busy.setVisible(link.is_opening and not link.is_offline)
        self._label.setText(sentence)
        self.setAccessibleName(sentence or "All links are live")
        self.setVisible(bool(sentence))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground, and hatching at its left edge."""
        theme = self._themes.theme
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.raised)
        painter.fillRect(QRectF(0, 0, 24, self.height()), theme.stale)
        painter.setPen(theme.raised)
        painter.setClipRect(QRectF(0, 0, 24, self.height()))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for start in range(-self.height(), 24, 6):
            painter.drawLine(start, self.height(), start + self.height(), 0)
        painter.end()
