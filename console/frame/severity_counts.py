"""Open alerts by severity, at the left of the banner: shape, number, and how many wait."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from console.frame.banner_row import ROW_HEIGHT
from console.frame.urgency import SeverityCount
from console.panels.wording import SEVERITY_WORDS
from console.widgets.fonts import text_font
from console.widgets.severity_badge import HEIGHT, WIDTH, BadgeState, paint_badge
from console.widgets.theme import ThemeSource

_ROW = ROW_HEIGHT
_WIDE_PX, _NARROW_PX = 206, 136
_DETAIL_PX = 76


class SeverityCounts(QWidget):
    """Three lines, worst first. A severity without open alerts is a quiet zero."""

    def __init__(self, theme_source: ThemeSource) -> None:
        super().__init__()
        self.setObjectName("banner-counts")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._themes = theme_source
        self._counts: tuple[SeverityCount, ...] = ()
        self._is_narrow = False
        theme_source.changed.connect(self.update)

    def set_narrow(self, *, is_narrow: bool) -> None:
        """Leave the words away: shape and number say it, the tool tip spells it out."""
        if is_narrow != self._is_narrow:
            self._is_narrow = is_narrow
            self.updateGeometry()
            self.update()

    def show_counts(self, counts: tuple[SeverityCount, ...]) -> None:
        """Show these counts."""
        if counts == self._counts:
            return
        self._counts = counts
        words = "; ".join(
            f"{SEVERITY_WORDS[count.severity]}: {count.open} open, {count.waiting} to acknowledge"
            for count in counts
        )
        self.setAccessibleName(f"Open alerts. {words}")
        self.setToolTip(words.replace("; ", "\n"))
        self.update()

    def sizeHint(self) -> QSize:
        """Room for three lines."""
        return QSize(_NARROW_PX if self._is_narrow else _WIDE_PX, 3 * _ROW)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint shape, count and what waits, a line each."""
        painter = QPainter(self)
        theme = self._themes.theme
        for index, count in enumerate(self._counts):
            line = QRectF(8, index * _ROW, self.width() - 12, _ROW)
            if count.open:
                state = BadgeState.UNACKNOWLEDGED if count.waiting else BadgeState.ACKNOWLEDGED
                badge = QRectF(line.left(), line.center().y() - HEIGHT / 2, WIDTH, HEIGHT)
                paint_badge(painter, badge, count.severity, state, theme, flash_on=False)
            painter.setFont(text_font(15, QFont.Weight.DemiBold if count.open else QFont.Weight.Normal))
            painter.setPen(theme.text if count.open else theme.muted)
            painter.drawText(line.adjusted(30, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, f"{count.open:,}")
            painter.setFont(text_font(12))
            painter.setPen(theme.muted)
            word = "" if self._is_narrow else SEVERITY_WORDS[count.severity]
            new = f"{count.waiting:,} new" if count.waiting else ""
            detail = ", ".join(part for part in (word, new) if part)
            painter.drawText(line.adjusted(_DETAIL_PX, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, detail)
        painter.end()
