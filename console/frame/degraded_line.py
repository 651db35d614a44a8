"""A line below the banner while something is missing: what, since when, and what is being done about it.

It carries the hatching of stale quality, never an alarm colour: the plant has not gone wrong, our sight has.
One line high whatever it says, so that the screen below moves once: what does not fit is in the tool tip.
"""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QFont,
    QFontMetrics,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy, QWidget

from console.bridge.link_state import LinkState
from console.frame.status_texts import line_text, more_conditions_text
from console.widgets.fonts import text_font
from console.widgets.plain_text import plain_tip
from console.widgets.theme import ThemeSource

_MARK_PX = 24
_LINK = "QPushButton { padding: 0 8px; min-height: 0; } QPushButton:focus { padding: 0 7px; }"


class _OneLine(QLabel):
    """Text that ends with an ellipsis where it does not fit."""

    def minimumSizeHint(self) -> QSize:
        """Any width will do."""
        return QSize(0, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what fits, from the beginning."""
        painter = QPainter(self)
        metrics = QFontMetrics(self.font())
        text = metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, text)
        painter.end()


class DegradedLine(QWidget):
    """Hidden while all is well.

    Attributes:
        stations_wanted: Somebody wants to see everything that is wrong with stations.
    """

    stations_wanted = Signal()

    def __init__(self, theme_source: ThemeSource) -> None:
        super().__init__()
        self.setObjectName("degraded-line")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._themes = theme_source
        self._topics: frozenset[str] = frozenset()
        self._label = _OneLine()
        self._label.setObjectName("degraded-text")
        self._label.setFont(text_font(13, QFont.Weight.DemiBold))
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._more = QPushButton()
        self._more.setObjectName("degraded-more")
        self._more.setStyleSheet(_LINK)
        self._more.setFixedHeight(self._label.sizeHint().height() + 4)
        self._more.setToolTip("Show everything that is wrong with stations")
        self._more.clicked.connect(self.stations_wanted)
        self._busy = QProgressBar()
        self._busy.setObjectName("degraded-busy")
        self._busy.setAccessibleName("Working")
        self._busy.setRange(0, 0)
        self._busy.setFixedSize(140, 8)
        self._busy.setTextVisible(False)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(_MARK_PX + 10, 3, 12, 3)
        layout.addWidget(self._label, stretch=1)
        layout.addWidget(self._more)
        layout.addWidget(self._busy)
        self.setFixedHeight(self._more.height() + 6)
        theme_source.changed.connect(self.update)
        self.hide()

    def show_link(self, link: LinkState) -> None:
        """Say what is missing, or disappear. What is new is said aloud; another figure is not."""
        said = line_text(link)
        more = more_conditions_text(said.more)
        self._busy.setVisible(link.is_opening and not link.is_offline)
        self._label.setText(said.sentence)
        self._more.setText(more)
        self._more.setAccessibleName(f"Show the stations: {more}")
        self._more.setVisible(bool(more))
        self.setAccessibleName(f"{said.sentence} {more}".strip() or "All links are live")
        self.setVisible(bool(said.sentence))
        self._show_tip()
        is_news = bool(said.topics - self._topics)
        self._topics = said.topics
        if is_news:
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Look again whether everything fits."""
        super().resizeEvent(event)
        self._show_tip()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground, and hatching at its left edge."""
        theme = self._themes.theme
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.raised)
        painter.fillRect(QRectF(0, 0, _MARK_PX, self.height()), theme.stale)
        painter.setPen(theme.raised)
        painter.setClipRect(QRectF(0, 0, _MARK_PX, self.height()))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for start in range(-self.height(), _MARK_PX, 6):
            painter.drawLine(start, self.height(), start + self.height(), 0)
        painter.end()

    def _show_tip(self) -> None:
        # On the whole line: whoever cannot read to the end points anywhere at it.
        self.setToolTip(plain_tip(self._label.text()))
