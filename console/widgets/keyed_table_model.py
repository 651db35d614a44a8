"""A table model that changes row by row, so that selection and scroll position stay where they were."""

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from itertools import groupby
from typing import Any, Generic, TypeVar

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

Row = TypeVar("Row")

_Index = QModelIndex | QPersistentModelIndex

_LAYOUT = ("QList<QPersistentModelIndex>", "QAbstractItemModel::LayoutChangeHint")
"""The form of the layout's signals that takes a hint: Qt then keeps a selection by row, not by cell."""

TO_THE_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
"""How columns of figures stand, and their headings."""

MOST_RUNS = 16
"""Views do some work for every announcement. Where more stretches of rows than this come or go at once, they
come or go at the table's end in one, and the rows are put in order by a second."""


class KeyedTableModel(QAbstractTableModel, Generic[Row]):
    """Rows that are told apart by a key. Subclasses say what cells show, and call `show_rows`.

    All rows are in memory: thousands at most; what is longer is paged from the database.
    """

    def __init__(
        self,
        headings: Sequence[str],
        key_of: Callable[[Row], Hashable],
        parent: QObject | None = None,
        tips: Mapping[Any, str] | None = None,
        numbers: Collection[int] = (),
    ) -> None:
        """Store headings, what tells one row from another, and by column what a heading means.

        `numbers`: the columns whose figures stand to the right; their headings do too.
        """
        super().__init__(parent)
        self._headings = tuple(headings)
        self._tips = tips or {}
        self._numbers = numbers
        self._key_of = key_of
        self._rows: list[Row] = []
        self._keys: list[Hashable] = []
        self._places: dict[Hashable, int] | None = None

    def row_at(self, row: int) -> Row:
        """Return what a row shows."""
        return self._rows[row]

    def row_of(self, key: Hashable) -> int | None:
        """Return the row that shows a key, None where none does."""
        if self._places is None:
            self._places = {key: row for row, key in enumerate(self._keys)}
        return self._places.get(key)

    def show_rows(self, wanted: Sequence[Row]) -> None:
        """Show these rows in this order; only what differs from what is shown is announced."""
        keys = [self._key_of(row) for row in wanted]
        if keys != self._keys:
            self._remove_gone(set(keys))
            self._add_new(dict(zip(keys, wanted, strict=True)))
            self._put_in_order(keys)
        self._replace_changed(wanted)

    def repaint_all(self) -> None:
        """Announce that every cell may show something else."""
        if self._rows:
            self._announce(0, len(self._rows) - 1)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Return the rows shown."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self._headings)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return a column's heading, and what it means where there is more to say."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tips.get(section)
        if role == Qt.ItemDataRole.TextAlignmentRole and section in self._numbers:
            return TO_THE_RIGHT
        return self._headings[section] if role == Qt.ItemDataRole.DisplayRole else None

    def _remove_gone(self, wanted: set[Hashable]) -> None:
        gone = [place for place, key in enumerate(self._keys) if key not in wanted]
        runs = _runs(gone)
        if len(runs) > MOST_RUNS:
            lost = set(gone)
            stays = [place for place in range(len(self._keys)) if place not in lost]
            self._permute([*stays, *gone])
            runs = [(len(stays), len(self._keys) - 1)]
        for first, last in reversed(runs):
            self.beginRemoveRows(QModelIndex(), first, last)
            del self._rows[first : last + 1]
            del self._keys[first : last + 1]
            self._places = None
            self.endRemoveRows()

    def _add_new(self, wanted: dict[Hashable, Row]) -> None:
        """Add what is not there yet: at its place where few stretches are new, else at the end."""
        shown = set(self._keys)
        places = [place for place, key in enumerate(wanted) if key not in shown]
        runs = _runs(places)
        keys = list(wanted)
        rows = list(wanted.values())
        if len(runs) > MOST_RUNS:
            self._insert(len(self._keys), [keys[p] for p in places], [rows[p] for p in places])
            return
        for first, last in runs:
            self._insert(min(first, len(self._keys)), keys[first : last + 1], rows[first : last + 1])

    def _insert(self, at: int, keys: list[Hashable], rows: list[Row]) -> None:
        self.beginInsertRows(QModelIndex(), at, at + len(rows) - 1)
        self._rows[at:at] = rows
        self._keys[at:at] = keys
        self._places = None
        self.endInsertRows()

    def _put_in_order(self, keys: list[Hashable]) -> None:
        if keys != self._keys:
            places = {key: place for place, key in enumerate(self._keys)}
            self._permute([places[key] for key in keys])

    def _permute(self, order: list[int]) -> None:
        """Put the row that is at `order[n]` at place n."""
        hint = QAbstractItemModel.LayoutChangeHint.VerticalSortHint
        self.layoutAboutToBeChanged[_LAYOUT].emit([], hint)  # pyright: ignore[reportIndexIssue]
        target = {old: new for new, old in enumerate(order)}
        before = self.persistentIndexList()
        after = [self.index(target[index.row()], index.column()) for index in before]
        self._rows = [self._rows[place] for place in order]
        self._keys = [self._keys[place] for place in order]
        self._places = None
        self.changePersistentIndexList(before, after)
        self.layoutChanged[_LAYOUT].emit([], hint)  # pyright: ignore[reportIndexIssue]

    def _replace_changed(self, wanted: Sequence[Row]) -> None:
        # Rows that are the very same object cost nothing to compare; whoever has thousands keeps them.
        rows = self._rows
        changed = [place for place, row in enumerate(wanted) if rows[place] is not row and rows[place] != row]
        if not changed:
            return
        for place in changed:
            rows[place] = wanted[place]
        runs = _runs(changed)
        if len(runs) > MOST_RUNS:
            runs = [(changed[0], changed[-1])]
        for first, last in runs:
            self._announce(first, last)

    def _announce(self, first: int, last: int) -> None:
        self.dataChanged.emit(self.index(first, 0), self.index(last, len(self._headings) - 1), [])


def _runs(places: Sequence[int]) -> list[tuple[int, int]]:
    """Return first and last of each stretch of neighbours in ascending numbers."""
    runs: list[tuple[int, int]] = []
    for _, group in groupby(enumerate(places), lambda pair: pair[1] - pair[0]):
        members = [place for _, place in group]
        runs.append((members[0], members[-1]))
    return runs
