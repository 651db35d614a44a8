"""What fits the display, as a list: the likeliest first."""

from collections.abc import Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt

from console.panels.devices.bench.grid_columns import ORDER_WORDS, value_words
from console.panels.devices.bench.looks import MOST_SHOWN
from console.widgets.keyed_table_model import KeyedTableModel
from drivers.display_match import Closeness, Match

_Index = QModelIndex | QPersistentModelIndex


class Column(IntEnum):
    """Columns, left to right."""

    PLACE = 0
    TYPE = 1
    ORDER = 2
    READS = 3
    SCALE = 4
    FITS = 5


_HEADINGS = ("Register", "Type", "Order", "Reads", "Scale", "Fits")
WIDTHS = (110, 84, 190, 130, 84, 90)


class MatchModel(KeyedTableModel[Match]):
    """One row a decoding that fits."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(_HEADINGS, lambda match: match.decoding.address, parent)

    def show_matches(self, matches: Sequence[Match]) -> None:
        """Show the likeliest of these."""
        self.show_rows(list(matches[:MOST_SHOWN]))

    def data(self, index: _Index, role: int = 0) -> Any:
        """Return what a cell shows."""
        if not index.isValid() or role not in (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.AccessibleTextRole,
        ):
            return None
        match_, decoding = self.row_at(index.row()), self.row_at(index.row()).decoding
        match Column(index.column()):
            case Column.PLACE:
                last = decoding.start + decoding.registers - 1
                return str(decoding.start) if last == decoding.start else f"{decoding.start}–{last}"
            case Column.TYPE:
                return decoding.type
            case Column.ORDER:
                order = decoding.order
                return f"{order}, {ORDER_WORDS[order]}" if order else "one register"
            case Column.READS:
                return value_words(decoding.value)
            case Column.SCALE:
                return f"× {match_.scale:g}"
            case Column.FITS:
                return "exactly" if match_.closeness is Closeness.EXACT else "nearly"
