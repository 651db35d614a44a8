"""What lies above the curves: stale hatching, pens' numbers, marks, cursors, readouts, the paused plate."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from console.widgets.chart_geometry import Frame
from console.widgets.chart_legend import paint_pen_tag
from console.widgets.fonts import SMALL_PX, text_font
from console.widgets.pen import ChartMark
from console.widgets.severity_badge import BadgeState, paint_badge
from console.widgets.stale_hatching import age_text, paint_hatching
from console.widgets.theme import Theme

_ROW_PX = 17
_TAG_PX = 16


@dataclass(frozen=True, slots=True)
class ReadoutRow:
    """One line of a readout box: pen number (None for a heading), then one text a column."""

    index: int | None
    cells: tuple[str, ...]


def paint_stale(painter: QPainter, frame: Frame, theme: Theme, last_unix: float, now_unix: float) -> None:
    """Hatch the live edge from the newest sample to now, and say how old it is."""
    plot = frame.geometry.plot
    left = max(plot.left(), frame.x_of(last_unix))
    rect = QRectF(left, plot.top(), plot.right() - left, plot.height())
    if rect.width() < 1:
        return
    paint_hatching(painter, rect, theme)
    text = f"? {age_text(now_unix - last_unix)}"
    font = text_font(12, QFont.Weight.DemiBold)
    width = QFontMetricsF(font).horizontalAdvance(text) + 12
    box = QRectF(min(rect.center().x() - width / 2, plot.right() - width - 2), plot.top() + 6, width, 18)
    painter.fillRect(box, theme.surface)
    painter.setPen(theme.text)
    painter.setFont(font)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def paint_tags(
    painter: QPainter, frame: Frame, theme: Theme, ends: Sequence[tuple[int, QColor, float]]
) -> None:
    """Write each pen's number at the right, at the height of its newest value; numbers never overlap.

    Args:
        painter: Not clipped to the plot.
        frame: What is shown.
        theme: Colours.
        ends: (index of the pen, colour, y in pixels) each.
    """
    rect = frame.geometry.tags
    placed: list[list[float]] = []
    ordered = sorted(ends, key=lambda end: end[2])
    least, most = rect.top() + 7, rect.bottom() - 7
    for place, (_, _, y) in enumerate(ordered):
        above = placed[-1][0] + 15 if placed else least
        remaining = (len(ordered) - 1 - place) * 15
        placed.append([min(max(y, above), max(above, most - remaining))])
    for (index, colour, _), (y,) in zip(ordered, placed, strict=True):
        paint_pen_tag(painter, QPointF(rect.left() + 3, y), index, colour, theme)


def paint_marks(painter: QPainter, frame: Frame, theme: Theme, marks: Sequence[ChartMark]) -> None:
    """Put alerts as their shapes, and deployments as triangles, at the bottom of the plot."""
    plot = frame.geometry.plot
    for mark in marks:
        if not frame.since_unix <= mark.at_unix <= frame.until_unix:
            continue
        x = frame.x_of(mark.at_unix)
        painter.setPen(QPen(theme.muted, 1, Qt.PenStyle.DotLine))
        painter.drawLine(QLineF(x, plot.top(), x, plot.bottom() - 16))
        box = QRectF(x - 9, plot.bottom() - 16, 18, 14)
        if mark.severity is not None:
            paint_badge(painter, box, mark.severity, BadgeState.ACKNOWLEDGED, theme)
        else:
            painter.fillRect(box.adjusted(4, 2, -4, -2), theme.text)


def paint_cursor(painter: QPainter, frame: Frame, theme: Theme, at_unix: float, name: str) -> None:
    """Draw a cursor's line, with its name in a small plate at the top; empty name = the mouse's own line."""
    plot = frame.geometry.plot
    x = round(frame.x_of(at_unix)) + 0.5
    if not plot.left() <= x <= plot.right() + 1:
        return
    painter.setPen(QPen(theme.text if name else theme.muted, 1))
    painter.drawLine(QLineF(x, plot.top(), x, plot.bottom()))
    if name:
        plate = QRectF(x - 8, plot.top() - 15, 16, 15)
        painter.fillRect(plate, theme.text)
        painter.setPen(theme.background)
        painter.setFont(text_font(SMALL_PX, QFont.Weight.DemiBold))
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, name)


def paint_readout(
    painter: QPainter,
    frame: Frame,
    theme: Theme,
    title: str,
    rows: Sequence[ReadoutRow],
    colours: Sequence[QColor],
    avoid_x: float,
) -> None:
    """Paint a box of values on the side of the plot away from `avoid_x`, so that it never covers the spot.

    Args:
        painter: Not clipped.
        frame: What is shown.
        theme: Colours.
        title: First line.
        rows: A line each; all with the same number of cells, the first cell left-aligned, the rest right.
        colours: By pen index.
        avoid_x: Pixel the person is looking at.
    """
    plot = frame.geometry.plot
    font, bold = text_font(12), text_font(12, QFont.Weight.DemiBold)
    metrics = QFontMetricsF(bold)
    widths = [
        max((metrics.horizontalAdvance(row.cells[column]) for row in rows), default=0.0) + 14
        for column in range(len(rows[0].cells) if rows else 0)
    ]
    tag = _TAG_PX + 6
    widths = _fitted(widths, plot.width() - 24 - tag)
    width = max(sum(widths) + tag, metrics.horizontalAdvance(title)) + 16
    height = _ROW_PX * (len(rows) + 1) + 12
    is_right = avoid_x < plot.center().x()
    left = plot.right() - width - 8 if is_right else plot.left() + 8
    if avoid_x > left - 8 and avoid_x < left + width + 8:
        left = avoid_x + 12 if is_right else max(plot.left(), avoid_x - width - 12)
    left = min(left, frame.geometry.tags.right() - width)
    box = QRectF(left, plot.top() + 8, width, height)
    painter.fillRect(box, theme.raised)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.outline, 1))
    painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))
    painter.setFont(bold)
    painter.setPen(theme.text)
    y = box.top() + 6
    middle = Qt.AlignmentFlag.AlignVCenter
    painter.drawText(QRectF(box.left() + 8, y, width - 16, _ROW_PX), middle, title)
    for row in rows:
        y += _ROW_PX
        x = box.left() + 8
        if row.index is not None:
            paint_pen_tag(painter, QPointF(x, y + _ROW_PX / 2), row.index, colours[row.index], theme)
        x += tag
        for column, (cell, cell_width) in enumerate(zip(row.cells, widths, strict=True)):
            painter.setFont(font if column == 0 or row.index is None else bold)
            painter.setPen(theme.muted if row.index is None else theme.text)
            side = Qt.AlignmentFlag.AlignLeft if column == 0 else Qt.AlignmentFlag.AlignRight
            text = metrics.elidedText(cell, Qt.TextElideMode.ElideRight, cell_width) if column == 0 else cell
            painter.drawText(QRectF(x, y, cell_width - 4, _ROW_PX), side | middle, text)
            x += cell_width


def paused_plate(frame: Frame, text: str) -> QRectF:
    """Return where the plate of a paused chart lies: a click there goes back to live."""
    plot = frame.geometry.plot
    width = QFontMetricsF(text_font(12, QFont.Weight.DemiBold)).horizontalAdvance(text) + 34
    width = min(width, plot.width())
    return QRectF(plot.right() - width, plot.bottom() - 22, width, 22)


def paint_paused(painter: QPainter, frame: Frame, theme: Theme, text: str) -> None:
    """Frame the plot and put the plate into its corner: nobody takes a paused chart for a live one."""
    plot = frame.geometry.plot
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.text, 2))
    painter.drawRect(plot.adjusted(1, 1, -1, -1))
    plate = paused_plate(frame, text)
    painter.fillRect(plate, theme.text)
    bar = QRectF(plate.left() + 9, plate.center().y() - 5, 3.5, 10)
    painter.fillRect(bar, theme.background)
    painter.fillRect(bar.translated(6, 0), theme.background)
    painter.setPen(theme.background)
    painter.setFont(text_font(12, QFont.Weight.DemiBold))
    room = plate.adjusted(26, 0, -6, 0)
    painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)


def paint_live_sign(painter: QPainter, rect: QRectF, theme: Theme) -> None:
    """Write "live" with a grey disc at the right of `rect`."""
    painter.setFont(text_font(12, QFont.Weight.Medium))
    painter.setPen(theme.muted)
    painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, "live")
    width = QFontMetricsF(text_font(12, QFont.Weight.Medium)).horizontalAdvance("live")
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.equipment)
    painter.drawEllipse(QPointF(rect.right() - width - 9, rect.center().y() + 0.5), 4, 4)
    painter.restore()


def _fitted(widths: list[float], room: float) -> list[float]:
    """Take what is too much from the first column, the labels."""
    excess = sum(widths) - room
    return widths if excess <= 0 or not widths else [max(40.0, widths[0] - excess), *widths[1:]]
