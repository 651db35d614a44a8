"""The browser as a dialog over the workbench."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QModelIndex, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFont, QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QTableView,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from console.panels.devices.asking import StopsAsking
from console.panels.devices.browse.asking import AskChildren, AskSearch
from console.panels.devices.browse.node_facts import NodeFacts
from console.panels.devices.browse.node_model import NodeModel
from console.panels.devices.browse.quantity_model import QuantityModel
from console.panels.devices.browse.tag_proposal import proposed_quantity, tag_of, unit_sentence
from console.widgets.data_table import ROW_PX, prepare_table
from console.widgets.fonts import BODY_PX, text_font
from console.widgets.plain_text import plain_label
from console.widgets.task_line import TaskLine
from console.widgets.theme import ThemeSource
from drivers.workbench import BrowseNode, BrowsePage
from models.quantities import Quantities, Quantity
from models.records.device import Tag

_SETTLED_MS = 400
_SHORTEST = 2
_COLUMNS = (300, 130, 90)


class BrowseDialog(QDialog):
    """Tags are chosen here one by one, and taken together at the end.

    Attributes:
        tags_made: The engineer takes these (list of Tag).
    """

    tags_made = Signal(object)

    def __init__(
        self,
        device_name: str,
        ask: AskChildren,
        search: AskSearch | None,
        quantities: Quantities,
        had: Sequence[Tag],
        theme_source: ThemeSource,
        parent: QWidget,
    ) -> None:
        """Lay it out; the root is asked for when it is shown.

        Args:
            device_name: Whose server.
            ask: Asks for children.
            search: Searches, None where the protocol cannot.
            quantities: What a node may measure.
            had: Tags that the device has already.
            theme_source: The theme in use.
            parent: Whose window is blocked meanwhile.
        """
        super().__init__(parent)
        title = f"Browse: {device_name}"
        self.setObjectName("browse")
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._quantities = quantities
        self._ask_search = search
        self._searching: StopsAsking | None = None
        self._nodes = NodeModel(ask, self)
        self._found = NodeModel(None, self)
        self._wanted = QuantityModel(quantities, had, self)
        self._tree = _tree("browse-tree", "Nodes of the server", self._nodes)
        self._results = _tree("browse-results", "Nodes found", self._found)
        self._results.setRootIsDecorated(False)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._tree)
        self._stack.addWidget(self._results)
        self._search = QLineEdit()
        self._search.setObjectName("browse-search")
        self._search.setAccessibleName("Search nodes")
        self._search.setPlaceholderText("Search by name, address or description")
        self._search.setClearButtonEnabled(True)
        self._search.setVisible(search is not None)
        self._settled = QTimer(self)
        self._settled.setSingleShot(True)
        self._settled.setInterval(_SETTLED_MS)
        self._task = TaskLine("browse-task")
        self._facts = NodeFacts(theme_source)
        self._targets = QTableView()
        prepare_table(self._targets, "browse-quantities", "Quantities: drop a node onto one")
        self._targets.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._targets.setModel(self._wanted)
        self._targets.setColumnWidth(0, 170)
        # All addresses of a server begin alike, and what is new has a mark in front: neither end may go.
        self._targets.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self._targets.setAcceptDrops(True)
        self._targets.setDropIndicatorShown(True)
        self._targets.setDragDropMode(QAbstractItemView.DragDropMode.DropOnly)
        self._targets.setDragDropOverwriteMode(True)
        self._said = plain_label("Drag a node onto a quantity, or choose both and press Assign.")
        self._said.setObjectName("browse-said")
        self._said.setWordWrap(True)
        self._assign = _button("browse-assign", "&Assign")
        self._clear = _button("browse-clear", "C&lear")
        self._add = _button("browse-add", "Add tags")
        self._lay_out(title)
        self._connect()
        self._follow()
        self.resize(self.sizeHint())

    def sizeHint(self) -> QSize:
        """Most of a small screen."""
        return QSize(1140, 680)

    def done(self, result: int) -> None:
        """End what is under way, and close."""
        self._nodes.stop()
        self._end_search()
        super().done(result)

    def showEvent(self, event: QShowEvent) -> None:
        """Ask for the root."""
        super().showEvent(event)
        self._nodes.begin()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """In the search, Enter only begins it, Escape empties it first, and Down leads to what was found."""
        if not self._search.hasFocus():
            super().keyPressEvent(event)
        elif event.key() == Qt.Key.Key_Down:
            (self._tree if self._stack.currentWidget() is self._tree else self._results).setFocus()
        elif event.key() == Qt.Key.Key_Escape and self._search.text():
            # What was assigned so far is not thrown away for a word that was mistyped.
            self._search.clear()
        elif event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)

    # -- building ----------------------------------------------------------------------------------------

    def _lay_out(self, title: str) -> None:
        heading = plain_label(title)
        heading.setFont(text_font(BODY_PX + 2, QFont.Weight.DemiBold))
        left = QWidget()
        space = QVBoxLayout(left)
        space.setContentsMargins(0, 0, 0, 0)
        space.addWidget(self._search)
        space.addWidget(self._task)
        space.addWidget(self._stack, 1)
        right = QWidget()
        beside = QVBoxLayout(right)
        beside.setContentsMargins(8, 0, 0, 0)
        beside.addWidget(self._facts)
        choose = QHBoxLayout()
        choose.addWidget(self._assign)
        choose.addWidget(self._clear)
        choose.addStretch(1)
        beside.addLayout(choose)
        beside.addWidget(self._targets, 1)
        beside.addWidget(self._said)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setObjectName("browse-splitter")
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(left)
        splitter.addWidget(right)
        splitter.setStretchFactor(0, 3)
        splitter.setStretchFactor(1, 2)
        buttons = QHBoxLayout()
        cancel = _button("browse-cancel", "Cancel")
        cancel.clicked.connect(self.reject)
        buttons.addStretch(1)
        buttons.addWidget(self._add)
        buttons.addWidget(cancel)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(10)
        layout.addWidget(heading)
        layout.addWidget(splitter, 1)
        layout.addLayout(buttons)

    def _connect(self) -> None:
        self._search.textChanged.connect(lambda _: self._settled.start())
        self._search.returnPressed.connect(self._begin_search)
        self._settled.timeout.connect(self._begin_search)
        self._task.cancelled.connect(self._stop_search)
        self._nodes.failed.connect(self._task.say)
        self._nodes.waiting_changed.connect(self._on_waiting)
        for tree in (self._tree, self._results):
            tree.selectionModel().currentChanged.connect(lambda *_: self._on_node())
            tree.doubleClicked.connect(lambda _: self._on_assign())
        self._targets.selectionModel().currentChanged.connect(lambda *_: self._follow())
        self._wanted.dropped.connect(self._on_dropped)
        self._assign.clicked.connect(self._on_assign)
        self._clear.clicked.connect(self._on_clear)
        self._add.clicked.connect(self._on_add)
        self._tree.setFocus()

    # -- what happens ------------------------------------------------------------------------------------

    def _on_waiting(self, count: int) -> None:
        if self._searching is None:
            if count:
                self._task.begin("Asking the server…")
            elif self._task.is_busy:
                self._task.say("")

    def _on_node(self) -> None:
        node = self._node()
        self._facts.show_node(node)
        quantity = proposed_quantity(node, self._quantities) if node is not None and node.address else None
        if quantity is not None:
            self._targets.selectRow(self._wanted.row_of(quantity))
        self._follow()

    def _begin_search(self) -> None:
        self._settled.stop()
        words = self._search.text().strip()
        self._end_search()
        self._found.clear()
        self._on_node()
        if self._ask_search is None or len(words) < _SHORTEST:
            self._stack.setCurrentWidget(self._tree)
            self._task.say("")
            return
        self._stack.setCurrentWidget(self._results)
        self._task.begin("Searching…")
        self._searching = self._ask_search(
            words, self._on_found, partial(self._on_searched, "", is_whole=True), self._on_search_failed
        )

    def _on_found(self, page: BrowsePage) -> None:
        self._found.show_nodes(page.nodes)
        count = self._found.rowCount()
        self._task.begin(f"Searching… {count:,} found in {page.looked_at:,} nodes")
        if count and not self._results.currentIndex().isValid():
            self._results.setCurrentIndex(self._found.index(0, 0))

    def _on_search_failed(self, sentence: str) -> None:
        self._on_searched(sentence, is_whole=False)

    def _on_searched(self, sentence: str, *, is_whole: bool) -> None:
        self._searching = None
        count = self._found.rowCount()
        found = f"{count:,} node{'' if count == 1 else 's'} found."
        none = "No node has all these words in its name, address or description."
        self._task.say(sentence or (found if count or not is_whole else none))

    def _stop_search(self) -> None:
        if self._searching is not None:
            self._end_search()
            self._on_searched(f"Stopped; {self._found.rowCount():,} found so far.", is_whole=False)
        else:
            self._nodes.stop()
            self._task.say("Stopped. Open the node again to ask once more.")

    def _end_search(self) -> None:
        question, self._searching = self._searching, None
        if question is not None:
            question.stop()

    def _on_dropped(self, address: str, quantity: Quantity) -> None:
        node = self._node()
        if node is not None and node.address == address:
            self._take(node, quantity)

    def _on_assign(self) -> None:
        node, quantity = self._node(), self._quantity()
        if node is not None and node.address and quantity is not None:
            self._take(node, quantity)

    def _take(self, node: BrowseNode, quantity: Quantity) -> None:
        self._wanted.choose(tag_of(node, quantity))
        self._targets.selectRow(self._wanted.row_of(quantity))
        self._said.setText(
            f"{quantity.label} is read from {node.name}. {unit_sentence(node, quantity)}".rstrip()
        )
        self._follow()

    def _on_clear(self) -> None:
        quantity = self._quantity()
        if quantity is not None:
            self._wanted.clear(quantity)
            self._follow()

    def _on_add(self) -> None:
        self.tags_made.emit(list(self._wanted.chosen.values()))
        self.accept()

    # -- what is shown -----------------------------------------------------------------------------------

    def _node(self) -> BrowseNode | None:
        if self._stack.currentWidget() is self._tree:
            return self._nodes.node_at(self._tree.currentIndex())
        return self._found.node_at(self._results.currentIndex())

    def _quantity(self) -> Quantity | None:
        index: QModelIndex = self._targets.currentIndex()
        return self._wanted.quantity_at(index.row()) if index.isValid() else None

    def _follow(self) -> None:
        node, quantity, chosen = self._node(), self._quantity(), self._wanted.chosen
        self._assign.setEnabled(node is not None and bool(node.address) and quantity is not None)
        self._clear.setEnabled(quantity is not None and quantity.key in chosen)
        self._add.setEnabled(bool(chosen))
        count = len(chosen)
        self._add.setText(f"Add {count} &tag{'' if count == 1 else 's'}" if count else "Add &tags")
        self._add.setDefault(bool(chosen))


def _tree(name: str, accessible: str, model: NodeModel) -> QTreeView:
    tree = QTreeView()
    tree.setObjectName(name)
    tree.setAccessibleName(accessible)
    # Rows of one height spare Qt from asking each: a folder of 100,000 opens as fast as one of ten.
    tree.setUniformRowHeights(True)
    tree.setStyleSheet(f"QTreeView::item {{ height: {ROW_PX - 2}px; }}")
    tree.setAlternatingRowColors(True)
    tree.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    tree.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    tree.setDragEnabled(True)
    tree.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
    tree.setExpandsOnDoubleClick(True)
    tree.setModel(model)
    for column, width in enumerate(_COLUMNS):
        tree.setColumnWidth(column, width)
    return tree


def _button(name: str, text: str) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setAutoDefault(False)
    return button
