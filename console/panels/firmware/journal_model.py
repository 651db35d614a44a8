"""The journal of a rollout: who or which station did what, the newest line first."""

from collections.abc import Callable
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt

from console.catalogue.rollout_words import EVENT_WORDS
from console.panels.wording import moment_from_unix, moment_text
from console.widgets.keyed_table_model import KeyedTableModel
from console.widgets.plain_text import plain_tip
from models.records.device import DeviceId
from models.records.rollout import RolloutEvent

_Index = QModelIndex | QPersistentModelIndex


class Column(IntEnum):
    """Left to right."""

    AT = 0
    WHO = 1
    DEVICE = 2
    WHAT = 3


HEADINGS = ("When", "Who", "Device", "What")
WIDTHS = (130, 140, 150, 300)


class JournalModel(KeyedTableModel[RolloutEvent]):
    """One row a line."""

    def __init__(
        self, name_of: Callable[[DeviceId], str], now: Callable[[], float], parent: QObject | None = None
    ) -> None:
        super().__init__(HEADINGS, lambda row: (row.at, row.kind, row.device, row.text), parent)
        self._name_of = name_of
        self._now = now

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows."""
        if not index.isValid():
            return None
        row, column = self.row_at(index.row()), Column(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return self._cell(row, column)
        return plain_tip(self._cell(row, column)) if role == Qt.ItemDataRole.ToolTipRole else None

    def _cell(self, row: RolloutEvent, column: Column) -> str:
        match column:
            case Column.AT:
                return moment_text(row.at, moment_from_unix(self._now()))
            case Column.WHO:
                return row.who
            case Column.DEVICE:
                return "" if row.device is None else self._name_of(row.device)
            case Column.WHAT:
                return event_words(row)


def event_words(row: RolloutEvent) -> str:
    """Return what happened: "halted: smoke in hall B"."""
    words = EVENT_WORDS.get(row.kind, row.kind)
    return f"{words}: {row.text}" if row.text else words
