"""The open alerts: list, filters, details, and what can be done about them with one hand on the keyboard."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSettings, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from console.bridge.bridge import Bridge
from console.panels.alerts.action_bar import ActionBar, TableAction
from console.panels.alerts.alert_details import AlertDetails
from console.panels.alerts.alert_orders import AlertOrders
from console.panels.alerts.alert_rows import (
    HIDDEN_WORDS,
    LEAST_MESSAGE_PX,
    Column,
    can_acknowledge,
    is_to_reset,
    summary,
)
from console.panels.alerts.alert_table import AlertTable
from console.panels.alerts.beside import put_beside
from console.panels.alerts.filter_bar import FilterBar
from console.panels.alerts.maintenance_orders import MaintenanceOrders
from console.panels.alerts.open_model import OpenAlertsModel
from console.panels.alerts.said_line import SaidLine
from console.panels.alerts.three_way_sort import ThreeWaySort
from console.panels.wording import count_text
from console.widgets import confirm
from console.widgets.confirm import Ask
from console.widgets.empty_state import EmptyState
from console.widgets.flash import FlashClock
from console.widgets.severity_badge import BadgeState
from console.widgets.theme import ThemeSource
from models.records.alert import Alert, AlertId
from models.records.device import DeviceId
from models.records.shelf import HiddenBy

_SEEN = (
    Column.SEVERITY,
    Column.SINCE,
    Column.DEVICE,
    Column.MESSAGE,
    Column.STATE,
    Column.AREA,
    Column.VALUE,
    Column.LIMIT,
    Column.ACKNOWLEDGED,
)
_MOST_RANGES = 64


class OpenPage(QWidget):
    """Everything about open alerts.

    Attributes:
        device_wanted: The person wants to see a device (DeviceId).
    """

    device_wanted = Signal(object)

    def __init__(
        self,
        bridge: Bridge,
        theme_source: ThemeSource,
        flash: FlashClock,
        now: Callable[[], float],
        ask: Ask = confirm.ask,
    ) -> None:
        """Store what is needed. `ask` shows a consequence and returns whether the person wants it."""
        super().__init__()
        self._bridge = bridge
        self._flash = flash
        self._model = OpenAlertsModel(now, self)
        self._table = AlertTable(
            "alerts-open", "Open alerts", self._model, _SEEN, LEAST_MESSAGE_PX, theme_source, flash
        )
        self._filters = FilterBar(self._table, self)
        self._details = AlertDetails(bridge, theme_source, flash, now)
        self._orders = AlertOrders(bridge, theme_source, now, self, ask)
        self._works = MaintenanceOrders(bridge, theme_source, now, self)
        self._none_open = EmptyState(
            theme_source,
            "mdi6.bell-check-outline",
            "No open alerts",
            "No limit is passed on any device that answers. Past alerts are on the History tab.",
        )
        self._none_found = EmptyState(theme_source, "mdi6.filter-off-outline", "", "", "Show all")
        self._bar = ActionBar("alerts", self._table, self._actions())
        self._said = SaidLine("alerts")
        self._stack = QStackedWidget()
        self._waits_for_first = False
        self._lay_out()
        self._connect()

    @property
    def table_model(self) -> OpenAlertsModel:
        """The list's model."""
        return self._model

    @property
    def details(self) -> AlertDetails:
        """The pane beside the list."""
        return self._details

    @property
    def orders(self) -> AlertOrders:
        """What can be done about alerts."""
        return self._orders

    @property
    def bar(self) -> ActionBar:
        """The buttons, and the same as a menu."""
        return self._bar

    def use_memory(self, memory: QSettings) -> None:
        """Show the columns as they were chosen before."""
        self._table.columns.use_memory(memory, "alerts/open-columns")

    def refresh(self) -> None:
        """Show the alerts as the bridge has them now."""
        self._model.set_maintenance(self._bridge.maintenance)
        self._model.set_alerts(self._bridge.alerts)
        self._join_selection()
        self._show_counts()
        self._select_awaited()
        self._follow_selection()

    def catalogue_changed(self) -> None:
        """Offer the devices there are now."""
        self._filters.offer(self._bridge.catalogue.devices)
        self._model.set_quantities(self._bridge.catalogue.quantities)

    def tick(self) -> None:
        """Bring ages up to date."""
        self._model.refresh_ages()
        self._details.refresh()

    def focus_list(self) -> None:
        """Put the keyboard on the list, on its first row or the first that comes where none is chosen."""
        self._waits_for_first = not self._table.selectionModel().hasSelection()
        self._select_awaited()
        self._table.setFocus()

    def selected(self) -> list[Alert]:
        """Return the alerts of the selected rows, top to bottom."""
        return [self._model.alert_at(row) for row in self._table.selected_rows()]

    def select(self, ids: Sequence[AlertId]) -> None:
        """Select rows."""
        rows = [row for id in ids if (row := self._model.row_of(id)) is not None]
        self._table.select_rows(rows)
        if rows:
            self._table.scrollTo(self._model.index(rows[0], Column.SEVERITY))

    def select_device(self, device: DeviceId) -> None:
        """Select the most urgent alert of a device."""
        own = next((alert.id for alert in self._model.shown if alert.device == device), None)
        self.select([] if own is None else [own])

    def select_next(self) -> None:
        """Select the next alert below that nobody has acknowledged; after the last, the first again."""
        rows = self._table.selected_rows()
        after = rows[-1] if rows else -1
        waiting = [row for row, alert in enumerate(self._model.shown) if can_acknowledge(alert)]
        following = next((row for row in waiting if row > after), waiting[0] if waiting else None)
        if following is None:
            self._said.say("Nothing is left to acknowledge in this list.")
        else:
            self.select([self._model.alert_at(following).id])

    def acknowledge(self) -> None:
        """Take note of the selected alerts."""
        self._orders.acknowledge(self.selected())

    def resolve(self) -> None:
        """Close the selected alerts, or reset latched ones."""
        self._orders.resolve(self.selected())

    def comment(self) -> None:
        """Write into the journal of the selected alerts."""
        self._orders.comment(self.selected())

    def shelve(self) -> None:
        """Set the selected alerts aside."""
        self._orders.shelve(self.selected())

    def unshelve(self) -> None:
        """Take the selected alerts from the shelf."""
        thresholds = {alert.threshold for alert in self._orders.of_mine(self.selected())}
        self._orders.unshelve([shelf for shelf in self._bridge.shelves if shelf.threshold in thresholds])

    def maintain(self) -> None:
        """Put the devices of the selected alerts into maintenance, or end it."""
        self._works.ask([alert.device for alert in self.selected()])

    # -- private ---------------------------------------------------------------------------------------

    def _actions(self) -> list[TableAction]:
        return [
            TableAction("acknowledge", "Acknowledge", "A", self.acknowledge, tip="Take note, for everybody"),
            TableAction("comment", "Comment", "C", self.comment, tip="Write into the alert's journal"),
            TableAction("shelve", "Shelve", "S", self.shelve, tip="Set aside for a time, with a reason"),
            TableAction("resolve", "Resolve", "R", self.resolve, tip="Close, once the condition is over"),
            TableAction(
                "maintenance", "Maintenance", "M", self.maintain, tip="Say that the device is being worked on"
            ),
            TableAction("unshelve", "Take from the shelf", "U", self.unshelve, is_button=False),
            TableAction("next", "Next not acknowledged", "N", self.select_next, is_button=False),
            TableAction("device", "Show device", "Return", self._open_device, is_button=False),
        ]

    def _lay_out(self) -> None:
        self._bar.row.addStretch(1)
        self._bar.row.addWidget(self._table.columns.make_button("alerts-columns"))
        list_page = QWidget()
        holder = QVBoxLayout(list_page)
        holder.setContentsMargins(0, 0, 0, 0)
        holder.addWidget(self._table)
        for page in (list_page, self._none_found, self._none_open):
            self._stack.addWidget(page)
        column = QVBoxLayout()
        for part in (self._bar, self._filters):
            column.addWidget(part)
        column.addWidget(self._stack, 1)
        column.addWidget(self._said)
        put_beside(self, column, self._details)

    def _connect(self) -> None:
        self._filters.changed.connect(self._narrow)
        self._none_found.acted.connect(self._show_all)
        self._details.device_wanted.connect(self.device_wanted)
        self._flash.stepped.connect(self._flash_stepped)
        self._orders.said.connect(self._said.say)
        self._works.said.connect(self._said.say)
        self._orders.pending.connect(self._model.set_pending)
        self._orders.settled.connect(self._model.drop_pending)
        ThreeWaySort(self._table)
        self._table.selectionModel().selectionChanged.connect(self._follow_selection)
        self._table.doubleClicked.connect(self._open_device)
        enter = QShortcut(QKeySequence("Enter"), self._table)
        enter.setContext(Qt.ShortcutContext.WidgetShortcut)
        enter.activated.connect(self._open_device)
        everywhere = QShortcut(QKeySequence("Ctrl+Return"), self)
        everywhere.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        everywhere.activated.connect(self.acknowledge)
        self._show_counts()

    def _narrow(self, narrowed: object) -> None:
        self._model.set_filter(self._filters.narrowed)
        self._show_counts()
        self._select_awaited()
        self._follow_selection()

    def _show_all(self) -> None:
        is_narrowed = not self._model.narrowed.is_empty
        self._filters.clear()
        if not is_narrowed:
            self._filters.show_hidden()

    def _select_awaited(self) -> None:
        """Select the first row for whoever came while there was none."""
        if self._waits_for_first and self._model.rowCount():
            self._waits_for_first = False
            if not self._table.selectionModel().hasSelection():
                self._table.selectRow(0)

    def _join_selection(self) -> None:
        """Make few stretches of many selected rows: Qt asks each of them for every cell it paints."""
        selection = self._table.selectionModel()
        if len(selection.selection()) > _MOST_RANGES:  # pyright: ignore[reportArgumentType]
            self._table.select_rows(self._table.selected_rows())

    def _follow_selection(self) -> None:
        chosen = self.selected()
        current = self._table.currentIndex()
        shown = chosen[0] if chosen else None
        if current.isValid() and self._table.selectionModel().isRowSelected(current.row()):
            shown = self._model.alert_at(current.row())
        self._details.show_alert(shown)
        may_handle = self._bridge.may_handle
        # Each is asked only until the answer is clear: thousands may be selected.
        has_some = any(may_handle(alert) for alert in chosen)
        is_reset = has_some and all(is_to_reset(alert) for alert in chosen)
        is_waiting = any(can_acknowledge(alert) and may_handle(alert) for alert in chosen)
        is_shelved = any(alert.hidden_by is HiddenBy.SHELF and may_handle(alert) for alert in chosen)
        self._bar.enable("acknowledge", enabled=is_waiting)
        self._bar.enable("comment", enabled=has_some)
        self._bar.enable("shelve", enabled=has_some)
        self._bar.enable("resolve", enabled=has_some, words="Reset" if is_reset else "")
        self._bar.enable("maintenance", enabled=has_some)
        self._bar.enable("unshelve", enabled=is_shelved)
        self._bar.enable("device", enabled=bool(chosen))
        self._bar.show_buttons(shown=self._orders.may_act)

    def _show_counts(self) -> None:
        counts, shown = self._model.counts, self._model.rowCount()
        total, hidden = sum(counts.values()), self._model.hidden
        self._said.show_summary(summary(counts, shown))
        self._filters.show_hidden_count(hidden, self._why_hidden() if hidden else "")
        if self._model.narrowed.is_empty and hidden == total:
            self._none_found.set_text(
                "Nothing asks for anybody",
                f"{count_text(hidden, 'open alert')} hidden: {self._why_hidden()}.",
            )
        else:
            words = f"The filter hides {count_text(total - hidden, 'open alert')}."
            self._none_found.set_text("No alert matches", words)
        self._stack.setCurrentIndex(0 if shown else 1 if total else 2)
        self._filters.setVisible(bool(total))
        self._details.setVisible(bool(total))

    def _why_hidden(self) -> str:
        reasons = [alert.hidden_by for alert in self._model.alerts if alert.hidden_by is not HiddenBy.NOTHING]
        return ", ".join(f"{reasons.count(why):,} {HIDDEN_WORDS[why]}" for why in HiddenBy if why in reasons)

    def _flash_stepped(self) -> None:
        if self._table.isVisible() and self._model.counts.get(BadgeState.UNACKNOWLEDGED):
            self._table.viewport().update()

    def _open_device(self) -> None:
        chosen = self.selected()
        if chosen:
            self.device_wanted.emit(chosen[0].device)
