"""The stations as a table model."""

from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt

from console.panels.wording import moment_from_unix, moment_text
from console.widgets.keyed_table_model import KeyedTableModel
from console.widgets.number_text import NO_VALUE
from console.widgets.plain_text import plain_tip
from console.widgets.stale_hatching import age_text
from models.records.account import StationAccount

_Index = QModelIndex | QPersistentModelIndex


class Column(IntEnum):
    """Columns, left to right."""

    NAME = 0
    STATE = 1
    LAST_SEEN = 2
    VERSION = 3
    ADDED = 4


HEADINGS = ("Name", "State", "Last sign of life", "Version", "Added")


class StationsModel(KeyedTableModel[StationAccount]):
    """One row a station, by name: they are a handful."""

    def __init__(self, now: Callable[[], float], parent: QObject | None = None) -> None:
        super().__init__(HEADINGS, lambda station: station.id, parent)
        self._now = now
        self._pending: dict[int, str] = {}

    @property
    def pending(self) -> frozenset[int]:
        """Stations for which a change of this window has not been confirmed."""
        return frozenset(self._pending)

    def set_stations(self, stations: Sequence[StationAccount]) -> None:
        """Show another state of the list."""
        self.show_rows(stations)

    def set_pending(self, station: int, words: str) -> None:
        """Say `words` instead of a station's state; empty ends it."""
        self._pending.pop(station, None)
        if words:
            self._pending[station] = words
        self.repaint_all()

    def data(self, index: _Index, role: int = 0) -> Any:
        """Return what a cell shows."""
        if not index.isValid():
            return None
        station = self.row_at(index.row())
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return self._text(station, Column(index.column()))
            case Qt.ItemDataRole.ToolTipRole if index.column() == Column.NAME:
                return plain_tip(station.name)
        return None

    def _text(self, station: StationAccount, column: Column) -> str:
        now = moment_from_unix(self._now())
        match column:
            case Column.NAME:
                return station.name
            case Column.STATE:
                return self._pending.get(station.id) or ("Enabled" if station.is_enabled else "Disabled")
            case Column.LAST_SEEN:
                if station.last_seen_at is None:
                    return "never"
                # Clocks of two computers differ by a little: nothing is seen in the future.
                return f"{age_text(max(0.0, (now - station.last_seen_at).total_seconds()))} ago"
            case Column.VERSION:
                return station.version or NO_VALUE
            case Column.ADDED:
                return moment_text(station.created_at, now)
