"""The list of handovers: shifts that can be drafted now, then those that are kept, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from enum import IntEnum

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt

from console.widgets.keyed_table_model import KeyedTableModel
from console.widgets.plain_text import plain_tip
from models.records.handover import Handover, HandoverState, ShiftSpan
from models.records.shelf import AlarmSettings
from models.shift_plan import shift_at, shift_before

_Index = QModelIndex | QPersistentModelIndex
_HEADINGS = ("Shift", "Begins", "State", "From → to")
_STATES = {
    HandoverState.DRAFT: "Draft",
    HandoverState.WAITING: "Signed by one",
    HandoverState.SIGNED: "Signed by both",
}


class Column(IntEnum):
    """Left to right."""

    SHIFT = 0
    BEGINS = 1
    STATE = 2
    PERSONS = 3


@dataclass(frozen=True, slots=True)
class HandoverRow:
    """A shift that can be drafted, or a handover that is kept."""

    shift: ShiftSpan
    kept: Handover | None = None

    @property
    def key(self) -> object:
        """What tells rows apart."""
        return self.shift.began_at if self.kept is None else self.kept.id


def rows_of(
    kept: Sequence[Handover], settings: AlarmSettings, now: datetime, person_id: int
) -> list[HandoverRow]:
    """Return the shift under way and the one before it, unless written by this person; then what is kept."""
    current = shift_at(settings, now)
    mine = {one.shift.began_at for one in kept if one.written_by_id == person_id}
    fresh = [
        HandoverRow(span) for span in (current, shift_before(settings, current)) if span.began_at not in mine
    ]
    return [*fresh, *(HandoverRow(one.shift, one) for one in kept)]


class HandoverModel(KeyedTableModel[HandoverRow]):
    """One row a handover."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(_HEADINGS, lambda row: row.key, parent)
        self.zone: tzinfo = UTC

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return what a cell shows."""
        words = cell(self.row_at(index.row()), Column(index.column()), self.zone)
        if role == Qt.ItemDataRole.DisplayRole:
            return words
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(words)
        return None


def cell(row: HandoverRow, column: Column, zone: tzinfo) -> str:
    """Return what a cell shows."""
    kept = row.kept
    match column:
        case Column.SHIFT:
            return row.shift.name
        case Column.BEGINS:
            local = row.shift.began_at.astimezone(zone)
            return f"{local.day} {local:%b %H:%M}"
        case Column.STATE:
            return "Not written yet" if kept is None else _STATES[kept.state]
        case Column.PERSONS:
            if kept is None:
                return ""
            incoming = f" → {kept.incoming.name}" if kept.incoming else ""
            return f"{kept.outgoing.name if kept.outgoing else kept.written_by}{incoming}"
