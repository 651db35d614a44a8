"""Which columns of a table are seen, in which order and how wide: chosen by a person, and kept."""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QObject, QPoint, QSettings, Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QPushButton, QTableView

from console.widgets.elastic_column import ElasticColumn

_KEEP_MS = 400


class ColumnChoice(QObject):
    """Watches a table's header. Its menu opens from a button, and with the right button on any heading."""

    def __init__(
        self,
        table: QTableView,
        names: Sequence[str],
        first: Iterable[int],
        fixed: Iterable[int],
        elastic: ElasticColumn | None = None,
    ) -> None:
        """Take the table over; it has its model and widths already.

        Args:
            table: Whose columns.
            names: Of every column, never changed: what is kept is kept under them.
            first: The columns seen at first, in their order.
            fixed: The columns that cannot be taken away.
            elastic: Shares out the width anew when a column comes or goes.
        """
        super().__init__(table)
        self._table = table
        self._names = tuple(names)
        self._first = tuple(first)
        self._fixed = frozenset(fixed)
        self._elastic = elastic
        self._widths = [table.columnWidth(column) for column in range(len(names))]
        self._memory: QSettings | None = None
        self._key = ""
        self._keep_soon = QTimer(self, singleShot=True, interval=_KEEP_MS)
        self._keep_soon.timeout.connect(self.keep)
        header = table.horizontalHeader()
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._open_on_heading)
        header.sectionMoved.connect(lambda *_: self._keep_soon.start())
        header.sectionResized.connect(lambda *_: self._keep_soon.start())
        self.reset()

    @property
    def seen(self) -> list[int]:
        """The columns seen now, left to right."""
        header = self._table.horizontalHeader()
        ordered = [header.logicalIndex(place) for place in range(header.count())]
        return [column for column in ordered if not self._table.isColumnHidden(column)]

    def use_memory(self, memory: QSettings, key: str) -> None:
        """Show what was chosen before, and keep what is chosen from now on."""
        self._memory, self._key = memory, key
        kept = memory.value(key)
        if isinstance(kept, str) and kept:
            self._restore(kept)

    def show_column(self, column: int, *, shown: bool) -> None:
        """Show a column, or take it away."""
        if column in self._fixed and not shown:
            return
        self._table.setColumnHidden(column, not shown)
        if shown and self._table.columnWidth(column) < 20:
            self._table.setColumnWidth(column, self._widths[column])
        self._share()
        self._keep_soon.start()

    def reset(self) -> None:
        """Show what is seen at first."""
        self._arrange(self._first)
        for column, width in enumerate(self._widths):
            self._table.setColumnWidth(column, width)
        self._share()
        self._keep_soon.start()

    def make_button(self, name: str) -> QPushButton:
        """Return a button that opens the menu."""
        button = QPushButton("Columns…")
        button.setObjectName(name)
        button.setAccessibleName("Choose columns")
        button.setToolTip("Choose which columns are seen; drag headings to reorder them")
        button.clicked.connect(lambda: self._open(button.mapToGlobal(button.rect().bottomLeft())))
        return button

    def menu(self) -> QMenu:
        """Return a menu with every column, and the way back to the usual ones."""
        menu = QMenu(self._table)
        menu.setObjectName(f"{self._table.objectName()}-columns-menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        model = self._table.model()
        for column in range(len(self._names)):
            words = model.headerData(column, Qt.Orientation.Horizontal, Qt.ItemDataRole.DisplayRole)
            action = QAction(str(words), menu)
            action.setCheckable(True)
            action.setChecked(not self._table.isColumnHidden(column))
            action.setEnabled(column not in self._fixed)
            action.toggled.connect(lambda shown, column=column: self.show_column(column, shown=shown))
            menu.addAction(action)
        menu.addSeparator()
        usual = QAction("The usual columns", menu)
        usual.triggered.connect(self.reset)
        menu.addAction(usual)
        return menu

    def keep(self) -> None:
        """Write down what is seen now."""
        if self._memory is None:
            return
        parts = [f"{self._names[column]}:{self._table.columnWidth(column)}" for column in self.seen]
        self._memory.setValue(self._key, ";".join(parts))

    def _restore(self, kept: str) -> None:
        places = {name: column for column, name in enumerate(self._names)}
        wanted: list[int] = []
        for part in kept.split(";"):
            name, _, width = part.partition(":")
            column = places.get(name)
            if column is None or column in wanted:
                continue
            wanted.append(column)
            if width.isdecimal() and int(width) >= 20:
                self._table.setColumnWidth(column, int(width))
        self._arrange([*wanted, *(column for column in self._fixed if column not in wanted)])
        self._share()

    def _arrange(self, seen: Sequence[int]) -> None:
        header = self._table.horizontalHeader()
        rest = [column for column in range(len(self._names)) if column not in seen]
        for place, column in enumerate((*seen, *rest)):
            header.moveSection(header.visualIndex(column), place)
            self._table.setColumnHidden(column, column in rest)

    def _share(self) -> None:
        if self._elastic is not None:
            self._elastic.share()

    def _open_on_heading(self, at: QPoint) -> None:
        self._open(self._table.horizontalHeader().mapToGlobal(at))

    def _open(self, at: QPoint) -> None:
        self.menu().popup(at)
