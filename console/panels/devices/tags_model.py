"""The tags of one device as an editable table: what was typed, what is wrong with it, what it reads now."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QFont

from console.panels.devices.tag_cells import TagRow, copied, next_free, row_from_tag, tags_of
from console.panels.wording import value_text
from console.widgets.fonts import text_font
from console.widgets.plain_text import plain_tip
from drivers.questions import PreviewValue
from models.quantities import THE_SIX, Quantities
from models.records.device import Tag

_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()

FAULT_ROLE = Qt.ItemDataRole.UserRole + 1
"""Role under which a cell says what is wrong with it."""


class Column(IntEnum):
    """Columns, left to right."""

    QUANTITY = 0
    ADDRESS = 1
    SCALE = 2
    OFFSET = 3
    WRITABLE = 4
    LIVE = 5


HEADINGS = ("Quantity", "Address", "Scale", "Offset", "Write", "Reads now")
TIPS = {
    Column.QUANTITY: "What this address measures.",
    Column.SCALE: "Value = raw × scale + offset. With a comma or a point.",
    Column.OFFSET: "Value = raw × scale + offset, in the quantity's unit.",
    Column.WRITABLE: "Whether an engineer may write it from here.",
    Column.LIVE: "What the device answers at this moment with what is typed here, saved or not.",
}
_PLACES = {
    Column.QUANTITY: "metric",
    Column.ADDRESS: "address",
    Column.SCALE: "scale",
    Column.OFFSET: "offset",
}


class TagsModel(QAbstractTableModel):
    """Rows in the order of the device's tags.

    Attributes:
        edited: A person changed something.
    """

    edited = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[TagRow] = []
        self._stored: tuple[Tag, ...] = ()
        self._faults: Mapping[str, str] = {}
        self._live: Mapping[str, PreviewValue] = {}
        self._quantities = THE_SIX
        self._may_change = True
        self._number = 0

    @property
    def rows(self) -> Sequence[TagRow]:
        """All rows, top to bottom."""
        return tuple(self._rows)

    @property
    def tags(self) -> tuple[Tag, ...]:
        """What is meant."""
        return tags_of(self._rows, self._stored)

    @property
    def quantities(self) -> Quantities:
        """What can be measured here."""
        return self._quantities

    def show_tags(
        self, tags: Sequence[Tag], stored: Sequence[Tag], quantities: Quantities, *, may_change: bool
    ) -> None:
        """Show these; `edited` is not emitted."""
        self.beginResetModel()
        self._rows = [row_from_tag(number, tag) for number, tag in enumerate(tags)]
        self._number = len(self._rows)
        self._stored, self._quantities, self._may_change = tuple(stored), quantities, may_change
        self._faults, self._live = {}, {}
        self.endResetModel()

    def set_quantities(self, quantities: Quantities) -> None:
        """Know what can be measured here now: a signal may have come, or another name."""
        if quantities != self._quantities:
            self._quantities = quantities
            self._announce_all()

    def show_faults(self, faults: Mapping[str, str]) -> None:
        """Show what is wrong, by place ("tags[0].address")."""
        if faults != self._faults:
            self._faults = dict(faults)
            self._announce_all()

    def show_live(self, values: Mapping[str, PreviewValue]) -> None:
        """Show what was read, by address."""
        if values != self._live:
            self._live = dict(values)
            if self._rows:
                last = self.index(len(self._rows) - 1, Column.LIVE)
                self.dataChanged.emit(self.index(0, Column.LIVE), last, [])

    def better_addresses(self) -> dict[int, str]:
        """Return by place the addresses that mean what rows meant, where the driver knows better ones."""
        found = {place: self._live.get(row.address.strip()) for place, row in enumerate(self._rows)}
        return {place: read.better_address for place, read in found.items() if read and read.better_address}

    def use_better(self, places: Sequence[int]) -> None:
        """Write better addresses into these rows, where there are some."""
        better = self.better_addresses()
        chosen = [place for place in places if place in better]
        for place in chosen:
            self._rows[place] = replace(self._rows[place], address=better[place])
        if chosen:
            self._announce_all()
            self.edited.emit()

    def faults_of(self, row: int) -> list[str]:
        """Return everything that is wrong with a row."""
        own = self._rows[row].faults
        return [*own.values(), *(text for place, text in self._faults.items() if _is_of(place, row))]

    def own_faults(self) -> dict[str, str]:
        """Return what cannot be read as a number, by place."""
        return {
            f"tags[{number}].{field}": text
            for number, row in enumerate(self._rows)
            for field, text in row.faults.items()
        }

    def add(self, rows: Sequence[TagRow]) -> int:
        """Put rows below the others; returns the place of the first."""
        first = len(self._rows)
        if rows:
            self.beginInsertRows(_NOWHERE, first, first + len(rows) - 1)
            for row in rows:
                self._rows.append(replace(row, number=self._number))
                self._number += 1
            self.endInsertRows()
            self.edited.emit()
        return first

    def put(self, rows: Sequence[TagRow]) -> int:
        """Put rows in the place of those for the same quantities, others below; returns the first one's."""
        places = {row.metric: place for place, row in enumerate(self._rows)}
        there = [row for row in rows if row.metric in places]
        for row in there:
            place = places[row.metric]
            before = self._rows[place]
            self._rows[place] = replace(row, number=before.number, is_writable=before.is_writable)
        if there:
            self._announce_all()
            self.edited.emit()
        added = self.add([row for row in rows if row.metric not in places])
        return places.get(rows[0].metric, added) if rows else added

    def add_new(self) -> int:
        """Put an empty row below the others, for the next quantity that is free; returns its place."""
        return self.add([TagRow(0, next_free(self._rows, self._quantities))])

    def duplicate(self, places: Sequence[int]) -> int:
        """Copy rows, each for a quantity that is free; returns the place of the first copy."""
        copies: list[TagRow] = []
        for place in places:
            metric = next_free([*self._rows, *copies], self._quantities)
            copies.append(copied(self._rows[place], 0, metric))
        return self.add(copies)

    def remove(self, places: Sequence[int]) -> None:
        """Take rows away."""
        for place in sorted(set(places), reverse=True):
            self.beginRemoveRows(_NOWHERE, place, place)
            del self._rows[place]
            self.endRemoveRows()
        if places:
            self.edited.emit()

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        """Return the rows shown."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(Column)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """Return a column's heading, and what it means."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.ToolTipRole:
            return TIPS.get(Column(section))
        return HEADINGS[section] if role == Qt.ItemDataRole.DisplayRole else None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Everything but what is read can be changed by whoever may."""
        flags = super().flags(index)
        column = Column(index.column())
        if not self._may_change or column is Column.LIVE:
            return flags
        if column is Column.WRITABLE:
            return flags | Qt.ItemFlag.ItemIsUserCheckable
        return flags | Qt.ItemFlag.ItemIsEditable

    def data(self, index: _Index, role: int = 0) -> Any:
        """Return what a cell shows, or edits."""
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], Column(index.column())
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(row, column)
            case Qt.ItemDataRole.EditRole:
                return row.metric if column is Column.QUANTITY else self._text(row, column)
            case Qt.ItemDataRole.CheckStateRole if column is Column.WRITABLE:
                return Qt.CheckState.Checked if row.is_writable else Qt.CheckState.Unchecked
            case Qt.ItemDataRole.AccessibleTextRole:
                words = ("writable" if row.is_writable else "read only") if column is Column.WRITABLE else ""
                fault = self._fault(index.row(), column)
                return f"{words or self._text(row, column)}{f', {fault}' if fault else ''}"
            case Qt.ItemDataRole.ToolTipRole:
                tip = self._fault(index.row(), column) or self._live_tip(row, column)
                return plain_tip(tip or self._text(row, column))
            case Qt.ItemDataRole.FontRole if self._is_changed(row):
                return text_font(weight=QFont.Weight.DemiBold)
        return self._fault(index.row(), column) if role == FAULT_ROLE else None

    def setData(self, index: _Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Take what was typed, whether or not it makes sense."""
        row, column = self._rows[index.row()], Column(index.column())
        if column is Column.WRITABLE and role == Qt.ItemDataRole.CheckStateRole:
            changed = replace(row, is_writable=Qt.CheckState(value) is Qt.CheckState.Checked)
        elif column in _PLACES and role == Qt.ItemDataRole.EditRole:
            changed = replace(row, **{_PLACES[column]: str(value).strip()})
        else:
            return False
        if changed != row:
            self._rows[index.row()] = changed
            self._announce_all()
            self.edited.emit()
        return True

    def _text(self, row: TagRow, column: Column) -> str:
        match column:
            case Column.QUANTITY:
                found = self._quantities.find(row.metric)
                return found.label if found else row.metric or "choose…"
            case Column.ADDRESS:
                return row.address
            case Column.SCALE:
                return row.scale
            case Column.OFFSET:
                return row.offset
            case Column.LIVE:
                return self._live_text(row)
        return ""

    def _live_text(self, row: TagRow) -> str:
        read = self._live.get(row.address.strip())
        if read is None:
            return ""
        if read.value is None or read.raw is None:
            return f"? {read.detail or read.quality}"
        quantity = self._quantities.find(row.metric)
        # With what is typed now: the answer may be of the scale before.
        value = float(read.raw) * row.tag.scale + row.tag.offset
        text = value_text(quantity, value) if quantity else f"{value:g}"
        doubt = "" if read.quality == "good" else f" ({read.quality})"
        raw = f"   raw {_raw_text(read.raw)}" if (row.tag.scale, row.tag.offset) != (1.0, 0.0) else ""
        return f"{text}{doubt}{raw}"

    def _live_tip(self, row: TagRow, column: Column) -> str:
        read = self._live.get(row.address.strip()) if column is Column.LIVE else None
        if read is None:
            return ""
        raw = "nothing usable" if read.raw is None else f"raw {_raw_text(read.raw)}"
        return f"{raw}, quality {read.quality}" + (f": {read.detail}" if read.detail else "")

    def _fault(self, row: int, column: Column) -> str:
        place = _PLACES.get(column, "")
        return self._rows[row].faults.get(place) or self._faults.get(f"tags[{row}].{place}", "")

    def _is_changed(self, row: TagRow) -> bool:
        return bool(self._stored) and row.tag not in self._stored

    def _announce_all(self) -> None:
        if self._rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._rows) - 1, len(Column) - 1), [])


def _is_of(place: str, row: int) -> bool:
    return place.startswith(f"tags[{row}].")


def _raw_text(raw: float) -> str:
    if isinstance(raw, bool):
        return "on" if raw else "off"
    return f"{raw:.9g}" if isinstance(raw, float) else str(raw)
