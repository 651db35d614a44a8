"""Every metric of every device as a list with check marks; the checked ones are the chart's pens."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt, Signal

from console.panels.curves.pen import Pen
from console.panels.trends.pens import PenChoice, found
from console.widgets.plain_text import plain_tip

_ROW_PX = 24
_Index = QModelIndex | QPersistentModelIndex


class PenListModel(QAbstractListModel):
    """Checked pens first, then what the search finds. The order is made anew by `arrange` only, so that
    nothing moves under the keyboard while pens are checked one after the other.

    Attributes:
        toggled: A check mark was set or taken away by a person (Pen, wanted).
    """

    toggled = Signal(object, bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._choices: tuple[PenChoice, ...] = ()
        self._rows: list[PenChoice] = []
        self._checked: tuple[Pen, ...] = ()

    def arrange(self, choices: Sequence[PenChoice], typed: str) -> None:
        """List what the search finds; without a search, the checked ones come first."""
        self.beginResetModel()
        self._choices = tuple(choices)
        hits = found(self._choices, typed)
        if not typed.strip():
            hits.sort(key=lambda choice: choice.pen not in self._checked)
        self._rows = hits
        self.endResetModel()

    def set_checked(self, pens: Sequence[Pen]) -> None:
        """Show these pens as checked."""
        self._checked = tuple(pens)
        if self._rows:
            self.dataChanged.emit(
                self.index(0), self.index(len(self._rows) - 1), [Qt.ItemDataRole.CheckStateRole]
            )

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Return the rows listed."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = 0) -> Any:
        """Return what a row shows."""
        if not index.isValid():
            return None
        choice = self._rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return choice.label
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(f"{choice.label}\n{choice.place}")
            case Qt.ItemDataRole.AccessibleDescriptionRole:
                return choice.place
            case Qt.ItemDataRole.SizeHintRole:
                return QSize(0, _ROW_PX)
            case Qt.ItemDataRole.CheckStateRole:
                return Qt.CheckState.Checked if choice.pen in self._checked else Qt.CheckState.Unchecked
        return None

    def setData(self, index: _Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Pass a check mark on; whoever keeps the pens decides, and tells `set_checked`."""
        if not index.isValid() or role != Qt.ItemDataRole.CheckStateRole:
            return False
        self.toggled.emit(self._rows[index.row()].pen, Qt.CheckState(value) is Qt.CheckState.Checked)
        return True

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Every row can be selected and checked."""
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable
