"""Versions as a table: by product, the newest first, with what their signatures are worth here."""

from collections.abc import Callable
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt

from console.panels.firmware.seals import VersionRow, seals_words
from console.panels.wording import moment_from_unix, moment_text
from console.widgets.keyed_table_model import TO_THE_RIGHT, KeyedTableModel
from console.widgets.number_text import NO_VALUE
from console.widgets.plain_text import plain_tip

_Index = QModelIndex | QPersistentModelIndex
_GAP = "  "


class Column(IntEnum):
    """Left to right."""

    PRODUCT = 0
    VERSION = 1
    STATUS = 2
    SIZE = 3
    SEQUENCE = 4
    SIGNATURES = 5
    EXPIRES = 6
    ADDED = 7


HEADINGS = ("Product", "Version", "Status", "Size", "Sequence", "Signatures", "Expires", "Added")
WIDTHS = (80, 64, 82, 72, 78, 156, 128, 120)
_NUMBERS = (Column.SIZE, Column.SEQUENCE)
_TIPS = {
    Column.SEQUENCE: "Rises with every release of a product; one older than a device has run is a step back.",
    Column.SIGNATURES: "Tried on the signed bytes with the keys that this computer trusts.",
    Column.EXPIRES: "Not installed any more from then on.",
}


class VersionsModel(KeyedTableModel[VersionRow]):
    """One row a version."""

    def __init__(self, now: Callable[[], float], parent: QObject | None = None) -> None:
        super().__init__(HEADINGS, lambda row: row.version.id, parent, _TIPS, _NUMBERS)
        self._now = now

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows."""
        if not index.isValid():
            return None
        column = Column(index.column())
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._cell(self.row_at(index.row()), column)
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(self._cell(self.row_at(index.row()), column).strip())
            case Qt.ItemDataRole.TextAlignmentRole if column in _NUMBERS:
                return TO_THE_RIGHT
        return None

    def _cell(self, row: VersionRow, column: Column) -> str:
        one = row.version
        match column:
            case Column.PRODUCT:
                return one.product or NO_VALUE
            case Column.VERSION:
                return plain_version(row)
            case Column.STATUS:
                return one.status.value
            case Column.SIZE:
                return (size_words(one.size) if one.size else NO_VALUE) + _GAP
            case Column.SEQUENCE:
                return (f"{one.sequence:,}" if one.sequence else NO_VALUE) + _GAP
            case Column.SIGNATURES:
                return seals_words(row)
            case Column.EXPIRES:
                return expiry_words(row)
            case Column.ADDED:
                at = moment_text(one.created_at, moment_from_unix(self._now()))
                return f"{at}, {one.creator}" if one.creator else at


def plain_version(row: VersionRow) -> str:
    """Return a version without its product, which stands beside it."""
    one = row.version
    return one.version.removesuffix(f"+{one.product}") if one.product else one.version


def size_words(size: int) -> str:
    """Return how large an image is: "412 kB", "3.2 MB"."""
    if size < 1000:
        return f"{size} B"
    return f"{size / 1000:,.0f} kB" if size < 1_000_000 else f"{size / 1_000_000:,.1f} MB"


def expiry_words(row: VersionRow) -> str:
    """Return until when a version may be installed."""
    at = row.version.expires_at
    if at is None:
        return NO_VALUE
    return f"expired {at:%Y-%m-%d}" if row.is_expired else f"{at:%Y-%m-%d}"
