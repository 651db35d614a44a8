"""The devices of one wave as a list: a line above each group, and what is done folded to a count."""

from collections.abc import Hashable
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from console.panels.firmware.wave_rows import DeviceRow, Group, HeadRow, Row, WaveColumn
from console.widgets.plain_text import plain_tip

ROW_ROLE = Qt.ItemDataRole.UserRole + 1

_Index = QModelIndex | QPersistentModelIndex


class WaveModel(QAbstractListModel):
    """Follows a wave; groups that somebody opened stay open."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []
        self._column: WaveColumn | None = None
        self._opened: frozenset[Group] = frozenset()

    def show_column(self, column: WaveColumn) -> bool:
        """Show another state of the wave; tell whether lines came, went or moved."""
        self._column = column
        rows = column.rows(self._opened)
        if [key_of(row) for row in rows] != [key_of(row) for row in self._rows]:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()
            return True
        changed = [place for place, row in enumerate(rows) if row != self._rows[place]]
        self._rows = rows
        if changed:
            self.dataChanged.emit(self.index(changed[0]), self.index(changed[-1]), [])
        return False

    def turn(self, group: Group) -> bool:
        """Fold or unfold a group; tell whether lines came or went."""
        self._opened ^= {group}
        return self._column is not None and self.show_column(self._column)

    def row_at(self, row: int) -> Row:
        """Return what a line shows."""
        return self._rows[row]

    def place_of(self, key: Hashable) -> int | None:
        """Return the line of a key, None where it is not shown."""
        return next((place for place, row in enumerate(self._rows) if key_of(row) == key), None)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Return how many lines there are."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a line shows or says."""
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return _spoken(row)
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(_tip(row))
            case _ if role == ROW_ROLE:
                return row
        return None


def key_of(row: Row) -> Hashable:
    """Return what tells one line from another."""
    return (row.group, row.device) if isinstance(row, DeviceRow) else (row.group, row.is_open)


def head_words(row: HeadRow) -> str:
    """Return the line above a group: "Failed: 2"."""
    return f"{row.group}: {row.count:,}"


def _spoken(row: Row) -> str:
    if isinstance(row, DeviceRow):
        return f"{row.name}, {row.words or row.group.lower()}"
    fold = (", Enter folds them" if row.is_open else ", Enter shows them") if row.can_fold else ""
    return head_words(row) + fold


def _tip(row: Row) -> str:
    return f"{row.name}: {row.words}".rstrip(": ") if isinstance(row, DeviceRow) else _spoken(row)
