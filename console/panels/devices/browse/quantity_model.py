"""Quantities with the nodes chosen for them: a node is dropped onto one."""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from console.panels.devices.browse.node_model import MIME
from models.quantities import Quantities, Quantity
from models.records.device import Tag

_Index = QModelIndex | QPersistentModelIndex


class Column(IntEnum):
    """Columns, left to right."""

    QUANTITY = 0
    NODE = 1


_HEADINGS = ("Quantity", "Read from")


class QuantityModel(QAbstractTableModel):
    """One row a quantity.

    Attributes:
        dropped: A node's address was dropped onto a quantity (str, Quantity).
    """

    dropped = Signal(str, object)

    def __init__(self, quantities: Quantities, had: Sequence[Tag], parent: QObject | None = None) -> None:
        """Store what there is.

        Args:
            quantities: All of them.
            had: Tags that the device has already.
            parent: Owner.
        """
        super().__init__(parent)
        self._quantities = quantities.all
        self._had = {tag.metric: tag for tag in had}
        self._chosen: dict[str, Tag] = {}

    @property
    def chosen(self) -> Mapping[str, Tag]:
        """Tags chosen here, by quantity."""
        return dict(self._chosen)

    def quantity_at(self, row: int) -> Quantity:
        """Return the quantity of a row."""
        return self._quantities[row]

    def row_of(self, quantity: Quantity) -> int:
        """Return the row of a quantity."""
        return self._quantities.index(quantity)

    def choose(self, tag: Tag) -> None:
        """Take a tag for its quantity; another chosen before gives way."""
        self._chosen[tag.metric] = tag
        self._announce()

    def clear(self, quantity: Quantity) -> None:
        """Take back what was chosen for a quantity."""
        self._chosen.pop(quantity.key, None)
        self._announce()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Return the number of quantities."""
        return 0 if parent.isValid() else len(self._quantities)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Return the number of columns."""
        return 0 if parent.isValid() else len(Column)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """Return a column's heading."""
        if orientation is not Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        return _HEADINGS[section]

    def data(self, index: _Index, role: int = 0) -> Any:
        """Return what a cell shows."""
        if not index.isValid() or role not in (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.AccessibleTextRole,
            Qt.ItemDataRole.ToolTipRole,
        ):
            return None
        quantity = self._quantities[index.row()]
        if index.column() == Column.QUANTITY:
            return f"{quantity.label}, {quantity.unit}" if quantity.unit else quantity.label
        chosen, had = self._chosen.get(quantity.key), self._had.get(quantity.key)
        if chosen is not None:
            return f"● {chosen.address}{_reckoning(chosen)}"
        return f"{had.address} (so far)" if had is not None else ""

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Let nodes be dropped on every quantity."""
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsDropEnabled if index.isValid() else flags

    def mimeTypes(self) -> list[str]:
        """Return what may be dropped."""
        return [MIME]

    def supportedDropActions(self) -> Qt.DropAction:
        """A drop copies."""
        return Qt.DropAction.CopyAction

    def dropMimeData(
        self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: _Index
    ) -> bool:
        """Take a node for the quantity it was dropped on."""
        if not parent.isValid() or not data.hasFormat(MIME):
            return False
        first = bytes(data.data(MIME).data()).decode().partition("\n")[0]
        self.dropped.emit(first, self._quantities[parent.row()])
        return bool(first)

    def _announce(self) -> None:
        self.dataChanged.emit(self.index(0, 0), self.index(len(self._quantities) - 1, len(Column) - 1))


def _reckoning(tag: Tag) -> str:
    """Return what is done with the raw value: " × 0.5556 − 17.78", nothing where it is taken as it comes."""
    scale = f" × {tag.scale:.4g}" if tag.scale != 1.0 else ""
    sign = "−" if tag.offset < 0 else "+"
    return f"{scale} {sign} {abs(tag.offset):.4g}" if tag.offset else scale
