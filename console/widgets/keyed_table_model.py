"""A table model that changes row by row, so that selection and scroll position stay where they were."""

from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex

Row = TypeVar("Row")

_Index = QModelIndex | QPersistentModelIndex


class KeyedTableModel(QAbstractTableModel, Generic[Row]):
    """Rows that are told apart by a key. Subclasses say what cells show, and call `show_rows`.

    For tens or hundreds of rows, all in memory; what is longer is paged from the database.
    """

    def __init__(
        self, columns: int, key_of: Callable[[Row], Hashable], parent: QObject | None = None
    ) -> None:
        """Store the number of columns, and what tells one row from another."""
        super().__init__(parent)
        self._column_count = columns
        self._key_of = key_of
        self._rows: list[Row] = []

    def row_at(self, row: int) -> Row:
        """Return what a row shows."""
        return self._rows[row]

    def row_of(self, key: Hashable) -> int | None:
        """Return the row that shows a key, None where none does."""
        return next((row for row, shown in enumerate(self._rows) if self._key_of(shown) == key), None)

    def show_rows(self, wanted: Sequence[Row]) -> None:
        """Show these rows in this order; only what differs from what is shown is announced."""
        self._remove_gone({self._key_of(row) for row in wanted})
        self._insert_new(wanted)
        self._reorder(wanted)
        self._replace_changed(wanted)

    def repaint_all(self) -> None:
        """Announce that every cell may show something else."""
        if self._rows:
            self.dataChanged.emit(
                self.index(0, 0), self.index(len(self._rows) - 1, self._column_count - 1), []
            )

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Return the rows shown."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Return the number of columns."""
        return 0 if parent.isValid() else self._column_count

    def _remove_gone(self, wanted: set[Hashable]) -> None:
        for row in range(len(self._rows) - 1, -1, -1):
            if self._key_of(self._rows[row]) not in wanted:
                self.beginRemoveRows(QModelIndex(), row, row)
                del self._rows[row]
                self.endRemoveRows()

    def _insert_new(self, wanted: Sequence[Row]) -> None:
        if wanted and not self._rows:
            # A flood, or the first fill: one announcement instead of hundreds.
            self.beginInsertRows(QModelIndex(), 0, len(wanted) - 1)
            self._rows = list(wanted)
            self.endInsertRows()
            return
        shown = {self._key_of(row) for row in self._rows}
        for place, row in enumerate(wanted):
            if self._key_of(row) not in shown:
                at = min(place, len(self._rows))
                self.beginInsertRows(QModelIndex(), at, at)
                self._rows.insert(at, row)
                self.endInsertRows()

    def _reorder(self, wanted: Sequence[Row]) -> None:
        order = [self._key_of(row) for row in wanted]
        if [self._key_of(row) for row in self._rows] == order:
            return
        self.layoutAboutToBeChanged.emit()
        target = {key: place for place, key in enumerate(order)}
        before = self.persistentIndexList()
        after = [
            self.index(target[self._key_of(self._rows[index.row()])], index.column()) for index in before
        ]
        self._rows.sort(key=lambda row: target[self._key_of(row)])
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def _replace_changed(self, wanted: Sequence[Row]) -> None:
        for place, row in enumerate(wanted):
            if self._rows[place] != row:
                self._rows[place] = row
                self.dataChanged.emit(self.index(place, 0), self.index(place, self._column_count - 1), [])
