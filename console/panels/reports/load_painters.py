"""The pictures of the alarm load, painted alike on the screen and on paper.

Each function paints into a rectangle, in pixels of 1/96 inch, and leaves the painter as it found it. Grey for
what is in order, dark and hatched for what is beyond the target; alarm colours only in alarm shapes.
"""

from collections.abc import Sequence
from datetime import tzinfo

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen

from console.panels.wording import SEVERITY_WORDS, percent_text
from console.widgets.fonts import SMALL_PX, text_font
from console.widgets.severity_badge import BadgeState, paint_badge
from console.widgets.theme import Theme
from console.widgets.time_axis import time_ticks
from models.alarm_windows import TEN_MIN_S
from models.records.alarm_load import AlarmLoad, SourceLoad
from models.records.threshold import Severity

_LEFT_PX, _BOTTOM_PX, _TOP_PX = 40, 18, 8
_FLOOD_LIMIT, _GOOD_LIMIT = 10, 1
_TARGETS = {Severity.CRITICAL: 5, Severity.WARNING: 15, Severity.INFO: 80}
_ROW_PX, _BADGE_PX, _NUMBER_PX = 22, 30, 112
_CENTRE = Qt.AlignmentFlag.AlignCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def paint_load(painter: QPainter, rect: QRectF, load: AlarmLoad, theme: Theme, zone: tzinfo) -> None:
    """Paint alerts in 10 minutes over the period: the most (light) and the average (dark) of each column.

    Floods are bands behind the bars; lines mark 1 (good on average) and 10 (flood), a position.
    """
    painter.save()
    plot = plot_of(rect)
    limit = _FLOOD_LIMIT * load.positions
    top = nice_top(max(max(load.counts, default=0), limit * 1.2))
    _paint_frame(painter, plot, theme, _steps(top), top)
    span = max(load.span_s, 1.0)

    def x_of(unix: float) -> float:
        return plot.left() + (unix - load.since_unix) / span * plot.width()

    for flood in load.floods:
        left, right = x_of(flood.since_unix), x_of(flood.until_unix)
        _paint_band(painter, QRectF(left, plot.top(), max(2.0, right - left), plot.height()), theme)
    for low, high, most, average in load_columns(load, plot):
        _paint_bar(painter, QRectF(low, plot.bottom(), high - low, -most / top * plot.height()), theme.stale)
        colour = theme.text if most > limit else theme.equipment
        _paint_bar(painter, QRectF(low, plot.bottom(), high - low, -average / top * plot.height()), colour)
    for value, words in ((limit, f"{limit} = flood"), (_GOOD_LIMIT * load.positions, "")):
        y = plot.bottom() - value / top * plot.height()
        painter.setPen(QPen(theme.limit, 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
        if words:
            chip = QRectF(plot.right() - 66, y - 16, 64, 14)
            painter.fillRect(chip, theme.surface)
            _text(painter, chip, words, theme.text)
    for tick in time_ticks(load.since_unix, load.until_unix, max(2, int(plot.width() // 80)), zone):
        x = x_of(tick.at_unix)
        painter.setPen(QPen(theme.line, 1))
        painter.drawLine(QPointF(x, plot.bottom()), QPointF(x, plot.bottom() + 3))
        if x < plot.right() - 16:
            _text(painter, QRectF(x - 40, plot.bottom() + 3, 80, _BOTTOM_PX - 3), tick.label, theme.muted)
    painter.restore()


def load_columns(load: AlarmLoad, plot: QRectF) -> list[tuple[float, float, float, float]]:
    """Return of each column its left, its right, and the most and the average in 10 minutes there."""
    counts = np.asarray(load.counts, dtype=np.float64)
    if not counts.size:
        return []
    share = TEN_MIN_S / max(load.span_s, 1.0) * plot.width()
    group = max(1, int(np.ceil(2.0 / max(share, 1e-9))))
    first = np.arange(0, counts.size, group)
    most = np.maximum.reduceat(counts, first)
    lengths = np.diff(np.append(first, counts.size))
    average = np.add.reduceat(counts, first) / lengths
    left = plot.left() + first * share
    right = np.minimum(plot.left() + (first + lengths) * share, plot.right())
    gap = 1.0 if share * group > 4 else 0.0
    return [
        (float(a), float(max(b - gap, a + 0.5)), float(m), float(v))
        for a, b, m, v in zip(left, right, most, average, strict=True)
    ]


def paint_hours(painter: QPainter, rect: QRectF, load: AlarmLoad, theme: Theme) -> None:
    """Paint alerts by hour of the day, by the site's clock."""
    painter.save()
    plot = plot_of(rect)
    top = nice_top(max(*load.by_hour, 4))
    _paint_frame(painter, plot, theme, _steps(top), top)
    width = plot.width() / 24
    for hour, count in enumerate(load.by_hour):
        bar = QRectF(plot.left() + hour * width, plot.bottom(), width - 1, -count / top * plot.height())
        _paint_bar(painter, bar, theme.equipment)
        if hour % 3 == 0:
            label = QRectF(bar.left() - 12, plot.bottom() + 3, width + 24, _BOTTOM_PX - 3)
            _text(painter, label, f"{hour:02d}", theme.muted)
    painter.restore()


def paint_severities(painter: QPainter, rect: QRectF, load: AlarmLoad, theme: Theme) -> None:
    """Paint the share of each severity, with a mark where it should be: 5, 15 and 80 %."""
    painter.save()
    total = max(1, sum(load.severities))
    height = min(float(_ROW_PX + 8), rect.height() / 3)
    bars = QRectF(
        rect.left() + _BADGE_PX + 56, rect.top(), rect.width() - _BADGE_PX - 56 - _NUMBER_PX, height
    )
    for severity, count in zip(Severity, load.severities, strict=True):
        share = 100.0 * count / total
        middle = bars.center().y()
        badge = QRectF(rect.left(), bars.top(), _BADGE_PX, height)
        paint_badge(painter, badge, severity, BadgeState.ACKNOWLEDGED, theme)
        words = QRectF(badge.right() + 4, bars.top(), 52, height)
        _text(painter, words, SEVERITY_WORDS[severity], theme.text, _LEFT)
        track = QRectF(bars.left(), middle - 7, bars.width(), 14)
        painter.fillRect(track, theme.equipment_soft)
        painter.fillRect(QRectF(track.left(), track.top(), track.width() * share / 100, 14), theme.equipment)
        mark = track.left() + track.width() * _TARGETS[severity] / 100
        painter.setPen(QPen(theme.text, 2))
        painter.drawLine(QPointF(mark, middle - 10), QPointF(mark, middle + 10))
        numbers = f"{share:.1f} % of ≈ {_TARGETS[severity]} %" if sum(load.severities) else "–"
        side = QRectF(bars.right() + 6, bars.top(), _NUMBER_PX - 6, height)
        _text(painter, side, numbers, theme.text, _RIGHT)
        bars.translate(0, height)
    painter.restore()


def paint_top_ten(
    painter: QPainter, rect: QRectF, sources: Sequence[SourceLoad], total: int, theme: Theme
) -> None:
    """Paint the ten most frequent as bars with their names, counts and shares."""
    painter.save()
    shown = [source for source in sources if source.count][:10]
    height = _row_height(rect)
    most = max((source.count for source in shown), default=1)
    named = min(rect.width() * 0.56, 360.0)
    if not shown:
        _text(painter, rect, "No alert in this time.", theme.muted, pixels=SMALL_PX + 1)
    for place, source in enumerate(shown):
        top = rect.top() + place * height
        badge = QRectF(rect.left(), top, _BADGE_PX, height)
        paint_badge(painter, badge, source.severity, BadgeState.ACKNOWLEDGED, theme)
        room = QRectF(badge.right() + 4, top, named - _BADGE_PX - 8, height)
        painter.setFont(text_font(SMALL_PX + 1))
        metrics = painter.fontMetrics()
        label = metrics.elidedText(
            f"{source.name}: {source.label}", Qt.TextElideMode.ElideRight, int(room.width())
        )
        _text(painter, room, label, theme.text, _LEFT, SMALL_PX + 1)
        track = rect.left() + named
        length = (rect.right() - track - _NUMBER_PX + 20) * source.count / most
        painter.fillRect(QRectF(track, top + 4, max(1.0, length), height - 8), theme.equipment)
        share = f"{source.count:,} ({percent_text(source.count / max(1, total), 0)})"
        _text(painter, QRectF(track + length + 4, top, 90, height), share, theme.text, _LEFT)
    painter.restore()


def top_ten_row(y: float, rect: QRectF) -> int:
    """Return which of the ten a place lies at; 10 where it lies at none."""
    row = int((y - rect.top()) // _row_height(rect))
    return row if 0 <= row < 10 else 10


def _row_height(rect: QRectF) -> float:
    return min(float(_ROW_PX), rect.height() / 10)


def nice_top(value: float) -> float:
    """Return the top of an axis that begins at 0: 1, 2 or 5 times a power of ten, in whole numbers."""
    power = 10.0 ** np.floor(np.log10(max(value, 1.0)))
    return next(float(power * step) for step in (1, 2, 4, 5, 6, 8, 10) if power * step >= value)


def _steps(top: float) -> list[float]:
    for count in (4, 5, 2):
        if (top / count).is_integer():
            return [top / count * n for n in range(count + 1)]
    return [0.0, top]


def plot_of(rect: QRectF) -> QRectF:
    """Return where the bars stand in a picture with axes."""
    return rect.adjusted(_LEFT_PX, _TOP_PX, -4, -_BOTTOM_PX)


def _paint_frame(painter: QPainter, plot: QRectF, theme: Theme, steps: list[float], top: float) -> None:
    for step in steps:
        y = plot.bottom() - step / top * plot.height()
        painter.setPen(QPen(theme.grid if step else theme.line, 1))
        painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
        _text(
            painter,
            QRectF(plot.left() - _LEFT_PX, y - 8, _LEFT_PX - 6, 16),
            f"{step:,.0f}",
            theme.muted,
            _RIGHT,
        )


def _paint_bar(painter: QPainter, bar: QRectF, colour: QColor) -> None:
    if bar.height():
        painter.fillRect(bar.normalized(), colour)


def _paint_band(painter: QPainter, band: QRectF, theme: Theme) -> None:
    """Mark a flood over its whole height, with a strip on top that is seen where bars cover the rest."""
    painter.fillRect(band, theme.equipment_soft)
    painter.fillRect(QRectF(band.left(), band.top() - 4, band.width(), 3), theme.text)


def _text(
    painter: QPainter,
    rect: QRectF,
    words: str,
    colour: QColor,
    alignment: Qt.AlignmentFlag = _CENTRE,
    pixels: int = SMALL_PX,
) -> None:
    painter.setFont(text_font(pixels, QFont.Weight.Normal))
    painter.setPen(colour)
    painter.drawText(rect, alignment, words)
