"""The list of devices with their station: filter, table, and the buttons that act on the selection."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from console.panels.alerts.three_way_sort import ThreeWaySort
from console.panels.elided_label import ElidedLabel
from console.panels.keyboard import LeaveFilter
from console.panels.stations.device_rows import Column, DeviceRow
from console.panels.stations.devices_model import DevicesModel
from console.panels.wording import count_text
from console.widgets.data_table import make_table, set_columns
from console.widgets.elastic_column import ElasticColumn
from console.widgets.empty_state import EmptyState
from console.widgets.fonts import BODY_PX, text_font
from console.widgets.theme import ThemeSource
from console.widgets.whole_row import WholeRowDelegate

_WIDTHS = (220, 120, 160, 190, 120)
_LEAST_NAME_PX = 160


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that can be done with the selected devices.

    Attributes:
        key: The letter that does it while the list has the keyboard.
        is_change: Whether a person must be allowed to do it.
    """

    name: str
    words: str
    key: str
    is_change: bool = True


DEEDS = (
    Deed("assign", "Hand over to…", "O"),
    Deed("balance", "Back to automatic balance…", "B"),
    Deed("history", "Who polled it", "W", is_change=False),
)


class DevicesList(QWidget):
    """Everything but what is done with it.

    Attributes:
        wanted: A deed's name.
    """

    wanted = Signal(str)

    def __init__(
        self, theme_source: ThemeSource, now: Callable[[], float], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._may_change = False
        self._model = DevicesModel(now, self)
        self._table = make_table("station-devices", "Devices and who polls them")
        set_columns(self._table, self._model, _WIDTHS)
        # The middle of a name tells least.
        self._table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self._table.setItemDelegate(WholeRowDelegate(self._table))
        ElasticColumn(self._table, Column.DEVICE, _LEAST_NAME_PX)
        self._search = QLineEdit()
        self._summary = ElidedLabel()
        self._buttons = {deed.name: QPushButton(f"{deed.words}  ({deed.key})") for deed in DEEDS}
        self._none_found = EmptyState(theme_source, "mdi6.filter-off-outline", "", "", "Show all")
        self._none = EmptyState(
            theme_source,
            "mdi6.lan-disconnect",
            "No devices yet",
            "Stations poll devices once there are some: engineers add them on the screen Devices.",
        )
        self._stack = QStackedWidget()
        self._lay_out()
        self._connect()

    @property
    def table_model(self) -> DevicesModel:
        """The list's model."""
        return self._model

    def set_may_change(self, may: bool) -> None:  # noqa: FBT001
        """Offer what the person may do, and no more."""
        self._may_change = may
        self._follow_selection()

    def show_rows(self, rows: Sequence[DeviceRow]) -> None:
        """Show these."""
        self._model.set_rows(rows)
        self._follow()

    def selected(self) -> list[DeviceRow]:
        """Return the selected rows, top to bottom."""
        rows = sorted(index.row() for index in self._table.selectionModel().selectedRows())
        return [self._model.row_at(row) for row in rows]

    def focus_list(self) -> None:
        """Put the keyboard on the list."""
        self._table.setFocus()

    # -- private ---------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self._search.setObjectName("station-devices-search")
        self._search.setAccessibleName("Search devices and stations")
        self._search.setPlaceholderText("Search  (Ctrl+F)")
        self._search.setClearButtonEnabled(True)
        self._search.setMinimumWidth(120)
        self._summary.setObjectName("station-devices-summary")
        self._summary.setFont(text_font(BODY_PX, QFont.Weight.DemiBold))
        top = QHBoxLayout()
        top.setSpacing(6)
        top.addWidget(self._search, 2)
        top.addWidget(self._summary, 1)
        for deed in DEEDS:
            self._buttons[deed.name].setObjectName(f"station-devices-{deed.name}")
            top.addWidget(self._buttons[deed.name])
        holder = QWidget()
        inside = QVBoxLayout(holder)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self._table)
        for page in (holder, self._none_found, self._none):
            self._stack.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(top)
        layout.addWidget(self._stack, 1)

    def _connect(self) -> None:
        LeaveFilter(self._search, self._table)
        ThreeWaySort(self._table)
        self._search.textChanged.connect(self._narrow)
        self._none_found.acted.connect(self._search.clear)
        self._table.selectionModel().selectionChanged.connect(self._follow_selection)
        self._table.doubleClicked.connect(lambda: self._do("history"))
        for deed in DEEDS:
            self._buttons[deed.name].clicked.connect(lambda _=False, name=deed.name: self._do(name))
            self._key(deed.key, deed.name)
        for key in ("Return", "Enter"):
            self._key(key, "history")
        find = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        find.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        find.activated.connect(self._search.setFocus)
        self._follow()

    def _key(self, key: str, name: str) -> None:
        # Only while the list has the keyboard, so that a search for "o" stays a search.
        shortcut = QShortcut(QKeySequence(key), self._table)
        shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
        shortcut.activated.connect(lambda: self._do(name))

    def _do(self, name: str) -> None:
        if self._buttons[name].isEnabled() and not self._buttons[name].isHidden():
            self.wanted.emit(name)

    def _narrow(self, typed: str) -> None:
        self._model.set_filter(typed)
        self._follow()

    def _follow(self) -> None:
        total, shown = len(self._model.rows), self._model.rowCount()
        hidden = f"The filter hides {count_text(total, 'device')}."
        self._none_found.set_text("No device matches", hidden)
        self._stack.setCurrentIndex(2 if not total else 0 if shown else 1)
        self._search.setVisible(bool(total))
        if shown and not self._table.selectionModel().hasSelection():
            self._table.selectRow(0)
        self._follow_selection()

    def _follow_selection(self) -> None:
        chosen = self.selected()
        total, shown = len(self._model.rows), self._model.rowCount()
        words = (
            count_text(total, "device") if shown == total else f"{shown:,} of {count_text(total, 'device')}"
        )
        self._summary.setText(
            f"{words}, {len(chosen):,} selected" if len(chosen) > 1 else words if total else ""
        )
        for deed in DEEDS:
            button = self._buttons[deed.name]
            button.setVisible(self._may_change or not deed.is_change)
            button.setEnabled(len(chosen) == 1 if deed.name == "history" else bool(chosen))
        has_choice = any(row.chosen is not None for row in chosen)
        self._buttons["balance"].setEnabled(has_choice)
