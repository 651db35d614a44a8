"""A moving bar with limits and normal band: where a value stands, seen before its digits are read."""

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from console.widgets.stale_hatching import paint_hatching
from console.widgets.theme import Theme, ThemeSource
from models.records.threshold import Severity, Threshold


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit of a value.

    Attributes:
        value: In the metric's unit.
        severity: Of the alert it raises.
        is_upper: Whether values above it are wrong; otherwise values below.
    """

    value: float
    severity: Severity
    is_upper: bool


def limits_of(thresholds: tuple[Threshold, ...] | list[Threshold]) -> tuple[Limit, ...]:
    """Return the limits of enabled thresholds, ascending."""
    limits: list[Limit] = []
    for threshold in thresholds:
        if not threshold.enabled:
            continue
        if threshold.min_value is not None:
            limits.append(Limit(threshold.min_value, threshold.severity, is_upper=False))
        if threshold.max_value is not None:
            limits.append(Limit(threshold.max_value, threshold.severity, is_upper=True))
    return tuple(sorted(limits, key=lambda limit: limit.value))


def normal_band_of(limits: tuple[Limit, ...]) -> tuple[float | None, float | None]:
    """Return the innermost limits (low, high); None where that side has none."""
    lows = [limit.value for limit in limits if not limit.is_upper]
    highs = [limit.value for limit in limits if limit.is_upper]
    return (max(lows) if lows else None, min(highs) if highs else None)


def span_of(
    span: tuple[float, float], limits: tuple[Limit, ...], value: float | None = None
) -> tuple[float, float]:
    """Return the range a bar shows: `span`, shrunk or widened so that the limits lie well inside it.

    With limits on both sides the bar zooms to them (a quarter of their distance beyond each), because a
    deviation must be seen; with one limit the far side of `span` is kept. Without limits nothing says what
    is much for this machine, so the range grows with `value`, in steps of 1, 2, 5, 10.
    """
    if not limits and value is not None:
        return (min(span[0], -_round_above(-value)), max(span[1], _round_above(value)))
    low, high = normal_band_of(limits)
    outer = [limit.value for limit in limits]
    if low is not None and high is not None and low < high:
        margin = (high - low) * 0.25
        return (min(low - margin, *outer), max(high + margin, *outer))
    if high is not None:
        start = span[0] if span[0] < high else high - 1
        return (start, max(start + (high - start) * 1.25, *outer))
    if low is not None:
        end = span[1] if span[1] > low else low + 1
        return (min(end - (end - low) * 1.25, *outer), end)
    return span


def _round_above(value: float) -> float:
    """Return the least of 1, 2, 5 times a power of ten that is at least `value`; 0 for none above 0."""
    if value <= 0:
        return 0.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1.0, 2.0, 5.0, 10.0, 20.0) if step * power >= value)


def paint_analog_bar(
    painter: QPainter,
    rect: QRectF,
    value: float | None,
    span: tuple[float, float],
    limits: tuple[Limit, ...],
    theme: Theme,
    *,
    is_stale: bool = False,
) -> None:
    """Paint a horizontal bar into `rect` (any size; 8–14 px high reads best).

    The normal band is a darker stretch of the track, each limit a tick (thick for critical), the value a
    pointer. A value beyond the range is shown by an arrow head at that end. Without a value, or when stale,
    the track is hatched and there is no pointer.

    Args:
        painter: Left as it was found.
        value: None or not finite = no good value.
        span: What the left and right end mean, in the metric's unit; see `span_of`.
        limits: Ticks; may lie outside `span`, then they are not shown.
    """
    low, high = span
    if high <= low:
        low, high = low - 1, low + 1
    scale = rect.width() / (high - low)
    track = rect.adjusted(0, rect.height() * 0.22, 0, -rect.height() * 0.22)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    painter.fillRect(track, theme.equipment_soft)
    has_value = value is not None and math.isfinite(value) and not is_stale
    if has_value:
        _paint_band(painter, rect, track, low, high, limits, theme)
    else:
        paint_hatching(painter, track, theme)
    _paint_limits(painter, rect, low, high, scale, limits, theme)
    if value is not None and has_value:
        _paint_pointer(painter, rect, (value - low) * scale, theme)
    painter.restore()


class AnalogBar(QWidget):
    """The bar as a widget."""

    def __init__(
        self,
        theme_source: ThemeSource,
        span: tuple[float, float] = (0.0, 1.0),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._themes = theme_source
        self._metric_span = span
        self._limits: tuple[Limit, ...] = ()
        self._value: float | None = None
        self._is_stale = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme_source.changed.connect(self.update)

    def set_scale(self, span: tuple[float, float], limits: tuple[Limit, ...]) -> None:
        """Take the metric's range and the limits; the bar zooms to them by `span_of`."""
        self._metric_span = span
        self._limits = limits
        self.update()

    def set_value(self, value: float | None, *, is_stale: bool = False) -> None:
        """Move the pointer; None = no good value."""
        if value != self._value or is_stale != self._is_stale:
            self._value = value
            self._is_stale = is_stale
            self.update()

    def sizeHint(self) -> QSize:
        """Wide enough to read, 14 px high."""
        return QSize(160, 14)

    def minimumSizeHint(self) -> QSize:
        """The least that still tells left from right."""
        return QSize(48, 12)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the bar."""
        painter = QPainter(self)
        paint_analog_bar(
            painter,
            QRectF(self.rect()),
            self._value,
            span_of(self._metric_span, self._limits, self._value),
            self._limits,
            self._themes.theme,
            is_stale=self._is_stale,
        )
        painter.end()


def _paint_band(
    painter: QPainter,
    rect: QRectF,
    track: QRectF,
    low: float,
    high: float,
    limits: tuple[Limit, ...],
    theme: Theme,
) -> None:
    band_low, band_high = normal_band_of(limits)
    if band_low is None and band_high is None:
        return
    scale = rect.width() / (high - low)
    left = rect.left() + (max(low if band_low is None else band_low, low) - low) * scale
    right = rect.left() + (min(high if band_high is None else band_high, high) - low) * scale
    painter.fillRect(QRectF(left, track.top(), max(0.0, right - left), track.height()), theme.normal_band)


def _paint_limits(
    painter: QPainter,
    rect: QRectF,
    low: float,
    high: float,
    scale: float,
    limits: tuple[Limit, ...],
    theme: Theme,
) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.limit)
    for limit in limits:
        if low <= limit.value <= high:
            x = round(rect.left() + (limit.value - low) * scale)
            width = 2 if limit.severity is Severity.CRITICAL else 1
            painter.fillRect(
                QRectF(min(x, rect.right() - width), rect.top(), width, rect.height()), theme.limit
            )


def _paint_pointer(painter: QPainter, rect: QRectF, offset: float, theme: Theme) -> None:
    """Paint a diamond where the value is, or an arrow head at the end beyond which it lies."""
    middle = rect.center().y()
    half = rect.height() / 2
    reach = min(half, 6.0)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.surface, 1.0))
    painter.setBrush(theme.value)
    if offset < 0:
        tip = rect.left()
        points = [(tip, middle), (tip + reach * 1.6, middle - half), (tip + reach * 1.6, middle + half)]
    elif offset > rect.width():
        tip = rect.right()
        points = [(tip, middle), (tip - reach * 1.6, middle - half), (tip - reach * 1.6, middle + half)]
    else:
        x = rect.left() + offset
        points = [
            (x, middle - half),
            (x + reach * 0.8, middle),
            (x, middle + half),
            (x - reach * 0.8, middle),
        ]
    painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in points]))
