"""The evidence of a wave as bars: alerts an hour with and without the update, and how far values moved.

Grey for what is in order, dark for what is beyond its limit; limits are dashed lines with their words.
"""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from console.panels.firmware.evidence import Moved, Rate, WaveEvidence
from console.widgets.fonts import BODY_PX, SMALL_PX, text_font
from console.widgets.theme import Theme

RATES_PX, MOVED_PX = 118, 26
_LABEL_PX, _BAR_PX, _ROW_PX = 176, 20, 44
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def paint_rates(painter: QPainter, rect: QRectF, found: WaveEvidence, theme: Theme) -> None:
    """Paint two bars from zero, each with its exact counts, and where the limit of their ratio is."""
    painter.save()
    bars = rect.adjusted(_LABEL_PX, 0, -8, 0)
    limit = found.control.per_hour * found.ratio_limit
    top = max(found.updated.per_hour, found.control.per_hour, limit, 1e-9) * 1.08
    is_over = found.p < found.p_limit and (found.ratio is None or found.ratio >= found.ratio_limit)
    other = "The same devices before" if found.is_own_past else "Without the update"
    rows = (
        ("With the update", found.updated, theme.text if is_over else theme.equipment),
        (other, found.control, theme.stale),
    )
    y = rect.top() + 2
    for label, rate, colour in rows:
        _text(painter, QRectF(rect.left(), y, _LABEL_PX - 10, _BAR_PX), label, theme.text, _LEFT)
        width = bars.width() * rate.per_hour / top
        painter.fillRect(QRectF(bars.left(), y, bars.width(), _BAR_PX), theme.equipment_soft)
        painter.fillRect(QRectF(bars.left(), y, max(width, 2.0) if rate.episodes else 0.0, _BAR_PX), colour)
        below = QRectF(bars.left() + 5, y + _BAR_PX + 1, bars.width() - 5, 16)
        _text(painter, below, rate_words(rate), theme.muted, _LEFT, SMALL_PX)
        y += _ROW_PX
    painter.setPen(QPen(theme.limit, 1))
    painter.drawLine(QPointF(bars.left(), rect.top()), QPointF(bars.left(), y - 6))
    if limit > 0.0:
        x = bars.left() + bars.width() * limit / top
        painter.setPen(QPen(theme.limit, 1.4, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(x, rect.top()), QPointF(x, y - 6))
        words = f"limit: {found.ratio_limit:g} times as often"
        width = QFontMetricsF(text_font(SMALL_PX)).horizontalAdvance(words)
        left = min(max(x - width / 2, bars.left()), bars.right() - width)
        _text(painter, QRectF(left, y - 6, width + 2, 16), words, theme.text, _LEFT, SMALL_PX)
    painter.restore()


def rate_words(rate: Rate) -> str:
    """Return what stands below a bar."""
    return f"{rate.words} = {rate.per_hour:.2g} an hour"


def paint_moved(
    painter: QPainter, rect: QRectF, moved: Sequence[Moved], labels: Sequence[str], theme: Theme
) -> None:
    """Paint a bar each from the middle: how far a value moved, its limits as dashed lines on both sides."""
    painter.save()
    y = rect.top()
    for one, label in zip(moved, labels, strict=True):
        _text(painter, QRectF(rect.left(), y, _LABEL_PX - 10, MOVED_PX), label, theme.text, _LEFT)
        plot = QRectF(rect.left() + _LABEL_PX, y + 5, rect.width() - _LABEL_PX - 8, MOVED_PX - 10)
        _paint_one(painter, plot, one, theme)
        y += MOVED_PX
    painter.restore()


def _paint_one(painter: QPainter, plot: QRectF, one: Moved, theme: Theme) -> None:
    painter.fillRect(plot, theme.equipment_soft)
    middle = plot.center().x()
    reach = max(abs(one.difference or 0.0), one.limit or 0.0, 1e-9) * 1.25
    scale = plot.width() / 2 / reach
    if one.difference is not None:
        is_over = one.limit is not None and abs(one.difference) > one.limit
        end = middle + one.difference * scale
        bar = QRectF(min(middle, end), plot.top(), max(abs(end - middle), 2.0), plot.height())
        painter.fillRect(bar, theme.text if is_over else theme.equipment)
    else:
        _text(painter, plot, "not known", theme.muted, Qt.AlignmentFlag.AlignCenter, SMALL_PX)
    painter.setPen(QPen(theme.limit, 1))
    painter.drawLine(QPointF(middle, plot.top() - 3), QPointF(middle, plot.bottom() + 3))
    if one.limit is not None:
        painter.setPen(QPen(theme.limit, 1.4, Qt.PenStyle.DashLine))
        for side in (-1, 1):
            x = middle + side * one.limit * scale
            painter.drawLine(QPointF(x, plot.top() - 3), QPointF(x, plot.bottom() + 3))


def _text(
    painter: QPainter,
    room: QRectF,
    words: str,
    ink: QColor,
    flags: Qt.AlignmentFlag,
    pixels: int = BODY_PX,
) -> None:
    font = text_font(pixels)
    painter.setFont(font)
    painter.setPen(ink)
    painter.drawText(
        room, flags, QFontMetricsF(font).elidedText(words, Qt.TextElideMode.ElideRight, room.width())
    )
