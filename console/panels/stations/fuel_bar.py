"""How full the station's share of the disk is: a thin bar in equipment grey, its end marked from 80 % on."""

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from console.widgets.theme import Theme, ThemeSource

HIGH_SHARE = 0.8
"""From here on the station itself says that its disk fills (TARGETS.md, faults)."""

_HEIGHT = 10


def paint_fuel_bar(painter: QPainter, rect: QRectF, share: float | None, theme: Theme) -> None:
    """Paint the bar into `rect`; a share that is not known is an empty frame."""
    painter.save()
    painter.fillRect(rect, theme.equipment_soft)
    if share is not None:
        filled = QRectF(rect)
        # What is not empty can be seen, however little it is.
        filled.setWidth(max(2.0, rect.width() * share) if share > 0 else 0.0)
        painter.fillRect(filled, theme.text if share >= HIGH_SHARE else theme.equipment)
        mark = rect.left() + rect.width() * HIGH_SHARE
        painter.fillRect(QRectF(mark, rect.top() - 1, 1, rect.height() + 2), theme.limit)
    painter.setPen(QPen(theme.outline, 1))
    painter.drawRect(rect.adjusted(-0.5, -0.5, 0.5, 0.5))
    painter.restore()


class FuelBar(QWidget):
    """The bar as a widget; what it says is its accessible name."""

    def __init__(self, name: str, theme_source: ThemeSource, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._themes = theme_source
        self._share: float | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme_source.changed.connect(self.update)

    def show_share(self, share: float | None, words: str) -> None:
        """Show how full it is, 0 to 1; `words` say the same."""
        self._share = share
        self.setAccessibleName(words)
        self.setToolTip(words)
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(120, _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the bar."""
        painter = QPainter(self)
        paint_fuel_bar(painter, QRectF(self.rect()).adjusted(1, 2, -1, -2), self._share, self._themes.theme)
        painter.end()
