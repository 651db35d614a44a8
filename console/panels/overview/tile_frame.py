"""What is painted round a tile's picture, because it flashes: frame, badge, focus. And the headings."""

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QPen

from console.panels.overview.ordering import Section
from console.panels.overview.tile_painter import badge_rect
from console.panels.overview.tile_pictures import TilePicture
from console.widgets.fonts import text_font
from console.widgets.severity_badge import paint_alarm_frame, paint_badge
from console.widgets.theme import Theme


def paint_tile(
    painter: QPainter,
    rect: QRectF,
    picture: TilePicture | None,
    theme: Theme,
    *,
    flash_on: bool,
    has_focus: bool,
) -> None:
    """Paint a tile into `rect`: only its frame where there is no picture yet."""
    painter.fillRect(rect, theme.surface)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.line, 1.0))
    painter.drawRect(rect.adjusted(0.5, 0.5, -0.5, -0.5))
    if picture is not None:
        alert = picture.face.standing.alert
        if alert is not None:
            paint_alarm_frame(painter, rect, alert.severity, alert.state, theme, flash_on=flash_on)
        painter.drawPixmap(rect.topLeft(), picture.content)
        if alert is not None:
            where = badge_rect(rect.width(), alert.count).translated(rect.topLeft())
            paint_badge(
                painter, where, alert.severity, alert.state, theme, flash_on=flash_on, count=alert.count
            )
    if has_focus:
        painter.setPen(QPen(theme.focus, 2.0))
        painter.drawRect(rect.adjusted(3, 3, -3, -3))


def paint_heading(painter: QPainter, rect: QRectF, section: Section, theme: Theme) -> None:
    """Paint a section's heading: title, number of devices, worst alert, and a line to the right edge.

    The badge stands still: the tiles below it flash, and one rhythm in one place is enough.
    """
    title = f"{section.title} · {len(section.devices):,}"
    painter.setPen(theme.text)
    painter.setFont(text_font(13, QFont.Weight.DemiBold))
    painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, title)
    left = rect.left() + painter.fontMetrics().horizontalAdvance(title) + 12
    if section.alert is not None:
        badge = badge_rect(0, section.alert.count)
        badge.moveLeft(left)
        badge.moveTop(rect.center().y() - badge.height() / 2)
        paint_badge(
            painter,
            badge,
            section.alert.severity,
            section.alert.state,
            theme,
            flash_on=False,
            count=section.alert.count,
        )
        left = badge.right() + 8
    y = round(rect.center().y()) + 0.5
    painter.setPen(QPen(theme.line, 1.0))
    painter.drawLine(QLineF(left, y, rect.right(), y))
