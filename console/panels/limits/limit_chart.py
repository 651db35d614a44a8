"""The trend of the edited metric, with its limits as lines that can be dragged."""

import math
import time
from collections.abc import Callable

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFont, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from console.widgets.analog_bar import Limit
from console.widgets.fonts import SMALL_PX, text_font
from console.widgets.theme import ThemeSource
from console.widgets.time_chart import TimeChart
from models.records.threshold import Threshold

_REACH_PX = 6.0
_GRIP = (26.0, 12.0)


class LimitChart(TimeChart):
    """As TimeChart, with one pen. Where the condition ends (limit and deadband) is a dotted line.

    Attributes:
        dragged: A line is being moved: which ("min" or "max"), and where to, in the metric's unit.
        whole_wanted: Double click: the whole period again.
    """

    dragged = Signal(str, float)
    whole_wanted = Signal()

    def __init__(
        self, theme_source: ThemeSource, clock: Callable[[], float] = time.time, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme_source, clock, parent)
        self.setObjectName("limit-chart")
        self.set_about_past(about_past=True)
        self.set_compact(compact=True)
        self._scene.holds_limits = True  # a line that cannot be seen cannot be dragged
        self._unit = ""
        self._lines: dict[str, float] = {}
        self._clears: list[float] = []
        self._may_drag = False
        self._dragging = ""

    def show_threshold(self, threshold: Threshold, pen_key: str, unit: str, *, may_drag: bool) -> None:
        """Draw a threshold's lines."""
        self._unit, self._may_drag = unit, may_drag
        ends = {"min": threshold.min_value, "max": threshold.max_value}
        self._lines = {key: value for key, value in ends.items() if value is not None}
        self._clears = [
            value + (threshold.deadband if key == "min" else -threshold.deadband)
            for key, value in self._lines.items()
            if threshold.deadband > 0
        ]
        self.set_limits(
            pen_key,
            [Limit(value, threshold.severity, is_upper=key == "max") for key, value in self._lines.items()],
        )
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the chart, then grips and dotted lines over it."""
        super().paintEvent(event)
        if self._frame is None or self._unit not in self._frame.scales:
            return
        painter = QPainter(self)
        plot = self._frame.geometry.plot
        theme = self._themes.theme
        painter.setClipRect(plot)
        for value in self._clears:
            y = round(self._frame.y_of(value, self._unit)) + 0.5
            painter.setPen(QPen(theme.muted, 1, Qt.PenStyle.DotLine))
            painter.drawLine(QLineF(plot.left(), y, plot.right(), y))
        if self._may_drag:
            for key, value in self._lines.items():
                self._paint_grip(painter, key, self._frame.y_of(value, self._unit))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of a line, or of the picture."""
        key = self._line_at(event.position())
        if key and event.button() is Qt.MouseButton.LeftButton:
            self._dragging = key
            return
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the line that is held."""
        if not self._dragging:
            self.setCursor(
                Qt.CursorShape.SizeVerCursor
                if self._line_at(event.position())
                else Qt.CursorShape.ArrowCursor
            )
            super().mouseMoveEvent(event)
            return
        value = self._value_at(event.position().y())
        if value is not None:
            self.dragged.emit(self._dragging, value)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        if self._dragging:
            self._dragging = ""
            return
        super().mouseReleaseEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show the whole period."""
        self._cursors.remove("A")
        self.whole_wanted.emit()

    # -- private ---------------------------------------------------------------------------------------

    def _line_at(self, place: QPointF) -> str:
        """Return which line lies under the pointer; the nearer of two."""
        if not self._may_drag or self._frame is None or self._unit not in self._frame.scales:
            return ""
        if not self._frame.geometry.plot.contains(place):
            return ""
        distances = {
            key: abs(self._frame.y_of(value, self._unit) - place.y()) for key, value in self._lines.items()
        }
        key = min(distances, key=lambda key: distances[key], default="")
        return key if key and distances[key] <= _REACH_PX else ""

    def _value_at(self, y: float) -> float | None:
        """Return the value at a pixel, as round as a pixel is fine."""
        if self._frame is None or self._unit not in self._frame.scales:
            return None
        scale, plot = self._frame.scales[self._unit], self._frame.geometry.plot
        a_pixel = (scale.high - scale.low) / plot.height()
        value = scale.low + (plot.bottom() - y) * a_pixel
        step = 10.0 ** math.floor(math.log10(a_pixel * 2))
        return round(value / step) * step

    def _paint_grip(self, painter: QPainter, key: str, y: float) -> None:
        if self._frame is None:
            return
        theme, plot = self._themes.theme, self._frame.geometry.plot
        width, height = _GRIP
        grip = QRectF(plot.right() - width - 2, y - height / 2, width, height)
        painter.setPen(QPen(theme.outline, 1))
        painter.setBrush(theme.raised if key != self._dragging else theme.selection)
        painter.drawRect(grip)
        painter.setPen(theme.text)
        painter.setFont(text_font(SMALL_PX, QFont.Weight.DemiBold))
        painter.drawText(grip, Qt.AlignmentFlag.AlignCenter, key)
