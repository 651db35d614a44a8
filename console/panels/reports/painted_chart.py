"""A picture of the report as a widget: painted by one of `load_painters`, told in words beside it."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from console.widgets.plain_text import plain_tip
from console.widgets.theme import Theme, ThemeSource

Paint = Callable[[QPainter, QRectF, Theme], None]
_MARGIN_PX = 6


class PaintedChart(QWidget):
    """Shows nothing until it is told what to paint."""

    def __init__(self, name: str, title: str, height: int, theme_source: ThemeSource) -> None:
        """Lay it out.

        Args:
            name: Object name.
            title: What the picture is about, for screen readers.
            height: The least it needs, pixels.
            theme_source: The theme in use.
        """
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(title)
        self._themes = theme_source
        self._paint: Paint | None = None
        self._tip: Callable[[QPoint], str] | None = None
        self.setMinimumHeight(height)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme_source.changed.connect(self.update)

    def show_picture(self, paint: Paint, words: str, tip: Callable[[QPoint], str] | None = None) -> None:
        """Show another picture.

        Args:
            paint: Paints it into a rectangle.
            words: The same in a sentence.
            tip: Returns what is said of a place under the mouse.
        """
        self._paint, self._tip = paint, tip
        self.setAccessibleDescription(words)
        self.update()

    def plot_rect(self) -> QRectF:
        """Return where the picture is painted."""
        return QRectF(self.rect()).adjusted(_MARGIN_PX, _MARGIN_PX, -_MARGIN_PX, -_MARGIN_PX)

    def sizeHint(self) -> QSize:
        """As high as it must be."""
        return QSize(320, self.minimumHeight())

    def event(self, event: QEvent) -> bool:
        """Tell of the place under the mouse."""
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and self._tip is not None:
            words = self._tip(event.pos())
            QToolTip.showText(event.globalPos(), plain_tip(words), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the picture on its surface."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._themes.theme.surface)
        if self._paint is not None:
            painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
            self._paint(painter, self.plot_rect(), self._themes.theme)
        painter.setPen(self._themes.theme.line)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()
