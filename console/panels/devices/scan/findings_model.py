"""What a scan found, as a list in the order of units and registers."""

from collections.abc import Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt

from console.panels.devices.health.health_words import ms_text
from console.panels.devices.scan.scan_words import place_words, what_words
from console.widgets.keyed_table_model import KeyedTableModel
from drivers.workbench import ScanFinding

_Index = QModelIndex | QPersistentModelIndex


class Column(IntEnum):
    """Columns, left to right."""

    PLACE = 0
    TOOK = 1
    WHAT = 2


_HEADINGS = ("Found", "Answered in", "What it says")
WIDTHS = (200, 110, 360)


class FindingsModel(KeyedTableModel[ScanFinding]):
    """One row a unit or range."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(_HEADINGS, lambda each: (each.kind, each.unit, each.start), parent)

    @property
    def findings(self) -> Sequence[ScanFinding]:
        """All that was found, top to bottom."""
        return tuple(self._rows)

    def add(self, finding: ScanFinding) -> None:
        """Add one at its place."""
        rest = [each for each in self._rows if self._key_of(each) != self._key_of(finding)]
        self.show_rows(sorted((*rest, finding), key=lambda each: (each.unit, each.start)))

    def clear(self) -> None:
        """Begin anew."""
        self.show_rows([])

    def data(self, index: _Index, role: int = 0) -> Any:
        """Return what a cell shows."""
        if not index.isValid() or role not in (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.AccessibleTextRole,
        ):
            return None
        finding = self.row_at(index.row())
        match Column(index.column()):
            case Column.PLACE:
                return place_words(finding)
            case Column.TOOK:
                return ms_text(finding.took_ms) if finding.took_ms else ""
            case Column.WHAT:
                return what_words(finding)
