"""The curves of a chart: bands and lines of what is settled, and the live head that grows every frame."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from console.widgets.chart_geometry import Frame
from console.widgets.polyline import draw_strokes, polygon_of
from console.widgets.trace import Band, Stroke, Trace

_BAND_STRENGTH = 0.25


@dataclass(frozen=True, slots=True)
class Curve:
    """What is drawn of one trace, before its scale is known."""

    unit: str
    colour: QColor
    band: Band | None
    lines: tuple[Stroke, ...]

    def extremes(self, first_column: float, last_column: float) -> tuple[float, float] | None:
        """Return lowest and highest value within the columns shown; None without any."""
        lows: list[float] = []
        highs: list[float] = []
        for line in self.lines:
            values = _within(line.position, line.value, first_column, last_column)
            if values.size:
                lows.append(float(values.min()))
                highs.append(float(values.max()))
        if self.band is not None:
            low = _within(self.band.position, self.band.low, first_column, last_column)
            high = _within(self.band.position, self.band.high, first_column, last_column)
            if low.size:
                lows.append(float(low.min()))
                highs.append(float(high.max()))
        return (min(lows), max(highs)) if lows else None


def curve_of(trace: Trace, colour: QColor, since: float, until: float, column_s: float) -> Curve:
    """Reduce a trace to what the range can show."""
    lines: list[Stroke] = []
    band: Band | None = None
    history = trace.history_strokes(since, until, column_s)
    if history is not None:
        lines.append(history[0])
        band = history[1]
    if trace.times.size:
        lines.append(trace.live_strokes(since, until, column_s))
    return Curve(trace.pen.unit, colour, band, tuple(lines))


def paint_curves(painter: QPainter, frame: Frame, curves: Iterable[Curve]) -> None:
    """Paint bands below, lines above. The painter is expected to be clipped to the plot."""
    drawn = list(curves)
    painter.setPen(Qt.PenStyle.NoPen)
    for curve in drawn:
        if curve.band is not None:
            _paint_band(painter, frame, curve, curve.band)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for curve in drawn:
        # Width 1 without antialiasing: the software rasteriser is three to ten times slower otherwise.
        painter.setPen(QPen(curve.colour, 1))
        for line in curve.lines:
            draw_strokes(
                painter, frame.xs_of(line.position), frame.ys_of(line.value, curve.unit), line.starts
            )


def paint_heads(painter: QPainter, frame: Frame, heads: Sequence[tuple[str, QColor, Stroke]]) -> None:
    """Paint what came since the settled picture: (unit, colour, line) each."""
    for unit, colour, line in heads:
        if line.position.size:
            painter.setPen(QPen(colour, 1))
            draw_strokes(painter, frame.xs_of(line.position), frame.ys_of(line.value, unit), line.starts)


def _paint_band(painter: QPainter, frame: Frame, curve: Curve, band: Band) -> None:
    colour = QColor(curve.colour)
    colour.setAlphaF(_BAND_STRENGTH)
    painter.setBrush(colour)
    x = frame.xs_of(band.position)
    low, high = frame.ys_of(band.low, curve.unit), frame.ys_of(band.high, curve.unit)
    edges = [0, *band.starts.tolist(), x.size]
    for first, last in pairwise(edges):
        part = slice(first, last)
        painter.drawPolygon(_ribbon(x[part], low[part], high[part]))


def _ribbon(x: np.ndarray, low: np.ndarray, high: np.ndarray) -> QPolygonF:
    return polygon_of(np.concatenate((x, x[::-1])), np.concatenate((high, low[::-1])))


def _within(position: np.ndarray, values: np.ndarray, first: float, last: float) -> np.ndarray:
    begin, end = np.searchsorted(position, (first, last + 1.0))
    # A line that crosses the picture without a sample inside it is still seen: take its neighbours.
    return values[begin:end] if end > begin else values[max(0, begin - 1) : end + 1]
