"""The Shelved tab: everything that asks nobody on purpose, who wants it so, why, and for how much longer."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from console.bridge.bridge import Bridge
from console.panels.alerts.action_bar import ActionBar, TableAction
from console.panels.alerts.alert_orders import AlertOrders
from console.panels.alerts.alert_questions import AskOutOfService
from console.panels.alerts.aside_model import AsideModel
from console.panels.alerts.maintenance_orders import MaintenanceOrders
from console.panels.alerts.said_line import SaidLine
from console.panels.alerts.set_aside import Aside, AsideColumn, AsideKind, aside_counts, asides
from console.widgets import confirm
from console.widgets.confirm import Ask
from console.widgets.data_table import make_table, set_columns
from console.widgets.elastic_column import ElasticColumn
from console.widgets.empty_state import EmptyState
from console.widgets.theme import ThemeSource
from console.widgets.whole_row import WholeRowDelegate
from models.records.alert_story import OutOfService
from models.records.rights import Action

_WIDTHS = (112, 116, 236, 84, 128, 104, 200, 112)
_LEAST_REASON_PX = 160


class ShelvedPage(QWidget):
    """Shelved alerts, devices in maintenance and thresholds out of service in one list.

    Attributes:
        device_wanted: The person wants to see a device (DeviceId).
        limits_wanted: The person wants to see the limits, where what is out of service is put back.
        counted: How many rows there are may be other than before.
    """

    device_wanted = Signal(object)
    limits_wanted = Signal()
    counted = Signal()

    def __init__(
        self,
        bridge: Bridge,
        theme_source: ThemeSource,
        now: Callable[[], float],
        ask: Ask = confirm.ask,
    ) -> None:
        """Store what is needed. `ask` shows a consequence and returns whether the person wants it."""
        super().__init__()
        self._bridge = bridge
        self._idle: list[OutOfService] = []
        self._model = AsideModel(now, self)
        self._table = make_table("alerts-shelved", "Shelved alerts and what else asks nobody")
        set_columns(self._table, self._model, _WIDTHS)
        ElasticColumn(self._table, AsideColumn.REASON, _LEAST_REASON_PX)
        self._table.setItemDelegate(WholeRowDelegate(self._table))
        self._orders = AlertOrders(bridge, theme_source, now, self, ask)
        self._works = MaintenanceOrders(bridge, theme_source, now, self)
        self._bar = ActionBar(
            "shelved",
            self._table,
            [
                TableAction("unshelve", "Take from the shelf", "U", self.unshelve, tip="Let it ask again"),
                TableAction("end", "End maintenance", "E", self.end_maintenance, tip="The work is done"),
                TableAction(
                    "maintenance", "Change maintenance", "M", self.maintain, tip="Another reason or end"
                ),
                TableAction("device", "Show device", "Return", self._open_device, is_button=False),
            ],
        )
        self._said = SaidLine("shelved")
        self._none = EmptyState(
            theme_source,
            "mdi6.tray-full",
            "Nothing is set aside",
            "Shelve an alert on the Open tab with S, or put its device into maintenance with M; "
            "they are listed here with reason and time left.",
        )
        self._stack = QStackedWidget()
        self._lay_out()
        self._connect()

    @property
    def table_model(self) -> AsideModel:
        """The list's model."""
        return self._model

    @property
    def count(self) -> int:
        """How many things are set aside."""
        return self._model.rowCount()

    def refresh(self) -> None:
        """Show what the bridge holds now."""
        thresholds = {
            limit.id: limit
            for shelf in self._bridge.shelves
            for limit in self._bridge.catalogue.thresholds_of(shelf.device)
        }
        bridge = self._bridge
        quantities = bridge.catalogue.quantities
        rows = asides(bridge.shelves, bridge.maintenance, self._idle, thresholds, quantities)
        self._model.show_rows(rows)
        self._said.show_summary(aside_counts(rows))
        self._stack.setCurrentIndex(0 if rows else 1)
        self._follow_selection()
        self.counted.emit()

    def ask_again(self) -> None:
        """Ask which thresholds are out of service."""

        def take(idle: list[OutOfService]) -> None:
            self._idle = idle
            self.refresh()

        self._bridge.ask(AskOutOfService(), take, self._said.say, self)

    def tick(self) -> None:
        """Bring the time left up to date."""
        self._model.refresh_ages()

    def focus_list(self) -> None:
        """Put the keyboard on the list, on its first row where none is chosen."""
        if not self._table.selectionModel().hasSelection() and self._model.rowCount():
            self._table.selectRow(0)
        self._table.setFocus()

    def selected(self) -> list[Aside]:
        """Return the selected rows, top to bottom."""
        rows = sorted(index.row() for index in self._table.selectionModel().selectedRows())
        return [self._model.row_at(row) for row in rows]

    def unshelve(self) -> None:
        """Take the selected alerts from the shelf."""
        self._orders.unshelve([row.shelf for row in self._mine() if row.shelf is not None])

    def end_maintenance(self) -> None:
        """End the maintenance of the selected devices."""
        self._works.end([row.work for row in self._mine() if row.work is not None])

    def maintain(self) -> None:
        """Change reason or end of the selected devices' maintenance."""
        self._works.ask([row.device for row in self._mine() if row.work is not None])

    def _mine(self) -> list[Aside]:
        return [row for row in self.selected() if self._may_handle(row)]

    def _may_handle(self, row: Aside) -> bool:
        device = self._bridge.catalogue.device(row.device)
        return self._bridge.may(Action.HANDLE_ALERTS, None if device is None else device.user_id)

    def _lay_out(self) -> None:
        self._bar.row.addStretch(1)
        for page in (self._table, self._none):
            self._stack.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.setSpacing(8)
        layout.addWidget(self._bar)
        layout.addWidget(self._stack, 1)
        layout.addWidget(self._said)

    def _connect(self) -> None:
        self._orders.said.connect(self._said.say)
        self._works.said.connect(self._said.say)
        self._table.selectionModel().selectionChanged.connect(self._follow_selection)
        self._table.doubleClicked.connect(self._open)
        self.refresh()

    def _follow_selection(self) -> None:
        mine = self._mine()
        self._bar.enable("unshelve", enabled=any(row.shelf is not None for row in mine))
        has_work = any(row.work is not None for row in mine)
        self._bar.enable("end", enabled=has_work)
        self._bar.enable("maintenance", enabled=has_work)
        self._bar.enable("device", enabled=bool(self.selected()))
        self._bar.show_buttons(shown=self._orders.may_act)

    def _open(self) -> None:
        chosen = self.selected()
        if chosen and chosen[0].kind is AsideKind.OUT_OF_SERVICE:
            self.limits_wanted.emit()
        else:
            self._open_device()

    def _open_device(self) -> None:
        chosen = self.selected()
        if chosen:
            self.device_wanted.emit(chosen[0].device)
