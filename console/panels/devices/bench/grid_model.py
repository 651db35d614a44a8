"""The grid as a table model: a row a register, a column a type and order."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from console.panels.devices.bench.grid_columns import GridColumn, is_unlikely, value_words
from console.widgets.plain_text import plain_tip
from drivers.display_match import Closeness
from drivers.workbench import Decoding

CLOSENESS_ROLE = Qt.ItemDataRole.UserRole + 1
"""Role under which a cell gives its Closeness, None where it does not fit."""
DECODING_ROLE = Qt.ItemDataRole.UserRole + 2
"""Role under which a cell gives its Decoding, None where it has none."""
UNLIKELY_ROLE = Qt.ItemDataRole.UserRole + 3
"""Role under which a cell tells whether no sensor would say this."""

_FIXED = ("Register", "Hex")

_Index = QModelIndex | QPersistentModelIndex


class GridModel(QAbstractTableModel):
    """Registers and all that they might mean."""

    def __init__(self, columns: Sequence[GridColumn], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns = tuple(columns)
        self._start = 0
        self._words: Sequence[int | None] = ()
        self._cells: dict[tuple[int, str, str], Decoding] = {}
        self._fits: Mapping[str, Closeness] = {}

    @property
    def columns(self) -> Sequence[GridColumn]:
        """The types and orders shown."""
        return self._columns

    def set_columns(self, columns: Sequence[GridColumn]) -> None:
        """Show other types and orders."""
        self.beginResetModel()
        self._columns = tuple(columns)
        self.endResetModel()

    def show_registers(self, start: int, words: Sequence[int | None], decodings: Sequence[Decoding]) -> None:
        """Show a reading; the same span as before keeps selection and place."""
        is_same = (start, len(words)) == (self._start, len(self._words))
        if not is_same:
            self.beginResetModel()
        self._start, self._words = start, words
        self._cells = {(each.start, each.type, each.order): each for each in decodings}
        if is_same:
            self._announce()
        else:
            self.endResetModel()

    def show_fits(self, fits: Mapping[str, Closeness]) -> None:
        """Light up the cells of these addresses."""
        if fits != self._fits:
            self._fits = dict(fits)
            self._announce()

    def place_of(self, decoding: Decoding) -> QModelIndex:
        """Return the cell of a decoding; invalid where its column is not shown."""
        for place, column in enumerate(self._columns):
            if (column.type, column.order) == (decoding.type, decoding.order):
                return self.index(decoding.start - self._start, len(_FIXED) + place)
        return QModelIndex()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Return the registers shown."""
        return 0 if parent.isValid() else len(self._words)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Return the number of columns."""
        return 0 if parent.isValid() else len(_FIXED) + len(self._columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """Return a column's heading, and what it means."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        is_fixed = section < len(_FIXED)
        if role == Qt.ItemDataRole.ToolTipRole:
            return None if is_fixed else self._columns[section - len(_FIXED)].tip
        if role == Qt.ItemDataRole.TextAlignmentRole and section:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return _FIXED[section] if is_fixed else self._columns[section - len(_FIXED)].heading

    def data(self, index: _Index, role: int = 0) -> Any:
        """Return what a cell shows."""
        if not index.isValid():
            return None
        row, column = index.row(), index.column()
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        if column < len(_FIXED):
            return self._fixed(row, column) if role == Qt.ItemDataRole.DisplayRole else None
        decoding = self._decoding(row, column)
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return value_words(decoding.value) if decoding else ""
            case Qt.ItemDataRole.AccessibleTextRole:
                return self._spoken(decoding)
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(self._spoken(decoding)) if decoding else None
            case _ if role == CLOSENESS_ROLE:
                return self._fits.get(decoding.address) if decoding else None
            case _ if role == DECODING_ROLE:
                return decoding
            case _ if role == UNLIKELY_ROLE:
                return decoding is not None and is_unlikely(decoding.value)
        return None

    def _fixed(self, row: int, column: int) -> str:
        word = self._words[row]
        if column:
            return "refused" if word is None else f"{word:04X}"
        return str(self._start + row)

    def _decoding(self, row: int, column: int) -> Decoding | None:
        kind = self._columns[column - len(_FIXED)]
        return self._cells.get((self._start + row, kind.type, kind.order))

    def _spoken(self, decoding: Decoding | None) -> str:
        if decoding is None:
            return ""
        fits = self._fits.get(decoding.address)
        said = f"{decoding.address} reads {value_words(decoding.value)}"
        if fits is None:
            return said
        return f"{said}, {'shows what was typed' if fits is Closeness.EXACT else 'comes near what was typed'}"

    def _announce(self) -> None:
        if self._words:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._words) - 1, self.columnCount() - 1))
