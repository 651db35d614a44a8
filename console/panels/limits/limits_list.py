"""The list of thresholds: filters, table, details, and the buttons that act on the selection."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QItemSelection, QItemSelectionModel, Qt, QTimer, Signal
from PySide6.QtGui import QFont, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from console.panels.alerts.three_way_sort import ThreeWaySort
from console.panels.elided_label import ElidedLabel
from console.panels.limits.limit_details import LimitDetails
from console.panels.limits.limit_filter_bar import LimitFilterBar
from console.panels.limits.limit_row_delegate import LimitRowDelegate
from console.panels.limits.limit_rows import Column, LimitRow, summary
from console.panels.limits.limits_model import LimitsModel
from console.panels.wording import count_text
from console.widgets.data_table import make_table, set_columns
from console.widgets.elastic_column import ElasticColumn
from console.widgets.empty_state import EmptyState
from console.widgets.fonts import text_font
from console.widgets.plain_text import plain_label
from console.widgets.theme import ThemeSource
from console.widgets.yielding_columns import YieldingColumns
from models.quantities import Quantities
from models.records.threshold import ThresholdId

_WIDTHS = (80, 124, 92, 190, 76, 96, 96, 44, 48, 110, 90)
_LEAST_CONDITION_PX = 168
_SHOWN_FROM_PX = {Column.AREA: 1040, Column.OWNER: 945, Column.DEADBAND: 826}
"""What the pane beside the list says, too, goes first where the window is narrow."""
_SAID_MS = 20_000


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that can be done.

    Attributes:
        key: The letter that does it while the list has the keyboard.
        is_change: Whether a person must be allowed to change thresholds.
        needs: How many rows must be selected at least.
    """

    name: str
    words: str
    key: str
    is_change: bool = True
    needs: int = 1


DEEDS = (
    Deed("new", "New", "N", needs=0),
    Deed("edit", "Edit", "E", is_change=False),
    Deed("switch", "Disable", "D"),
    Deed("copy", "Copy to…", "C"),
    Deed("remove", "Remove", "Del"),
    Deed("import", "Import…", "I", needs=0),
    Deed("export", "Export…", "X", is_change=False, needs=0),
)


class LimitsList(QWidget):
    """Everything but what is done with it.

    Attributes:
        wanted: A deed's name.
        device_wanted: The person wants to see a device (DeviceId).
    """

    wanted = Signal(str)
    device_wanted = Signal(object)

    def __init__(
        self, theme_source: ThemeSource, now: Callable[[], float], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._may_change: Callable[[LimitRow], bool] = lambda _row: False
        self._may_change_any = False
        self._is_loaded = False
        self._failure = ""
        self._model = LimitsModel(self)
        self._table = make_table("limits-table", "Limits")
        set_columns(self._table, self._model, _WIDTHS)
        self._table.setItemDelegate(LimitRowDelegate(theme_source, self._table))
        ElasticColumn(self._table, Column.CONDITION, _LEAST_CONDITION_PX)
        YieldingColumns(self._table, _SHOWN_FROM_PX)
        self._filters = LimitFilterBar(self._table, self)
        self._details = LimitDetails(theme_source, now)
        self._summary = ElidedLabel()
        self._summary.setObjectName("limits-summary")
        self._summary.setFont(text_font(15, QFont.Weight.DemiBold))
        self._said = plain_label()
        self._said.setObjectName("limits-said")
        self._said.setWordWrap(True)
        self._said.setFont(text_font(14, QFont.Weight.DemiBold))
        self._said.setMinimumHeight(self._said.fontMetrics().lineSpacing())
        # An answer to what was done before must not be read as one to what is done next.
        self._forget_said = QTimer(self, singleShot=True, interval=_SAID_MS)
        self._forget_said.timeout.connect(self._said.clear)
        self._buttons = {deed.name: QPushButton(f"{deed.words}  ({deed.key})") for deed in DEEDS}
        self._none_found = EmptyState(theme_source, "mdi6.filter-off-outline", "", "", "Show all")
        self._none = EmptyState(
            theme_source,
            "mdi6.tune-vertical",
            "No limits yet",
            "A limit says from which value on somebody must be told. Add one, or import a list of them.",
            "Add a limit",
        )
        self._none_to_see = EmptyState(
            theme_source,
            "mdi6.tune-vertical",
            "No limits yet",
            "A limit says from which value on somebody must be told. Engineers and administrators add them.",
        )
        self._stack = QStackedWidget()
        self._lay_out()
        self._connect()

    @property
    def table_model(self) -> LimitsModel:
        """The list's model."""
        return self._model

    @property
    def details(self) -> LimitDetails:
        """The pane beside the list."""
        return self._details

    def offer(self, quantities: Quantities) -> None:
        """Offer these metrics and signals in the filter."""
        self._filters.offer(quantities)

    def set_rights(self, may_change: Callable[[LimitRow], bool], *, any_device: bool) -> None:
        """Offer what the person may do; `any_device` = they may change thresholds somewhere."""
        self._may_change, self._may_change_any = may_change, any_device
        self._follow_selection()
        self._show_counts()

    def show_rows(self, rows: Sequence[LimitRow]) -> None:
        """Show these."""
        self._is_loaded, self._failure = True, ""
        self._model.set_rows(rows)
        if not self.selected() and self._model.rowCount():
            self._table.selectRow(0)
        self._show_counts()
        self._follow_selection()

    def show_failure(self, sentence: str) -> None:
        """Say why there is no list; an older one stays."""
        self._failure = sentence
        self._show_counts()

    def selected(self) -> list[LimitRow]:
        """Return the selected rows, top to bottom."""
        rows = sorted(index.row() for index in self._table.selectionModel().selectedRows())
        return [self._model.row_at(row) for row in rows]

    def changeable(self) -> list[LimitRow]:
        """Return those of the selected rows that the person may change."""
        return [row for row in self.selected() if self._may_change(row)]

    def select(self, ids: Sequence[ThresholdId]) -> None:
        """Select rows, and scroll to the first."""
        selection = QItemSelection()
        rows = [row for id in ids if (row := self._model.row_of(id)) is not None]
        for row in rows:
            selection.select(self._model.index(row, 0), self._model.index(row, len(Column) - 1))
        self._table.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        if rows:
            index = self._model.index(rows[0], 0)
            self._table.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
            self._table.scrollTo(index)

    def search(self, typed: str) -> None:
        """Show what these words find."""
        self._filters.search(typed)

    def focus_list(self) -> None:
        """Put the keyboard on the list."""
        self._table.setFocus()

    def say(self, sentence: str) -> None:
        """Say what came of something."""
        self._said.setText(sentence)
        self._said.setAccessibleName(sentence)
        self._forget_said.start()

    # -- private ---------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(6)
        top.addWidget(self._summary, 1)
        for deed in DEEDS:
            self._buttons[deed.name].setObjectName(f"limits-{deed.name}")
            top.addWidget(self._buttons[deed.name])
        holder = QWidget()
        inside = QVBoxLayout(holder)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self._table)
        for page in (holder, self._none_found, self._none, self._none_to_see):
            self._stack.addWidget(page)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._filters)
        column.addWidget(self._stack, 1)
        column.addWidget(self._said)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.addWidget(left)
        splitter.addWidget(self._details)
        splitter.setStretchFactor(0, 1)
        splitter.setSizes([866, 240])
        splitter.setChildrenCollapsible(False)
        self._details.setMinimumWidth(230)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.setSpacing(8)
        layout.addLayout(top)
        layout.addWidget(splitter, 1)

    def _connect(self) -> None:
        self._filters.changed.connect(self._narrow)
        self._none_found.acted.connect(self._filters.clear)
        self._none.acted.connect(lambda: self._do("new"))
        self._details.device_wanted.connect(self.device_wanted)
        ThreeWaySort(self._table)
        self._table.selectionModel().selectionChanged.connect(self._follow_selection)
        self._table.doubleClicked.connect(lambda: self._do("edit"))
        for deed in DEEDS:
            self._buttons[deed.name].clicked.connect(lambda _=False, name=deed.name: self._do(name))
            self._key(deed.key, deed.name)
        for key in ("Return", "Enter"):
            self._key(key, "edit")
        self._show_counts()

    def _key(self, key: str, name: str) -> None:
        # Only while the list has the keyboard, so that a search for "e" stays a search.
        shortcut = QShortcut(QKeySequence(key), self._table)
        shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
        shortcut.activated.connect(lambda: self._do(name))

    def _do(self, name: str) -> None:
        if self._buttons[name].isEnabled() and not self._buttons[name].isHidden():
            self.wanted.emit(name)

    def _narrow(self, narrowed: object) -> None:
        self._model.set_filter(self._filters.narrowed)
        if not self.selected() and self._model.rowCount():
            self._table.selectRow(0)
        self._show_counts()
        self._follow_selection()

    def _follow_selection(self) -> None:
        chosen = self.selected()
        current = self._table.currentIndex()
        shown = chosen[0] if chosen else None
        if current.isValid() and self._table.selectionModel().isRowSelected(current.row()):
            shown = self._model.row_at(current.row())
        self._details.show_row(shown)
        mine = self.changeable()
        for deed in DEEDS:
            button = self._buttons[deed.name]
            button.setVisible(self._may_change_any or not deed.is_change)
            count = len(mine) if deed.is_change else len(chosen)
            button.setEnabled(count >= deed.needs)
        is_off = bool(mine) and all(not row.threshold.enabled for row in mine)
        self._buttons["switch"].setText(f"{'Enable' if is_off else 'Disable'}  (D)")
        can_edit = bool(mine)
        self._buttons["edit"].setText(f"{'Edit' if can_edit or not chosen else 'Open'}  (E)")
        one_device = len({row.device.id for row in chosen}) == 1
        self._buttons["copy"].setEnabled(bool(chosen) and one_device)

    def _show_counts(self) -> None:
        rows, shown = self._model.rows, self._model.rowCount()
        words = summary(rows, shown) if self._is_loaded else "Loading…"
        self._summary.setText(self._failure or words)
        self._none_found.set_text("No limit matches", f"The filter hides {count_text(len(rows), 'limit')}.")
        is_empty = self._is_loaded and not rows
        none = 2 if self._may_change_any else 3
        self._stack.setCurrentIndex(none if is_empty else 1 if rows and not shown else 0)
        self._filters.setVisible(not is_empty)
        self._details.setVisible(not is_empty)
