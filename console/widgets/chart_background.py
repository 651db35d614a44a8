"""What lies behind the curves: surface, normal band, grid, axes with their labels, limit lines."""

from collections.abc import Sequence

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from console.widgets.analog_bar import Limit, normal_band_of
from console.widgets.chart_geometry import UNIT_PX, Frame
from console.widgets.fonts import SMALL_PX, text_font
from console.widgets.number_text import number_text
from console.widgets.theme import Theme
from console.widgets.time_axis import time_ticks

_LABEL_PX = 62


def paint_background(
    painter: QPainter,
    frame: Frame,
    theme: Theme,
    unit_colours: dict[str, QColor],
    limits: Sequence[Limit],
    limits_unit: str,
) -> None:
    """Paint everything behind the curves.

    Args:
        painter: Not clipped; left with whatever pen was used last.
        frame: What is shown.
        theme: Colours.
        unit_colours: Of the axis labels, by unit: the pen's where an axis belongs to one pen alone.
        limits: Of the one pen that is emphasised; several pens' limits would be a thicket.
        limits_unit: Its unit.
    """
    plot = frame.geometry.plot
    painter.fillRect(plot, theme.surface)
    if limits:
        _paint_normal_band(painter, frame, theme, limits, limits_unit)
    _paint_time_axis(painter, frame, theme)
    for index, (unit, rect) in enumerate(frame.geometry.axes):
        _paint_value_axis(painter, frame, theme, unit, rect, unit_colours[unit], has_grid=index == 0)
    painter.setPen(QPen(theme.line, 1))
    painter.drawLine(QLineF(plot.bottomLeft(), plot.bottomRight()))
    painter.drawLine(QLineF(plot.topLeft(), plot.bottomLeft()))


def paint_limits(painter: QPainter, frame: Frame, theme: Theme, limits: Sequence[Limit], unit: str) -> None:
    """Paint limit lines, in grey: red would say that they are passed now. Each is named by its digit."""
    plot = frame.geometry.plot
    font = text_font(SMALL_PX, QFont.Weight.DemiBold)
    painter.setFont(font)
    plates: list[QRectF] = []
    for limit in limits:
        y = round(frame.y_of(limit.value, unit)) + 0.5
        if not plot.top() <= y <= plot.bottom():
            continue
        painter.setPen(QPen(theme.limit, 1, Qt.PenStyle.DashLine))
        painter.drawLine(QLineF(plot.left(), y, plot.right(), y))
        sign = f"{limit.severity.rank} {'max' if limit.is_upper else 'min'}"
        top = min(max(y - 7.5, plot.top()), plot.bottom() - 14)
        plate = QRectF(plot.left() + 5, top, QFontMetricsF(font).horizontalAdvance(sign) + 8, 14)
        # Limits that lie close together are named side by side.
        for other in plates:
            if plate.intersects(other):
                plate.moveLeft(other.right() + 2)
        plates.append(plate)
        painter.fillRect(plate, theme.surface)
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, sign)


def _paint_normal_band(
    painter: QPainter, frame: Frame, theme: Theme, limits: Sequence[Limit], unit: str
) -> None:
    plot = frame.geometry.plot
    low, high = normal_band_of(tuple(limits))
    top = plot.top() if high is None else max(plot.top(), frame.y_of(high, unit))
    bottom = plot.bottom() if low is None else min(plot.bottom(), frame.y_of(low, unit))
    if bottom > top:
        tint = QColor(theme.normal_band)
        tint.setAlphaF(0.3)
        painter.fillRect(QRectF(plot.left(), top, plot.width(), bottom - top), tint)


def _paint_time_axis(painter: QPainter, frame: Frame, theme: Theme) -> None:
    plot, axis = frame.geometry.plot, frame.geometry.time_axis
    painter.setFont(text_font(SMALL_PX))
    for tick in time_ticks(frame.since_unix, frame.until_unix, max(1, int(plot.width() / (_LABEL_PX + 16)))):
        x = round(frame.x_of(tick.at_unix)) + 0.5
        painter.setPen(QPen(theme.grid, 1))
        painter.drawLine(QLineF(x, plot.top(), x, plot.bottom()))
        painter.setPen(QPen(theme.line, 1))
        painter.drawLine(QLineF(x, plot.bottom(), x, plot.bottom() + 4))
        painter.setPen(theme.muted)
        room = QRectF(x - _LABEL_PX / 2, axis.top() + 4, _LABEL_PX, axis.height() - 4)
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, tick.label)


def _paint_value_axis(
    painter: QPainter,
    frame: Frame,
    theme: Theme,
    unit: str,
    rect: QRectF,
    colour: QColor,
    *,
    has_grid: bool,
) -> None:
    plot = frame.geometry.plot
    scale = frame.scales[unit]
    painter.setPen(QPen(theme.line, 1))
    edge = round(rect.right()) - 0.5
    painter.drawLine(QLineF(edge, plot.top(), edge, plot.bottom()))
    painter.setFont(text_font(SMALL_PX))
    words = QFontMetricsF(painter.font())
    for value in scale.ticks():
        y = round(frame.y_of(value, unit)) + 0.5
        if has_grid:
            painter.setPen(QPen(theme.grid, 1))
            painter.drawLine(QLineF(plot.left(), y, plot.right(), y))
        painter.setPen(QPen(theme.line, 1))
        painter.drawLine(QLineF(rect.right() - 3, y, rect.right(), y))
        painter.setPen(colour)
        room = QRectF(rect.left(), y - 8, rect.width() - 7, 16)
        # The last digits tell ticks apart; that there are more before them has to be seen.
        text = words.elidedText(
            number_text(value, scale.decimals), Qt.TextElideMode.ElideLeft, rect.width() - 5
        )
        painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
    painter.setPen(colour)
    painter.setFont(text_font(SMALL_PX, QFont.Weight.DemiBold))
    room = QRectF(rect.left(), rect.top() - UNIT_PX, rect.width() - 7, UNIT_PX - 4)
    painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, unit)
