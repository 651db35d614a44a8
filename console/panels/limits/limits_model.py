"""The thresholds as a table model: tens to thousands, all in memory, changed row by row."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt

from console.panels.limits.limit_rows import (
    HEADINGS,
    TIPS,
    Column,
    LimitFilter,
    LimitRow,
    cell_text,
    filtered,
    plant_order,
    sort_key,
)
from console.widgets.keyed_table_model import TO_THE_RIGHT, KeyedTableModel
from console.widgets.plain_text import plain_tip
from models.records.threshold import ThresholdId

ROW_ROLE = Qt.ItemDataRole.UserRole + 1
"""Role under which a cell gives its LimitRow."""

_Index = QModelIndex | QPersistentModelIndex
_BLANK = "\N{EN SPACE}"
_NUMBERS = (Column.WEEK, Column.MONTH)
_MAY_BE_CUT = (Column.DEVICE, Column.METRIC, Column.CONDITION, Column.STATE, Column.OWNER, Column.AREA)


class LimitsModel(KeyedTableModel[LimitRow]):
    """Rows sorted and filtered here."""

    def __init__(self, parent: QObject | None = None) -> None:
        headings = [HEADINGS[column] for column in Column]
        super().__init__(headings, lambda row: row.threshold.id, parent, TIPS, _NUMBERS)
        self._all: tuple[LimitRow, ...] = ()
        self._filter = LimitFilter()
        self._key: Callable[[LimitRow], Any] = plant_order
        self._is_descending = False
        self._pending: dict[ThresholdId, str] = {}

    @property
    def rows(self) -> tuple[LimitRow, ...]:
        """All thresholds, whether shown or filtered away."""
        return self._all

    @property
    def shown(self) -> tuple[LimitRow, ...]:
        """The rows shown, top to bottom."""
        return tuple(self._rows)

    def find(self, id: ThresholdId) -> LimitRow | None:
        """Return the row of a threshold, shown or not; None where there is none."""
        return next((row for row in self._all if row.threshold.id == id), None)

    def set_rows(self, rows: Sequence[LimitRow]) -> None:
        """Show another state, as the plant is laid out; what it confirms is no longer pending."""
        old = {row.threshold.id: row for row in self._all}
        # Rows that say the same stay the very same objects: comparing them costs nothing then.
        kept = [
            known if (known := old.get(row.threshold.id)) is not None and known.is_like(row) else row
            for row in rows
        ]
        if self._pending:
            settled = {row.threshold.id for row in kept if old.get(row.threshold.id) is row}
            self._pending = {id: words for id, words in self._pending.items() if id in settled}
        self._all = tuple(kept)
        self._arrange()

    def set_filter(self, narrowed: LimitFilter) -> None:
        """Narrow the rows."""
        self._filter = narrowed
        self._arrange()

    def set_pending(self, ids: Iterable[ThresholdId], words: str) -> None:
        """Say `words` instead of the state until what comes back confirms the order; empty: no longer."""
        for id in ids:
            if words:
                self._pending[id] = words
            else:
                self._pending.pop(id, None)
        self.repaint_all()

    def data(self, index: _Index, role: int = 0) -> Any:
        """Return what a cell shows."""
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], Column(index.column())
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                pending = self._pending.get(row.threshold.id) if column is Column.STATE else None
                # A blank behind numbers, which stand at the right: the next column begins there.
                return pending or cell_text(row, column) + (_BLANK if column in _NUMBERS else "")
            case Qt.ItemDataRole.ToolTipRole if column in _MAY_BE_CUT:
                return plain_tip(cell_text(row, column))
            case Qt.ItemDataRole.TextAlignmentRole if column in _NUMBERS:
                return TO_THE_RIGHT
            case _ if role == ROW_ROLE:
                return row
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; -1 as the plant is laid out."""
        self._key = plant_order if column < 0 else sort_key(Column(column))
        self._is_descending = column >= 0 and order is Qt.SortOrder.DescendingOrder
        self._arrange()

    def _arrange(self) -> None:
        wanted = list(self._all) if self._filter.is_empty else filtered(self._all, self._filter)
        # They come as the plant is laid out; Python's sort is stable, so equal cells stay like that.
        if self._key is not plant_order:
            wanted.sort(key=self._key, reverse=self._is_descending)
        self.show_rows(wanted)
