"""Rows that come from the database a page at a time: the model holds what has come, and never waits."""

from collections.abc import Sequence
from typing import Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex

PAGE = 500
"""Rows asked for at once: less than 20 ms on the worker, and half a minute of holding Page Down."""

Row = TypeVar("Row")

_Index = QModelIndex | QPersistentModelIndex


class PagedModel(QAbstractTableModel, Generic[Row]):
    """Subclasses say what cells show. A `Pager` fills it."""

    def __init__(self, columns: int, parent: QObject | None = None) -> None:
        """Store the number of columns."""
        super().__init__(parent)
        self._column_count = columns
        self._rows: list[Row] = []
        self._is_complete = False

    @property
    def last(self) -> Row | None:
        """The last row that has come; None while there is none."""
        return self._rows[-1] if self._rows else None

    @property
    def is_complete(self) -> bool:
        """Whether the database has no more."""
        return self._is_complete

    def row_at(self, row: int) -> Row:
        """Return what a row shows."""
        return self._rows[row]

    def begin_anew(self, page: Sequence[Row]) -> None:
        """Show another first page in place of everything."""
        self.beginResetModel()
        self._rows = list(page)
        self._is_complete = len(page) < PAGE
        self.endResetModel()

    def add_page(self, page: Sequence[Row]) -> None:
        """Put the next page below; fewer rows than a page means that there are no more."""
        self._is_complete = len(page) < PAGE
        if page:
            first = len(self._rows)
            self.beginInsertRows(QModelIndex(), first, first + len(page) - 1)
            self._rows.extend(page)
            self.endInsertRows()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Return the rows that have come so far."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Return the number of columns."""
        return 0 if parent.isValid() else self._column_count
