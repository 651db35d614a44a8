"""The list of devices as a table model: a thousand rows in memory, filtered and sorted here."""

from collections.abc import Iterable, Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt

from console.panels.devices.device_columns import DeviceColumn
from console.panels.devices.device_rows import DeviceRow, matching
from console.widgets.keyed_table_model import KeyedTableModel
from console.widgets.plain_text import plain_tip
from console.widgets.status_lamp import LAMP_WORDS

ROW_ROLE = Qt.ItemDataRole.UserRole + 1
"""Role under which a cell gives its DeviceRow."""
COLUMN_ROLE = Qt.ItemDataRole.UserRole + 2
"""Role under which a cell gives its DeviceColumn."""

_Index = QModelIndex | QPersistentModelIndex


class DevicesModel(KeyedTableModel[DeviceRow]):
    """The worst first, unless somebody sorts by another column."""

    def __init__(self, columns: Sequence[DeviceColumn], parent: QObject | None = None) -> None:
        super().__init__(
            [column.heading for column in columns],
            lambda row: row.id,
            parent,
            {place: column.tip or column.heading for place, column in enumerate(columns)},
        )
        self.columns = tuple(columns)
        self._all: tuple[DeviceRow, ...] = ()
        self._typed = ""
        self._sorted_by: DeviceColumn | None = None
        self._is_descending = False

    @property
    def all_rows(self) -> tuple[DeviceRow, ...]:
        """All devices, whether shown or filtered away."""
        return self._all

    def set_rows(self, rows: Iterable[DeviceRow]) -> None:
        """Show another state."""
        self._all = tuple(rows)
        self._arrange()

    def set_filter(self, typed: str) -> None:
        """Show only rows that what was typed finds."""
        self._typed = typed
        self._arrange()

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """Return a column's heading, which stands above what it is of."""
        is_aligned = orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole
        if is_aligned and self.columns[section].is_right:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return super().headerData(section, orientation, role)

    def data(self, index: _Index, role: int = 0) -> Any:
        """Return what a cell shows."""
        if not index.isValid():
            return None
        row, column = self.row_at(index.row()), self.columns[index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return column.text(row)
            case Qt.ItemDataRole.AccessibleTextRole:
                spoken = f", {LAMP_WORDS[row.lamp]}" if index.column() == 0 else ""
                return f"{column.text(row)}{spoken}"
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(column.cell_tip(row) if column.cell_tip else column.text(row))
        if role == ROW_ROLE:
            return row
        return column if role == COLUMN_ROLE else None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; -1: the worst first."""
        self._sorted_by = self.columns[column] if column >= 0 else None
        self._is_descending = order is Qt.SortOrder.DescendingOrder
        self._arrange()

    def _arrange(self) -> None:
        wanted: Sequence[DeviceRow] = matching(self._all, self._typed) if self._typed.strip() else self._all
        wanted = sorted(wanted, key=lambda row: row.badness)
        if self._sorted_by is not None:
            # Python's sort is stable: equal cells stay in the order of what is worst.
            wanted.sort(key=self._sorted_by.rank, reverse=self._is_descending)
        self.show_rows(wanted)
