"""What is set aside, as a table model."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QFont

from console.panels.alerts.set_aside import HEADINGS, Aside, AsideColumn, AsideKind, aside_cell
from console.panels.wording import moment_from_unix
from console.widgets.keyed_table_model import KeyedTableModel
from console.widgets.plain_text import plain_tip

_Index = QModelIndex | QPersistentModelIndex


class AsideModel(KeyedTableModel[Aside]):
    """The time left ticks; what is out of service is struck through."""

    def __init__(self, now: Callable[[], float], parent: QObject | None = None) -> None:
        super().__init__([HEADINGS[column] for column in AsideColumn], lambda row: row.key, parent)
        self._now = now

    def refresh_ages(self) -> None:
        """Repaint the column that ticks."""
        if self._rows:
            last = len(self._rows) - 1
            self.dataChanged.emit(self.index(0, AsideColumn.LEFT), self.index(last, AsideColumn.UNTIL), [])

    def data(self, index: _Index, role: int = 0) -> Any:
        """Return what a cell shows."""
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], AsideColumn(index.column())
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return aside_cell(row, column, moment_from_unix(self._now()))
            case Qt.ItemDataRole.ToolTipRole if column in (AsideColumn.WHAT, AsideColumn.REASON):
                return plain_tip(aside_cell(row, column, moment_from_unix(self._now())))
            case Qt.ItemDataRole.FontRole if (
                row.kind is AsideKind.OUT_OF_SERVICE and column is AsideColumn.WHAT
            ):
                font = QFont()
                font.setStrikeOut(True)
                return font
        return None
