"""A small trend without axes, beside a bar: the last minutes at a glance."""

import numpy as np
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from console.widgets.decimate import FloatArray, envelope, min_max_columns, strokes
from console.widgets.polyline import draw_strokes
from console.widgets.theme import Theme, ThemeSource

DEFAULT_SPAN_S = 600.0


def paint_sparkline(
    painter: QPainter,
    rect: QRectF,
    times: FloatArray,
    values: FloatArray,
    theme: Theme,
    *,
    since_unix: float,
    until_unix: float,
    least_range: float = 0.0,
    colour: QColor | None = None,
) -> None:
    """Paint the series of [since, until] into `rect`, the newest at the right edge; gaps stay gaps.

    Args:
        painter: Left as it was found, except clipping is not used: nothing is painted outside `rect`.
        times: float64, shape (n,), Unix seconds, ascending. Older and newer samples are ignored.
        values: float64, shape (n,), NaN = gap.
        least_range: The height of `rect` means at least this much, in the metric's unit, so that noise does
            not look like an event. 0 = whatever the samples span.
        colour: Of the line; the theme's equipment grey by default.
    """
    span = until_unix - since_unix
    if times.size == 0 or span <= 0 or rect.width() < 4:
        return
    first, last = np.searchsorted(times, (since_unix, until_unix))
    times, values = times[first:last], values[first:last]
    width = rect.width() - 2.0
    column_s = span / width
    if times.size > width * 1.5:
        columns = min_max_columns(times, values, values, column_s)
        position, y, starts = envelope(columns)
        x = position - since_unix / column_s
    else:
        moments, y, starts = strokes(times, values)
        x = (moments - since_unix) / column_s
    if x.size == 0:
        return
    low, high = float(y.min()), float(y.max())
    missing = max(least_range, 1e-9) - (high - low)
    if missing > 0:
        low, high = low - missing / 2, high + missing / 2
    height = rect.height() - 2.0
    painter.setPen(QPen(colour or theme.equipment, 1.0))
    draw_strokes(
        painter,
        np.clip(x, 0.0, width) + (rect.left() + 1.0),
        (high - y) * (height / (high - low)) + (rect.top() + 1.0),
        starts,
    )


class Sparkline(QWidget):
    """The small trend as a widget."""

    def __init__(
        self, theme_source: ThemeSource, span_s: float = DEFAULT_SPAN_S, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._themes = theme_source
        self._span_s = span_s
        self._times: FloatArray = np.zeros(0)
        self._values: FloatArray = np.zeros(0)
        self._until_unix = 0.0
        self._least_range = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme_source.changed.connect(self.update)

    def set_series(
        self, times: FloatArray, values: FloatArray, until_unix: float, least_range: float = 0.0
    ) -> None:
        """Show the series up to `until_unix`; see `paint_sparkline`. The arrays are kept, not copied."""
        self._times, self._values = times, values
        self._until_unix, self._least_range = until_unix, least_range
        self.update()

    def sizeHint(self) -> QSize:
        """A pixel for every five seconds of ten minutes."""
        return QSize(120, 28)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the trend."""
        painter = QPainter(self)
        paint_sparkline(
            painter,
            QRectF(self.rect()),
            self._times,
            self._values,
            self._themes.theme,
            since_unix=self._until_unix - self._span_s,
            until_unix=self._until_unix,
            least_range=self._least_range,
        )
        painter.end()
