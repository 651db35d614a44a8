"""The site's signals as a table."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt

from console.panels.devices.signals.typed_signal import range_text, states_text
from console.widgets.keyed_table_model import TO_THE_RIGHT, KeyedTableModel
from console.widgets.plain_text import plain_tip
from models.quantities import Quantities
from models.records.device import Device
from models.records.signal import Signal

_Index = QModelIndex | QPersistentModelIndex
_NONE = "–"


class Column(IntEnum):
    """Columns, left to right."""

    LABEL = 0
    KEY = 1
    UNIT = 2
    DECIMALS = 3
    PLAUSIBLE = 4
    SPAN = 5
    STATES = 6
    DEVICES = 7
    BY = 8


HEADINGS = {
    Column.LABEL: "Signal",
    Column.KEY: "Key",
    Column.UNIT: "Unit",
    Column.DECIMALS: "Decimals",
    Column.PLAUSIBLE: "Believed",
    Column.SPAN: "Bars show",
    Column.STATES: "Names of values",
    Column.DEVICES: "Devices",
    Column.BY: "Added by",
}
TIPS = {
    Column.KEY: "The word in tags, limits and files",
    Column.PLAUSIBLE: "Values outside are a sensor's mistake",
    Column.SPAN: "The range of bars and of charts without values",
    Column.DEVICES: "How many devices have a tag for it",
}
WIDTHS = (160, 130, 64, 84, 140, 110, 266, 76, 90)
_NUMBERS = (Column.DECIMALS, Column.DEVICES)
_BLANK = "\N{EN SPACE}"


@dataclass(frozen=True, slots=True)
class SignalRow:
    """One signal.

    Attributes:
        devices: Names of the devices that have a tag for it.
        by: Who added it, as far as it is known.
    """

    signal: Signal
    devices: tuple[str, ...]
    by: str


def rows_of(quantities: Quantities, devices: Iterable[Device], people: Mapping[int, str]) -> list[SignalRow]:
    """Return a row for each signal, by label."""
    users: dict[str, list[str]] = {}
    for device in devices:
        for key in dict.fromkeys(tag.metric for tag in device.tags):
            users.setdefault(key, []).append(device.name)
    return [
        SignalRow(signal, tuple(users.get(signal.key, ())), people.get(signal.user_id or 0, "") or _NONE)
        for signal in quantities.signals
    ]


def cell_text(row: SignalRow, column: Column) -> str:
    """Return what a cell says."""
    signal = row.signal
    match column:
        case Column.LABEL:
            return signal.label
        case Column.KEY:
            return signal.key
        case Column.UNIT:
            return signal.unit or _NONE
        case Column.DECIMALS:
            return str(signal.decimals)
        case Column.PLAUSIBLE:
            return range_text(signal.plausible)
        case Column.SPAN:
            # Of named values there is no bar.
            return _NONE if signal.states else range_text(signal.span)
        case Column.STATES:
            return states_text(signal) or _NONE
        case Column.DEVICES:
            return f"{len(row.devices):,}"
        case Column.BY:
            return row.by


class SignalsModel(KeyedTableModel[SignalRow]):
    """By label; narrowed to what is searched for."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(
            [HEADINGS[column] for column in Column], lambda row: row.signal.id, parent, TIPS, _NUMBERS
        )
        self._all: tuple[SignalRow, ...] = ()
        self._words: list[str] = []

    @property
    def all_rows(self) -> tuple[SignalRow, ...]:
        """Every signal, shown or not."""
        return self._all

    def set_rows(self, rows: Iterable[SignalRow]) -> None:
        """Show another state."""
        self._all = tuple(rows)
        self._arrange()

    def search(self, typed: str) -> None:
        """Show the signals in which every one of these words occurs."""
        self._words = typed.casefold().split()
        self._arrange()

    def data(self, index: _Index, role: int = 0) -> Any:
        """Return what a cell shows."""
        if not index.isValid():
            return None
        row, column = self.row_at(index.row()), Column(index.column())
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                # A blank behind numbers, which stand at the right: the next column begins there.
                return cell_text(row, column) + (_BLANK if column in _NUMBERS else "")
            case Qt.ItemDataRole.TextAlignmentRole if column in _NUMBERS:
                return TO_THE_RIGHT
            case Qt.ItemDataRole.ToolTipRole if column is Column.DEVICES and row.devices:
                return plain_tip("\n".join(row.devices[:20]))
            case Qt.ItemDataRole.ToolTipRole if column in (Column.LABEL, Column.KEY, Column.STATES):
                return plain_tip(cell_text(row, column))
        return None

    def _arrange(self) -> None:
        self.show_rows([row for row in self._all if all(word in _said(row) for word in self._words)])


def _said(row: SignalRow) -> str:
    return " ".join(cell_text(row, column) for column in Column).casefold()
