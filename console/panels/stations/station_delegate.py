"""Paints a station's row: badge and mark beside its name, lamp beside its state, bar below what waits."""

from typing import cast

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from console.panels.stations.fuel_bar import paint_fuel_bar
from console.panels.stations.station_rows import StationRow
from console.panels.stations.station_words import spool_share
from console.panels.stations.stations_model import ROW_ROLE, Column
from console.widgets.fonts import SMALL_PX, text_font
from console.widgets.severity_badge import WIDTH as BADGE_PX
from console.widgets.severity_badge import BadgeState, paint_badge
from console.widgets.status_lamp import paint_lamp
from console.widgets.theme import ThemeSource

HERE = "this computer"

_PAD, _GAP, _LAMP_PX, _BAR_PX = 3, 6, 18, 4
_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
_RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
_SELECTED = QStyle.StateFlag.State_Selected


class StationDelegate(QStyledItemDelegate):
    """A handful of rows; the words come from the model, the shapes from its row."""

    def __init__(self, theme_source: ThemeSource, parent: QWidget) -> None:
        super().__init__(parent)
        self._themes = theme_source

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint one cell."""
        row = cast("StationRow", index.data(ROW_ROLE))
        column = Column(index.column())
        rect = cast("QRect", option.rect)  # pyright: ignore[reportAttributeAccessIssue]
        is_selected = bool(option.state & _SELECTED)  # pyright: ignore[reportAttributeAccessIssue]
        if is_selected:
            painter.fillRect(rect, self._themes.theme.selection)
        room = QRectF(rect).adjusted(_PAD, 0, -_PAD, 0)
        painter.save()
        painter.setPen(self._ink(row, is_selected=is_selected))
        if column is Column.NAME:
            room = self._paint_marks(painter, room, row)
        elif column is Column.STATE:
            paint_lamp(
                painter,
                QRectF(room.topLeft(), room.bottomLeft()).adjusted(0, 0, _LAMP_PX, 0),
                row.lamp,
                self._themes.theme,
            )
            room.setLeft(room.left() + _LAMP_PX + _GAP)
        elif column is Column.SPOOL and (share := spool_share(row.report)) is not None:
            bar = QRectF(room.left(), room.bottom() - _BAR_PX - 2, room.width() - 12, _BAR_PX)
            paint_fuel_bar(painter, bar, share, self._themes.theme)
            room.setBottom(bar.top())
        mode = Qt.TextElideMode.ElideMiddle if column is Column.NAME else Qt.TextElideMode.ElideRight
        metrics = option.fontMetrics  # pyright: ignore[reportAttributeAccessIssue]
        words = cast("str", index.data(Qt.ItemDataRole.DisplayRole))
        painter.drawText(room, _LEFT, metrics.elidedText(words, mode, int(room.width())))
        painter.restore()

    def _paint_marks(self, painter: QPainter, room: QRectF, row: StationRow) -> QRectF:
        """Paint at the right end what is wrong, and which one is here; return what is left for the name."""
        left = QRectF(room)
        if row.worst is not None:
            left.setRight(left.right() - BADGE_PX)
            badge = QRectF(left.right(), room.top(), BADGE_PX, room.height())
            paint_badge(painter, badge, row.worst, BadgeState.ACKNOWLEDGED, self._themes.theme)
            left.setRight(left.right() - _GAP)
        if row.is_here:
            font = text_font(SMALL_PX)
            painter.save()
            painter.setFont(font)
            painter.drawText(left, _RIGHT, HERE)
            painter.restore()
            left.setRight(left.right() - QFontMetricsF(font).horizontalAdvance(HERE) - _GAP)
        return left

    def _ink(self, row: StationRow, *, is_selected: bool) -> QColor:
        theme = self._themes.theme
        if is_selected:
            return theme.selection_text
        # What is not known for certain, and who is not let in, step back; their lamps say so by shape.
        return theme.muted if row.is_old or not row.is_enabled else theme.text
