"""Paints thresholds that are out of service struck through and pale (ISA-18.2, state I)."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QStyleOptionViewItem, QWidget

from console.panels.limits.limit_rows import Column, LimitRow
from console.panels.limits.limits_model import ROW_ROLE
from console.widgets.theme import ThemeSource
from console.widgets.whole_row import WholeRowDelegate

_STRUCK = (Column.METRIC, Column.CONDITION, Column.DEADBAND, Column.DELAYS)


class LimitRowDelegate(WholeRowDelegate):
    """Names in the middle may be cut, the words at their ends tell them apart."""

    def __init__(self, theme_source: ThemeSource, parent: QWidget) -> None:
        super().__init__(parent)
        self._themes = theme_source

    def initStyleOption(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Strike through what is not judged."""
        super().initStyleOption(option, index)
        row: LimitRow = index.data(ROW_ROLE)
        if index.column() == Column.DEVICE:
            option.textElideMode = Qt.TextElideMode.ElideMiddle  # pyright: ignore[reportAttributeAccessIssue]
        if row.threshold.enabled:
            return
        palette: QPalette = option.palette  # pyright: ignore[reportAttributeAccessIssue]
        palette.setColor(QPalette.ColorRole.Text, self._themes.theme.muted)
        if index.column() in _STRUCK:
            option.font.setStrikeOut(True)  # pyright: ignore[reportAttributeAccessIssue]
