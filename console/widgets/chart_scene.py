"""What a chart knows and how it becomes a picture; the widget around it only listens to people.

A frame is: settled layer (cached) → live head → legend. Overlays that follow the pointer come on top of it.
"""

import math
import zlib
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QPainter

from console.widgets.analog_bar import Limit
from console.widgets.chart_background import paint_background, paint_limits
from console.widgets.chart_curves import Curve, curve_of, paint_curves, paint_heads
from console.widgets.chart_geometry import Frame, Geometry, lay_out
from console.widgets.chart_layers import Layer
from console.widgets.chart_legend import Legend
from console.widgets.chart_overlay import paint_tags
from console.widgets.chart_scales import ChartScales
from console.widgets.fonts import BODY_PX, text_font
from console.widgets.pen import ChartMark, Pen
from console.widgets.theme import Theme
from console.widgets.time_view import TimeView
from console.widgets.trace import Stroke, Trace

_BACKFILL_S = 60.0
_SETTLED_FOR_S = 10.0


class ChartScene:
    """Pens with their samples, limits and marks; scales; cached layers."""

    def __init__(self) -> None:
        self.pens: tuple[Pen, ...] = ()
        self.traces: dict[str, Trace] = {}
        self.marks: tuple[ChartMark, ...] = ()
        self.focus: str | None = None
        self.is_compact = False
        self.is_about_past = False
        self.holds_limits = False
        self.stale_after_s = 3.0
        self.legend = Legend()
        self._limits: dict[str, tuple[Limit, ...]] = {}
        self._scales = ChartScales()
        self._settled = Layer()
        self._settled_marks: dict[str, tuple[float, int]] = {}
        self._geometry: Geometry | None = None
        self._geometry_for: tuple[int, int] | None = None
        self._phase = 0.0

    # -- what is known ---------------------------------------------------------

    def set_pens(self, pens: Sequence[Pen]) -> None:
        """Replace the pens; samples of a key that stays are kept."""
        kept = self.traces
        self.pens = tuple(pens)
        self.traces = {}
        for pen in self.pens:
            trace = kept.get(pen.key) or Trace(pen)
            trace.pen = pen
            self.traces[pen.key] = trace
        if self.focus not in self.traces:
            self.focus = None
        # Charts side by side move on at different moments, so that no frame has to repaint all of them.
        self._phase = zlib.crc32("".join(self.traces).encode()) / 2**32
        self._scales.forget()
        self.relaid()

    def set_limits(self, key: str, limits: Sequence[Limit]) -> None:
        """Replace the limits of a pen."""
        if self._limits.get(key, ()) != tuple(limits):
            self._limits[key] = tuple(limits)
            self.redraw()

    def set_live(self, key: str, times: np.ndarray, values: np.ndarray) -> None:
        """Replace the live samples; the settled layer stays where only the tail is new."""
        trace = self.traces[key]
        trace.set_live(times, values)
        until, count = self._settled_marks.get(key, (-math.inf, 0))
        if _count(trace, until) != count:
            self.redraw()

    def redraw(self) -> None:
        """Paint the settled layer afresh in the next frame."""
        self._settled.drop()

    def relaid(self) -> None:
        """Work the geometry out afresh in the next frame, and paint everything."""
        self._geometry = None
        self.redraw()

    def colours(self, theme: Theme) -> list[QColor]:
        """Return the pens' colours in order."""
        return [theme.pen(place if pen.colour is None else pen.colour) for place, pen in enumerate(self.pens)]

    def last_unix(self) -> float | None:
        """Return when the newest good sample of any pen was taken."""
        moments = [moment for trace in self.traces.values() if (moment := trace.last_unix) is not None]
        return max(moments, default=None)

    # -- how it becomes a picture ----------------------------------------------

    def paint(
        self, painter: QPainter, size: QSize, ratio: float, theme: Theme, view: TimeView, now_unix: float
    ) -> Frame:
        """Paint background, curves and legend; return the frame for overlays."""
        geometry = self._laid_out(size)
        since, until, column_s = _columns_of(view, now_unix, geometry.plot.width(), self._phase)
        frame = Frame(geometry, since, until, column_s, self._scales.by_unit)
        # Where a column lasts long, the numbers at the right edge still move every few seconds.
        age = math.floor(now_unix / _SETTLED_FOR_S + self._phase) if view.is_following else 0
        key = (size.width(), size.height(), ratio, theme.name, since, until, age)
        heads: list[tuple[str, QColor, Stroke]] = []
        if view.is_following and self._settled.is_good(key):
            heads = self._heads(theme, column_s)
            if not all(self._scales.holds(unit, head.value) for unit, _, head in heads):
                self.redraw()
                heads = []
        picture = self._settled.picture(
            key, size, ratio, theme.background, lambda inner: self._paint_settled(inner, theme, frame)
        )
        painter.drawPixmap(0, 0, picture)
        if heads:
            painter.setClipRect(geometry.plot)
            paint_heads(painter, frame, heads)
            painter.setClipping(False)
        if self.pens and not self.is_compact:
            focus = next((place for place, pen in enumerate(self.pens) if pen.key == self.focus), None)
            self.legend.paint(
                painter,
                geometry.legend.size().toSize(),
                ratio,
                theme,
                self.pens,
                self.colours(theme),
                focus,
                math.floor(now_unix + self._phase),
                lambda pen: self._value_text(pen, now_unix),
            )
        return frame

    def _laid_out(self, size: QSize) -> Geometry:
        wanted = (size.width(), size.height())
        if self._geometry is None or self._geometry_for != wanted:
            rows = 0 if self.is_compact else max(1, self.legend.lay_out(self.pens, size.width()))
            self._geometry = lay_out(*wanted, self._units(), rows, has_tags=len(self.pens) > 1)
            self._geometry_for = wanted
        return self._geometry

    def _units(self) -> tuple[str, ...]:
        """Units in the order of pens, the emphasised pen's first."""
        ordered = sorted(self.pens, key=lambda pen: pen.key != self.focus)
        return tuple(dict.fromkeys(pen.unit for pen in ordered)) or ("",)

    def _emphasised(self) -> Pen | None:
        if self.focus is not None:
            return self.traces[self.focus].pen
        return self.pens[0] if len(self.pens) == 1 else None

    def _paint_settled(self, painter: QPainter, theme: Theme, frame: Frame) -> None:
        curves = self._curves(theme, frame)
        pen = self._emphasised()
        limits = self._limits.get(pen.key, ()) if pen is not None else ()
        unit = pen.unit if pen is not None else ""
        has_curve = self._scales.fit(
            self.pens, self._units(), curves, frame, {unit: limits}, holds_limits=self.holds_limits
        )
        paint_background(painter, frame, theme, self._axis_colours(theme), limits, unit)
        painter.setClipRect(frame.geometry.plot)
        paint_curves(painter, frame, curves)
        if limits:
            paint_limits(painter, frame, theme, limits, unit)
        painter.setClipping(False)
        if len(self.pens) > 1:
            paint_tags(painter, frame, theme, self._ends(theme, frame))
        if not has_curve:
            text = "No readings in this stretch of time" if self.pens else "Choose pens to see their trend"
            painter.setPen(theme.muted)
            painter.setFont(text_font(BODY_PX))
            room = frame.geometry.plot.adjusted(8, 0, -8, 0)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, text)

    def _curves(self, theme: Theme, frame: Frame) -> list[Curve]:
        """Reduce every trace, and note up to where: the emphasised pen last, so that it lies on top."""
        curves: list[tuple[bool, Curve]] = []
        for pen, colour in zip(self.pens, self._shown_colours(theme), strict=True):
            trace = self.traces[pen.key]
            curve = curve_of(trace, colour, frame.since_unix, frame.until_unix, frame.column_s)
            curves.append((pen.key == self.focus, curve))
            last = float(trace.times[-1]) if trace.times.size else -math.inf
            self._settled_marks[pen.key] = (last, _count(trace, last))
        curves.sort(key=lambda pair: pair[0])
        return [curve for _, curve in curves]

    def _heads(self, theme: Theme, column_s: float) -> list[tuple[str, QColor, Stroke]]:
        heads: list[tuple[str, QColor, Stroke]] = []
        for pen, colour in zip(self.pens, self._shown_colours(theme), strict=True):
            trace = self.traces[pen.key]
            settled_until = self._settled_marks[pen.key][0]
            if trace.times.size and trace.times[-1] > settled_until:
                heads.append((pen.unit, colour, trace.head_strokes(settled_until, column_s)))
        return heads

    def _shown_colours(self, theme: Theme) -> list[QColor]:
        """The pens' colours, those beside an emphasised one half way into the background."""
        colours = self.colours(theme)
        if self.focus is None:
            return colours
        return [
            colour if pen.key == self.focus else _blend(colour, theme.surface)
            for pen, colour in zip(self.pens, colours, strict=True)
        ]

    def _axis_colours(self, theme: Theme) -> dict[str, QColor]:
        """An axis that belongs to one pen among several wears its colour; the others are words."""
        shown: dict[str, QColor] = {}
        for unit in self._units():
            owners = [place for place, pen in enumerate(self.pens) if pen.unit == unit]
            is_own = len(owners) == 1 and len(self.pens) > 1
            shown[unit] = self.colours(theme)[owners[0]] if is_own else theme.muted
        return shown

    def _ends(self, theme: Theme, frame: Frame) -> list[tuple[int, QColor, float]]:
        """Where each pen's curve ends at the right: (place, colour, y)."""
        at_unix = min(frame.until_unix, self.last_unix() or frame.until_unix)
        return [
            (place, colour, frame.y_of(value, pen.unit))
            for place, (pen, colour) in enumerate(zip(self.pens, self.colours(theme), strict=True))
            if (value := self.traces[pen.key].value_at(at_unix)) is not None
        ]

    def _value_text(self, pen: Pen, now_unix: float) -> str:
        trace = self.traces[pen.key]
        value, last = trace.last_value(), trace.last_unix
        is_stale = last is None or now_unix - last > self.stale_after_s
        return f"? {pen.unit}" if is_stale or value is None else pen.text_of(value)


def _count(trace: Trace, until: float) -> int:
    """How many samples lie shortly before `until`.

    Another count means that samples were filled in behind the newest one: the settled picture lacks them.
    """
    times = trace.times
    return int(times.searchsorted(until, "right")) - int(times.searchsorted(until - _BACKFILL_S))


def _columns_of(view: TimeView, now_unix: float, width: float, phase: float) -> tuple[float, float, float]:
    """Return since, until, seconds a column. A following picture moves by whole columns only."""
    column_s = view.span_s / width
    since, until = view.range_at(now_unix)
    if view.is_following:
        until = (math.floor(now_unix / column_s + phase) + 1 - phase) * column_s
        since = until - view.span_s
    return since, until, column_s


def _blend(colour: QColor, other: QColor) -> QColor:
    return QColor(
        (colour.red() + other.red()) // 2,
        (colour.green() + other.green()) // 2,
        (colour.blue() + other.blue()) // 2,
    )
