"""Devices with their station as a table model: a thousand, all in memory, changed row by row."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt

from console.panels.stations.device_rows import (
    HEADINGS,
    TIPS,
    Column,
    DeviceRow,
    cell_text,
    matching,
    sort_key,
)
from console.panels.wording import moment_from_unix
from console.widgets.keyed_table_model import KeyedTableModel
from console.widgets.plain_text import plain_tip
from models.records.device import DeviceId

_Index = QModelIndex | QPersistentModelIndex


class DevicesModel(KeyedTableModel[DeviceRow]):
    """Rows sorted and filtered here."""

    def __init__(self, now: Callable[[], float], parent: QObject | None = None) -> None:
        super().__init__(HEADINGS, lambda row: row.id, parent, TIPS)
        self._now = now
        self._all: tuple[DeviceRow, ...] = ()
        self._typed = ""
        self._column: Column | None = None
        self._is_descending = False
        self._pending: Mapping[DeviceId, str] = {}

    @property
    def rows(self) -> tuple[DeviceRow, ...]:
        """All devices, whether shown or filtered away."""
        return self._all

    def set_rows(self, rows: Iterable[DeviceRow]) -> None:
        """Show another state; rows come as people count."""
        self._all = tuple(rows)
        self._arrange()

    def set_filter(self, typed: str) -> None:
        """Show only rows that what was typed finds."""
        self._typed = typed
        self._arrange()

    def set_pending(self, pending: Mapping[DeviceId, str]) -> None:
        """Say these words instead of a device's station, until the database shows another."""
        if pending != self._pending:
            self._pending = dict(pending)
            self.repaint_all()

    def data(self, index: _Index, role: int = 0) -> Any:
        """Return what a cell shows."""
        if not index.isValid():
            return None
        row, column = self.row_at(index.row()), Column(index.column())
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return self._text(row, column)
            case Qt.ItemDataRole.ToolTipRole if column is not Column.SINCE:
                return plain_tip(self._text(row, column))
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; -1 by name, as people count."""
        self._column = Column(column) if column >= 0 else None
        self._is_descending = order is Qt.SortOrder.DescendingOrder
        self._arrange()

    def _text(self, row: DeviceRow, column: Column) -> str:
        pending = self._pending.get(row.id) if column is Column.STATION else None
        return pending or cell_text(row, column, moment_from_unix(self._now()))

    def _arrange(self) -> None:
        wanted: Sequence[DeviceRow] = matching(self._all, self._typed) if self._typed else self._all
        if self._column is not None:
            # Python's sort is stable: equal cells stay in the order of names.
            wanted = sorted(wanted, key=sort_key(self._column), reverse=self._is_descending)
        self.show_rows(wanted)
