"""The table of a plan: mark, place, device, what."""

from enum import IntEnum
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt

from console.panels.devices.bulk.plan_rows import PlanRow
from console.widgets.keyed_table_model import KeyedTableModel

_Index = QModelIndex | QPersistentModelIndex


class Column(IntEnum):
    """Columns, left to right."""

    MARK = 0
    WHERE = 1
    DEVICE = 2
    TEXT = 3


_HEADINGS = ("State", "Where", "Device", "What")
WIDTHS = (100, 110, 150, 480)
_TEXTS = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)


class PlanModel(KeyedTableModel[PlanRow]):
    """One row a line."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(_HEADINGS, lambda row: row.key, parent)

    def data(self, index: _Index, role: int = 0) -> Any:
        """Return what a cell shows; the whole text as its tip."""
        if not index.isValid():
            return None
        row = self.row_at(index.row())
        if role in _TEXTS:
            return (row.mark, row.where, row.device, row.text)[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole and index.column() == Column.TEXT:
            return row.text
        return None
