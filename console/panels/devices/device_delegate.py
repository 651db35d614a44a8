"""Paints a device's row: its lamp before the name, figures as their columns want."""

from typing import cast

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from console.panels.devices.device_columns import DeviceColumn
from console.panels.devices.device_rows import DeviceRow
from console.panels.devices.devices_model import COLUMN_ROLE, ROW_ROLE
from console.widgets.status_lamp import LampState, paint_lamp
from console.widgets.theme import ThemeSource

_PAD, _GAP, _LAMP_PX = 4, 6, 18
_SELECTED = QStyle.StateFlag.State_Selected
_MIDDLE = Qt.AlignmentFlag.AlignVCenter


class DeviceDelegate(QStyledItemDelegate):
    """The words come from the model; shapes from its row."""

    def __init__(self, theme_source: ThemeSource, parent: QWidget) -> None:
        super().__init__(parent)
        self._themes = theme_source

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint one cell."""
        theme = self._themes.theme
        row = cast("DeviceRow", index.data(ROW_ROLE))
        column = cast("DeviceColumn", index.data(COLUMN_ROLE))
        rect = cast("QRect", option.rect)  # pyright: ignore[reportAttributeAccessIssue]
        is_selected = bool(option.state & _SELECTED)  # pyright: ignore[reportAttributeAccessIssue]
        if is_selected:
            painter.fillRect(rect, theme.selection)
        room = QRectF(rect).adjusted(_PAD, 0, -_PAD, 0)
        painter.save()
        # What is not known yet steps back; its lamp says so by shape.
        faint = row.lamp is LampState.UNKNOWN
        painter.setPen(theme.selection_text if is_selected else theme.muted if faint else theme.text)
        if column.paint is not None:
            column.paint(painter, room, row, theme)
        else:
            if index.column() == 0:
                lamp = QRectF(room.left(), room.top(), _LAMP_PX, room.height())
                paint_lamp(painter, lamp, row.lamp, theme)
                room.setLeft(room.left() + _LAMP_PX + _GAP)
            mode = Qt.TextElideMode.ElideMiddle if index.column() < 2 else Qt.TextElideMode.ElideRight
            metrics = option.fontMetrics  # pyright: ignore[reportAttributeAccessIssue]
            side = Qt.AlignmentFlag.AlignRight if column.is_right else Qt.AlignmentFlag.AlignLeft
            painter.drawText(
                room, _MIDDLE | side, metrics.elidedText(column.text(row), mode, int(room.width()))
            )
        painter.restore()
