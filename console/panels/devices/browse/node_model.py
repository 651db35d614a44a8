"""A server's nodes as a tree that asks for what is looked at, and no more."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from console.panels.devices.asking import StopsAsking
from console.panels.devices.browse.asking import AskChildren
from console.widgets.plain_text import plain_tip
from drivers.workbench import BrowseNode, BrowsePage

MIME = "application/x-console-node"
NODE_ROLE = Qt.ItemDataRole.UserRole + 1
"""Role under which a row gives its BrowseNode."""

HEADINGS = ("Name", "Value", "Type")

_Index = QModelIndex | QPersistentModelIndex


class _Item:
    """A node in the tree, and what is known of its children."""

    __slots__ = ("children", "is_complete", "more", "node", "parent", "question", "row")

    def __init__(self, node: BrowseNode | None, parent: "_Item | None", row: int) -> None:
        self.node = node
        self.parent = parent
        self.row = row
        self.children: list[_Item] = []
        self.more = ""
        self.is_complete = node is not None and not node.has_children
        self.question: StopsAsking | None = None


class NodeModel(QAbstractItemModel):
    """Belongs to the window's thread.

    Attributes:
        failed: Some children could not be asked for; one sentence. They are asked for again when looked at.
        waiting_changed: How many questions are under way (int).
    """

    failed = Signal(str)
    waiting_changed = Signal(int)

    def __init__(self, ask: AskChildren | None, parent: QObject | None = None) -> None:
        """Store how to ask; None shows only what `show_nodes` gives."""
        super().__init__(parent)
        self._ask = ask
        self._root = _Item(None, None, 0)
        self._root.is_complete = ask is None
        self._has_begun = False
        self._waiting: set[_Item] = set()

    def node_at(self, index: _Index) -> BrowseNode | None:
        """Return the node of a row, None for none."""
        return self._item(index).node if index.isValid() else None

    def begin(self) -> None:
        """Ask from now on. Before, a view that is still being built would have asked already."""
        self._has_begun = True
        self.fetchMore(QModelIndex())

    def show_nodes(self, nodes: Sequence[BrowseNode]) -> None:
        """Add these at the end of the root: what a search finds."""
        if nodes:
            self._append(self._root, nodes)

    def clear(self) -> None:
        """Begin anew."""
        self.stop()
        self.beginResetModel()
        self._root = _Item(None, None, 0)
        self._root.is_complete = self._ask is None
        self.endResetModel()

    def stop(self) -> None:
        """Want none of what is under way."""
        waiting, self._waiting = self._waiting, set()
        for item in waiting:
            if item.question is not None:
                item.question.stop()
                item.question = None

    # -- Qt's side ---------------------------------------------------------------------------------------

    def index(self, row: int, column: int, parent: _Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        """Return the place of a row."""
        item = self._item(parent)
        if not 0 <= row < len(item.children) or not 0 <= column < len(HEADINGS):
            return QModelIndex()
        return self.createIndex(row, column, item.children[row])

    def parent(self, index: _Index = QModelIndex()) -> QModelIndex:  # pyright: ignore[reportIncompatibleMethodOverride]  # noqa: B008
        """Return the place of the node above."""
        parent = self._item(index).parent if index.isValid() else None
        if parent is None or parent is self._root:
            return QModelIndex()
        return self.createIndex(parent.row, 0, parent)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """Return how many children are known."""
        return 0 if parent.column() > 0 else len(self._item(parent).children)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """Return the number of columns."""
        return len(HEADINGS)

    def hasChildren(self, parent: _Index = QModelIndex()) -> bool:  # noqa: B008
        """Tell whether there may be children, asked for or not."""
        item = self._item(parent)
        return bool(item.children) or not item.is_complete

    def canFetchMore(self, parent: _Index) -> bool:
        """Tell whether there are children that were not asked for."""
        item = self._item(parent)
        return self._has_begun and not item.is_complete and item.question is None and self._ask is not None

    def fetchMore(self, parent: _Index) -> None:
        """Ask for the next page of children."""
        item = self._item(parent)
        if item.is_complete or item.question is not None or self._ask is None:
            return
        node = item.node.id if item.node else ""
        self._waiting.add(item)
        item.question = self._ask(
            node,
            item.more,
            lambda page: self._on_page(item, page),
            lambda sentence: self._on_failed(item, sentence),
        )
        self.waiting_changed.emit(len(self._waiting))

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """Return a column's heading."""
        if orientation is not Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        return HEADINGS[section]

    def data(self, index: _Index, role: int = 0) -> Any:
        """Return what a cell shows."""
        node = self.node_at(index)
        if node is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                value = f"{node.value} {node.unit}".strip()
                return (node.name, value, node.type or node.kind)[index.column()]
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(node.path or node.description or node.address or node.name)
            case _ if role == NODE_ROLE:
                return node
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Let what can be read be dragged."""
        flags = super().flags(index)
        node = self.node_at(index)
        return flags | Qt.ItemFlag.ItemIsDragEnabled if node is not None and node.address else flags

    def mimeTypes(self) -> list[str]:
        """Return what is dragged."""
        return [MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """Return the addresses dragged, a line each."""
        nodes = [self.node_at(index) for index in indexes if index.column() == 0]
        data = QMimeData()
        text = "\n".join(node.address for node in nodes if node is not None and node.address)
        data.setData(MIME, text.encode())
        data.setText(text)
        return data

    # -- what comes --------------------------------------------------------------------------------------

    def _on_page(self, item: _Item, page: BrowsePage) -> None:
        if item not in self._waiting:
            return
        self._settle(item)
        item.more = page.more
        item.is_complete = not page.more
        if page.nodes:
            self._append(item, page.nodes)
        elif item is not self._root:
            # Qt draws the arrow by hasChildren, which has just become false.
            place = self.createIndex(item.row, 0, item)
            self.dataChanged.emit(place, place)
        self.waiting_changed.emit(len(self._waiting))

    def _on_failed(self, item: _Item, sentence: str) -> None:
        if item in self._waiting:
            self._settle(item)
            self.waiting_changed.emit(len(self._waiting))
            self.failed.emit(sentence)

    def _settle(self, item: _Item) -> None:
        self._waiting.discard(item)
        item.question = None

    def _append(self, item: _Item, nodes: Sequence[BrowseNode]) -> None:
        first = len(item.children)
        place = QModelIndex() if item is self._root else self.createIndex(item.row, 0, item)
        self.beginInsertRows(place, first, first + len(nodes) - 1)
        item.children += [_Item(node, item, first + at) for at, node in enumerate(nodes)]
        self.endInsertRows()

    def _item(self, index: _Index) -> _Item:
        item = index.internalPointer() if index.isValid() else None
        return item if isinstance(item, _Item) else self._root
