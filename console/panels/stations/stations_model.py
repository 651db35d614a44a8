"""Stations as a table model: a handful, that of this computer first."""

from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt

from console.panels.stations.station_rows import StationRow
from console.panels.stations.station_words import (
    clock_sentence,
    clock_words,
    devices_words,
    seen_words,
    spool_sentence,
    spool_words,
    state_sentence,
    state_words,
)
from console.panels.wording import SEVERITY_WORDS, moment_from_unix
from console.widgets.keyed_table_model import KeyedTableModel
from console.widgets.number_text import NO_VALUE
from console.widgets.plain_text import plain_tip

ROW_ROLE = Qt.ItemDataRole.UserRole + 1
"""Role under which a cell gives its StationRow."""

_Index = QModelIndex | QPersistentModelIndex


class Column(IntEnum):
    """Columns, left to right."""

    NAME = 0
    STATE = 1
    DEVICES = 2
    CLOCK = 3
    SPOOL = 4
    SEEN = 5
    VERSION = 6


HEADINGS = ("Station", "State", "Answering", "Clock", "Waiting on disk", "Sign of life", "Version")
TIPS = {
    Column.DEVICES: "How many of the devices that it polls answer.",
    Column.CLOCK: "This station's clock against the database's.",
    Column.SPOOL: "Readings kept on the station's disk until the database takes them, and for how long there "
    "is room at the present pace.",
    Column.SEEN: "When the station was last heard of.",
}


class StationsModel(KeyedTableModel[StationRow]):
    """One row a station."""

    def __init__(self, now: Callable[[], float], parent: QObject | None = None) -> None:
        super().__init__(HEADINGS, lambda row: (row.id, row.name), parent, TIPS)
        self._now = now
        self._pending: Mapping[int, str] = {}

    @property
    def rows(self) -> Sequence[StationRow]:
        """All stations, top to bottom."""
        return tuple(self._rows)

    def set_pending(self, pending: Mapping[int, str]) -> None:
        """Say these words instead of a station's state, until the database shows another."""
        if pending != self._pending:
            self._pending = dict(pending)
            self.repaint_all()

    def data(self, index: _Index, role: int = 0) -> Any:
        """Return what a cell shows."""
        if not index.isValid():
            return None
        row, column = self.row_at(index.row()), Column(index.column())
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(row, column)
            case Qt.ItemDataRole.AccessibleTextRole:
                return self._spoken(row, column)
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(self._tip(row, column))
            case _ if role == ROW_ROLE:
                return row
        return None

    def _text(self, row: StationRow, column: Column) -> str:
        match column:
            case Column.NAME:
                return row.name
            case Column.STATE:
                return self._pending.get(row.id) or state_words(row, moment_from_unix(self._now()))
            case Column.DEVICES:
                return devices_words(row)
            case Column.CLOCK:
                return clock_words(row.report.clock_offset_s if row.report else None)
            case Column.SPOOL:
                return spool_words(row.report)
            case Column.SEEN:
                return seen_words(row)
            case Column.VERSION:
                return row.version or NO_VALUE

    def _spoken(self, row: StationRow, column: Column) -> str:
        if column is not Column.NAME:
            return self._text(row, column)
        here = ", this computer" if row.is_here else ""
        wrong = f", something is wrong: {SEVERITY_WORDS[row.worst].casefold()}" if row.worst else ""
        return f"{row.name}{here}{wrong}"

    def _tip(self, row: StationRow, column: Column) -> str:
        match column:
            case Column.STATE:
                return state_sentence(row) or self._text(row, column)
            case Column.CLOCK:
                return clock_sentence(row.report.clock_offset_s if row.report else None)
            case Column.SPOOL:
                return spool_sentence(row.report)
            case _:
                return self._spoken(row, column)
