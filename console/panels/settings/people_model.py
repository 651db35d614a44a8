"""The persons as a table model: sorted and filtered here, because they are tens or hundreds."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt

from console.panels.settings.person_rows import (
    HEADINGS,
    Column,
    by_name,
    cell_text,
    email_text,
    filtered,
    sort_key,
)
from console.panels.wording import moment_from_unix
from console.widgets.keyed_table_model import KeyedTableModel
from console.widgets.plain_text import plain_tip
from models.records.account import Account

_Index = QModelIndex | QPersistentModelIndex
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class PeopleModel(KeyedTableModel[Account]):
    """One row a person. A change of this window is pending until a list read after it has come back."""

    def __init__(self, now: Callable[[], float], parent: QObject | None = None) -> None:
        super().__init__([HEADINGS[column] for column in Column], lambda account: account.id, parent)
        self._now = now
        self._all: tuple[Account, ...] = ()
        self._typed = ""
        self._key: Callable[[Account], Any] = by_name
        self._is_descending = False
        self._pending: dict[int, str] = {}

    @property
    def people(self) -> tuple[Account, ...]:
        """Everybody, whether shown or filtered away."""
        return self._all

    @property
    def pending(self) -> frozenset[int]:
        """Persons for whom a change of this window has not been confirmed."""
        return frozenset(self._pending)

    def set_people(self, people: Sequence[Account]) -> None:
        """Show another state of the list."""
        self._all = tuple(people)
        self._arrange()

    def set_filter(self, typed: str) -> None:
        """Show those in whom every typed word occurs."""
        self._typed = typed
        self._arrange()

    def set_pending(self, person: int, words: str) -> None:
        """Say `words` instead of a person's state."""
        self._pending[person] = words
        self.repaint_all()

    def drop_pending(self, person: int) -> None:
        """Say a person's state again."""
        self._pending.pop(person, None)
        self.repaint_all()

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """Return a column's heading, which stands above the numbers it is of."""
        if role == Qt.ItemDataRole.TextAlignmentRole and section == Column.DEVICES:
            return _RIGHT
        return super().headerData(section, orientation, role)

    def data(self, index: _Index, role: int = 0) -> Any:
        """Return what a cell shows."""
        if not index.isValid():
            return None
        account, column = self.row_at(index.row()), Column(index.column())
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                now = moment_from_unix(self._now())
                return cell_text(account, column, now, self._pending.get(account.id, ""))
            case Qt.ItemDataRole.ToolTipRole if column is Column.NAME:
                return plain_tip(account.name)
            case Qt.ItemDataRole.ToolTipRole if column is Column.EMAIL:
                return plain_tip(email_text(account))
            case Qt.ItemDataRole.TextAlignmentRole if column is Column.DEVICES:
                return _RIGHT
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; -1 by the table's own order."""
        self._key = by_name if column < 0 else sort_key(Column(column))
        self._is_descending = order is Qt.SortOrder.DescendingOrder
        self._arrange()

    def _arrange(self) -> None:
        wanted = filtered(self._all, self._typed)
        # Python's sort is stable: equal cells stay in the table's own order.
        wanted.sort(key=by_name)
        wanted.sort(key=self._key, reverse=self._is_descending)
        self.show_rows(wanted)
