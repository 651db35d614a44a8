"""The list of devices: filter, table, and the buttons for what is done with the selected ones."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QItemSelectionModel, Qt, QTimer, Signal
from PySide6.QtGui import QFont, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from console.panels.alerts.three_way_sort import ThreeWaySort
from console.panels.devices.device_columns import COLUMNS, DeviceColumn
from console.panels.devices.device_delegate import DeviceDelegate
from console.panels.devices.device_rows import DeviceRow
from console.panels.devices.devices_model import DevicesModel
from console.panels.elided_label import ElidedLabel
from console.panels.keyboard import LeaveFilter
from console.panels.wording import count_text
from console.widgets.data_table import make_table, set_columns
from console.widgets.elastic_column import ElasticColumn
from console.widgets.empty_state import EmptyState
from console.widgets.fonts import BODY_PX, text_font
from console.widgets.status_lamp import LampState
from console.widgets.theme import ThemeSource
from console.widgets.yielding_columns import YieldingColumns
from models.records.device import DeviceId

_LEAST_NAME_PX = 150
_SETTLE_MS = 60
_NO_ICON = "mdi6.lan-disconnect"
_NO_DEVICES = (
    "Add the first one here. A list of them, or many of one product, come in by More › Import from a file."
)
_NOT_MINE = "Devices appear here once an engineer or an administrator has added some."


class DevicesList(QWidget):
    """Everything but what is done with it.

    Attributes:
        settled: The selection has come to rest on another device, or on none or several.
        wanted: "add", "duplicate" or "remove".
        entered: Enter was pressed on the list: the keyboard shall go into the form.
    """

    settled = Signal()
    wanted = Signal(str)
    entered = Signal()

    def __init__(
        self,
        theme_source: ThemeSource,
        columns: Sequence[DeviceColumn] = COLUMNS,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._may_add = False
        self._model = DevicesModel(columns, self)
        self._table = make_table("devices-table", "Devices")
        set_columns(self._table, self._model, tuple(column.width for column in columns))
        self._table.setItemDelegate(DeviceDelegate(theme_source, self._table))
        ElasticColumn(self._table, 0, _LEAST_NAME_PX)
        YieldingColumns(
            self._table,
            {place: one.shown_from_px for place, one in enumerate(columns) if one.shown_from_px},
        )
        self._search = QLineEdit()
        self._summary = ElidedLabel()
        self._add = QPushButton("Add  (Ins)")
        self._duplicate = QPushButton("Duplicate  (D)")
        self._remove = QPushButton("Delete…  (Del)")
        self._buttons = {"add": self._add, "duplicate": self._duplicate, "remove": self._remove}
        self._bar = QHBoxLayout()
        self._none_found = EmptyState(theme_source, "mdi6.filter-off-outline", "", "", "Show all")
        self._none = EmptyState(theme_source, _NO_ICON, "No devices yet", _NO_DEVICES, "Add device")
        self._nothing_mine = EmptyState(theme_source, _NO_ICON, "No devices yet", _NOT_MINE)
        self._stack = QStackedWidget()
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._lay_out()
        self._connect(theme_source)

    @property
    def table_model(self) -> DevicesModel:
        """The list's model."""
        return self._model

    def add_menu(self, button: QPushButton, line: QWidget) -> None:
        """Put a button beside the others, and below them the line in which it says what came of it."""
        self._bar.addWidget(button)
        layout = self.layout()
        if layout is not None:
            layout.addWidget(line)

    def set_rights(self, *, may_add: bool) -> None:
        """Offer what the person may do, and no more."""
        self._may_add = may_add
        self._follow()

    def show_rows(self, rows: Sequence[DeviceRow]) -> None:
        """Show these."""
        self._model.set_rows(rows)
        self._follow()

    def selected(self) -> list[DeviceRow]:
        """Return the selected rows, top to bottom."""
        rows = sorted(index.row() for index in self._table.selectionModel().selectedRows())
        return [self._model.row_at(row) for row in rows]

    def select(self, device: DeviceId | None) -> bool:
        """Select one device, or nothing; tell whether it is shown. A filter that hides it is emptied."""
        if device is None:
            self._table.clearSelection()
            return True
        if self._model.row_of(device) is None and self._search.text():
            self._search.clear()
        row = self._model.row_of(device)
        if row is None:
            return False
        index = self._model.index(row, 0)
        flags = QItemSelectionModel.SelectionFlag
        self._table.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
        self._table.scrollTo(index)
        return True

    def select_quietly(self, device: DeviceId | None) -> None:
        """Select as `select` does, but tell nobody: the form shows it already, or something else."""
        self.select(device)
        self._settle.stop()
        self._follow_selection()

    def focus_list(self) -> None:
        """Put the keyboard on the list."""
        self._table.setFocus()

    # -- private ---------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self.setObjectName("devices-list")
        self._search.setObjectName("devices-search")
        self._search.setAccessibleName("Search devices")
        self._search.setPlaceholderText("Search  (Ctrl+F)")
        self._search.setClearButtonEnabled(True)
        self._summary.setObjectName("devices-summary")
        self._summary.setFont(text_font(BODY_PX, QFont.Weight.DemiBold))
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self._search, 3)
        top.addWidget(self._summary, 2)
        self._bar.setSpacing(6)
        for name, button in self._buttons.items():
            button.setObjectName(f"devices-{name}")
            self._bar.addWidget(button)
        self._bar.addStretch(1)
        holder = QWidget()
        inside = QVBoxLayout(holder)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self._table)
        for page in (holder, self._none_found, self._none, self._nothing_mine):
            self._stack.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 6, 0)
        layout.setSpacing(6)
        layout.addLayout(top)
        layout.addWidget(self._stack, 1)
        layout.addLayout(self._bar)
        self.setFocusProxy(self._table)

    def _connect(self, theme_source: ThemeSource) -> None:
        LeaveFilter(self._search, self._table)
        ThreeWaySort(self._table)
        self._search.textChanged.connect(self._narrow)
        self._none_found.acted.connect(self._search.clear)
        self._none.acted.connect(lambda: self._do("add"))
        self._table.selectionModel().selectionChanged.connect(lambda *_: self._settle.start())
        self._settle.timeout.connect(self._on_settled)
        theme_source.changed.connect(self._table.viewport().update)
        for name, button in self._buttons.items():
            button.clicked.connect(lambda _=False, name=name: self._do(name))
        for keys, name in (("Ins", "add"), ("D", "duplicate"), ("Del", "remove")):
            self._key(keys, lambda name=name: self._do(name))
        for keys in ("Return", "Enter"):
            self._key(keys, self.entered.emit)
        find = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        find.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        find.activated.connect(self._search.setFocus)
        self._follow()

    def _key(self, keys: str, act: Callable[[], object]) -> None:
        # Only while the list has the keyboard, so that a search for "d" stays a search.
        shortcut = QShortcut(QKeySequence(keys), self._table)
        shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
        shortcut.activated.connect(act)

    def _do(self, name: str) -> None:
        button = self._buttons[name]
        if button.isEnabled() and self._may_add:
            self.wanted.emit(name)

    def _narrow(self, typed: str) -> None:
        self._model.set_filter(typed)
        self._follow()

    def _on_settled(self) -> None:
        self._follow_selection()
        self.settled.emit()

    def _follow(self) -> None:
        total, shown = len(self._model.all_rows), self._model.rowCount()
        hidden = f"The filter hides {count_text(total, 'device')}."
        self._none_found.set_text("No device matches", hidden)
        empty = 2 if self._may_add else 3
        self._stack.setCurrentIndex(empty if not total else 0 if shown else 1)
        self._search.setVisible(bool(total))
        self._follow_selection()

    def _follow_selection(self) -> None:
        chosen = self.selected()
        total, shown = len(self._model.all_rows), self._model.rowCount()
        words = (
            count_text(total, "device") if shown == total else f"{shown:,} of {count_text(total, 'device')}"
        )
        bad = sum(row.lamp not in (LampState.ONLINE, LampState.UNKNOWN) for row in self._model.all_rows)
        if len(chosen) > 1:
            words += f", {len(chosen):,} selected"
        elif bad:
            words += f", {bad:,} in trouble"
        self._summary.setText(words if total else "")
        is_one_mine = len(chosen) == 1 and chosen[0].is_mine
        for button in self._buttons.values():
            button.setVisible(self._may_add and bool(total))
        self._duplicate.setEnabled(len(chosen) == 1)
        self._remove.setEnabled(is_one_mine)
