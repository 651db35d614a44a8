"""A small fuel gauge in the status bar: how full the spool is while readings wait for the database."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from console.bridge.link_state import LinkState
from console.frame.status_texts import SPOOL_WARNS_ABOVE, spool_share, spool_tip
from console.widgets.plain_text import plain_tip
from console.widgets.theme import ThemeSource

_SIZE = QSize(46, 10)


class SpoolGauge(QWidget):
    """Hidden while nothing waits; grey while there is room, dark and hatched when it gets full.

    Never in an alarm colour: that the spool fills up is told by the line below the banner and by the badge of
    the Stations screen.
    """

    def __init__(self, theme_source: ThemeSource) -> None:
        super().__init__()
        self.setObjectName("status-spool")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._themes = theme_source
        self._share = 0.0
        theme_source.changed.connect(self.update)
        self.hide()

    @property
    def is_filling(self) -> bool:
        """Whether it is so full that somebody should care."""
        return self._share > SPOOL_WARNS_ABOVE

    def show_link(self, link: LinkState) -> None:
        """Show how full the spool is, or disappear."""
        share, report = spool_share(link), link.station
        self.setVisible(share is not None)
        if share is None or report is None:
            return
        self.setToolTip(plain_tip(spool_tip(report)))
        self.setAccessibleName(f"Spool {share:.0%} full. {spool_tip(report)}")
        if share != self._share:
            self._share = share
            self.update()

    def sizeHint(self) -> QSize:
        """A bar no higher than the letters beside it."""
        return _SIZE

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the frame, and what of it is full; never less than a sliver, which can be seen."""
        theme = self._themes.theme
        painter = QPainter(self)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        full = QRectF(frame.left(), frame.top(), max(2.0, frame.width() * self._share), frame.height())
        painter.fillRect(full, theme.text if self.is_filling else theme.muted)
        if self.is_filling:
            painter.fillRect(full, QBrush(theme.surface, Qt.BrushStyle.BDiagPattern))
        painter.setPen(theme.text if self.is_filling else theme.muted)
        painter.drawRect(frame)
        painter.end()
