"""A table model whose cells are words that a function makes of a record."""

from collections.abc import Callable, Hashable, Sequence
from typing import Any, TypeVar

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt

from console.widgets.keyed_table_model import KeyedTableModel
from console.widgets.plain_text import plain_tip

Row = TypeVar("Row")
_Index = QModelIndex | QPersistentModelIndex


class WordsModel(KeyedTableModel[Row]):
    """One record a row."""

    def __init__(
        self,
        headings: Sequence[str],
        key_of: Callable[[Row], Hashable],
        words_of: Callable[[Row], Sequence[str]],
        parent: QObject | None = None,
    ) -> None:
        """Store how to read a record.

        Args:
            headings: Of the columns.
            key_of: What tells one record from another.
            words_of: Returns what the cells of a record's row say, as many as there are headings.
        """
        super().__init__(headings, key_of, parent)
        self._words_of = words_of

    def data(self, index: _Index, role: int = 0) -> Any:
        """Return what a cell shows; the tip has all of it."""
        if not index.isValid():
            return None
        words = self._words_of(self.row_at(index.row()))[index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return " ".join(words.split())
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(words)
        return None
