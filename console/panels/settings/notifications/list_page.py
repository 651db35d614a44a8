"""A tab of the section: a table, what can be done with the row chosen, and what came of it."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFont, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from console.panels.settings.notifications.table_model import WordsModel
from console.widgets.data_table import make_table
from console.widgets.elastic_column import ElasticColumn
from console.widgets.empty_state import EmptyState
from console.widgets.fonts import BODY_PX, text_font
from console.widgets.plain_text import plain_label
from console.widgets.theme import ThemeSource
from console.widgets.whole_row import WholeRowDelegate

Row = TypeVar("Row")
_SAID_MS = 20_000


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that can be done, on a button and by a key while the table has the keyboard.

    Attributes:
        needs_row: Only while a row is chosen.
    """

    key: str
    words: str
    shortcut: str
    act: Callable[[], None]
    needs_row: bool = True


@dataclass(frozen=True, slots=True)
class Empty:
    """What a table without rows says."""

    icon: str
    title: str
    advice: str
    action: str = ""


class ListPage(QWidget, Generic[Row]):
    """Subclasses fill it by `show_rows`.

    Attributes:
        empty_acted: The button of the empty page was pressed.
    """

    empty_acted = Signal()

    def __init__(
        self,
        name: str,
        title: str,
        model: WordsModel[Row],
        widths: Sequence[int],
        elastic: int,
        empty: Empty,
        theme_source: ThemeSource,
    ) -> None:
        """Lay the page out; `add_deeds` brings the buttons.

        Args:
            name: Object name; those of parts begin with it.
            title: What a screen reader says.
            model: Of the table.
            widths: Of its columns, pixels.
            elastic: The column that takes what the others leave.
            empty: What is said while there is nothing.
            theme_source: The theme in use.
        """
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.theme_source = theme_source
        self.model = model
        self._deeds: list[tuple[Deed, QPushButton]] = []
        self.table = make_table(f"{name}-table", title)
        self.table.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.table.setModel(model)
        for column, width in enumerate(widths):
            self.table.setColumnWidth(column, width)
        self.table.setItemDelegate(WholeRowDelegate(self.table))
        ElasticColumn(self.table, elastic, widths[elastic])
        self.summary = plain_label()
        self.summary.setObjectName(f"{name}-summary")
        self.summary.setFont(text_font(BODY_PX + 2, QFont.Weight.DemiBold))
        self._said = plain_label()
        self._said.setObjectName(f"{name}-said")
        self._said.setWordWrap(True)
        self._said.setFont(text_font(BODY_PX + 1, QFont.Weight.DemiBold))
        self._forget_said = QTimer(self, singleShot=True, interval=_SAID_MS)
        self._forget_said.timeout.connect(lambda: self.say(""))
        self._bar = QHBoxLayout()
        self._bar.setSpacing(6)
        self._stack = QStackedWidget()
        self._empty = EmptyState(theme_source, empty.icon, empty.title, empty.advice, empty.action)
        self._empty.acted.connect(self.empty_acted)
        self.foot = QVBoxLayout()
        self._lay_out()
        self.table.selectionModel().selectionChanged.connect(self.follow_selection)
        self._said.hide()

    @property
    def chosen(self) -> Row | None:
        """The record of the row chosen."""
        rows = self.table.selectionModel().selectedRows()
        return self.model.row_at(rows[0].row()) if rows else None

    def add_deeds(self, *deeds: Deed) -> None:
        """Offer what can be done; the first is also what Enter and a double click do."""
        for deed in deeds:
            button = QPushButton(f"{deed.words}  ({deed.shortcut})")
            button.setObjectName(f"{self.objectName()}-{deed.key}")
            button.clicked.connect(lambda _=False, deed=deed: self._do(deed))
            self._bar.addWidget(button)
            self._deeds.append((deed, button))
            keys = (deed.shortcut, "Return", "Enter") if deed is deeds[0] else (deed.shortcut,)
            for key in keys:
                # What needs no row is offered beside the empty page, too, where there is no table to be on.
                shortcut = QShortcut(QKeySequence(key), self.table if deed.needs_row else self)
                shortcut.setContext(
                    Qt.ShortcutContext.WidgetShortcut
                    if deed.needs_row
                    else Qt.ShortcutContext.WidgetWithChildrenShortcut
                )
                shortcut.activated.connect(lambda deed=deed: self._do(deed))
        self.table.doubleClicked.connect(lambda _index: self._do(deeds[0]))
        self.follow_selection()

    def show_rows(self, rows: Sequence[Row], keep: Hashable | None = None) -> None:
        """Show records; choose the one of key `keep`, or the first where none is chosen."""
        self.model.show_rows(rows)
        row = None if keep is None else self.model.row_of(keep)
        if row is not None:
            self.table.selectRow(row)
        elif self.chosen is None and rows:
            self.table.selectRow(0)
        self._stack.setCurrentIndex(0 if rows else 1)
        self.follow_selection()

    def say(self, sentence: str) -> None:
        """Say what came of something."""
        self._said.setText(sentence)
        self._said.setAccessibleName(sentence)
        self._said.setVisible(bool(sentence))
        self._forget_said.start()

    def may_do(self, deed: Deed, row: Row | None) -> bool:
        """Tell whether a deed is offered now."""
        return row is not None or not deed.needs_row

    def follow_selection(self) -> None:
        """Offer what can be done with the row chosen."""
        row = self.chosen
        for deed, button in self._deeds:
            button.setEnabled(self.may_do(deed, row))

    def focus_table(self) -> None:
        """Put the keyboard on the table, or on the first button where there are no rows."""
        if self.model.rowCount():
            self.table.setFocus()
            return
        enabled = [button for _, button in self._deeds if button.isEnabled()]
        (enabled[0] if enabled else self.table).setFocus()

    def _do(self, deed: Deed) -> None:
        if self.may_do(deed, self.chosen):
            deed.act()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self.summary, 1)
        top.addLayout(self._bar)
        holder = QWidget()
        inside = QVBoxLayout(holder)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self.table)
        self._stack.addWidget(holder)
        self._stack.addWidget(self._empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.setSpacing(8)
        layout.addLayout(top)
        layout.addWidget(self._stack, 1)
        layout.addLayout(self.foot)
        layout.addWidget(self._said)
