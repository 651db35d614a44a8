"""Stations: one row a station, the devices with who polls them, and the selected station in full."""

from typing import Any, ClassVar

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QFont, QKeySequence, QShortcut
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from console.panels.elided_label import ElidedLabel
from console.panels.panel import Panel
from console.panels.stations.device_rows import device_rows
from console.panels.stations.devices_list import DevicesList
from console.panels.stations.history_dialog import HistoryDialog
from console.panels.stations.station_orders import StationOrders
from console.panels.stations.station_pane import StationPane
from console.panels.stations.station_questions import AskHistory, AskLeases, LeasesNow
from console.panels.stations.station_rows import StationRow, station_rows
from console.panels.stations.station_words import ALONE, old_sentence, summary
from console.panels.stations.stations_table import StationsTable
from console.widgets.empty_state import EmptyState
from console.widgets.fonts import BODY_PX, text_font
from console.widgets.plain_text import plain_label
from models.records.person import Role

_AGAIN_S = 2
_SAID_MS = 15_000
_PANE_PX = 330


class StationsPanel(Panel):
    """Everybody sees it; only administrators are offered what changes something."""

    key: ClassVar[str] = "stations"
    title: ClassVar[str] = "Stations"
    icon: ClassVar[str] = "mdi6.server-network"

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Arguments as `Panel` takes them."""
        super().__init__(*arguments, **options)
        self._leases = LeasesNow()
        self._rows: tuple[StationRow, ...] = ()
        self._is_asking = self._is_answered = False
        self._seconds = 0
        self._told_devices: object = None
        self._orders = StationOrders(self.bridge, self.theme_source, self)
        self._summary = ElidedLabel()
        self._old = plain_label()
        self._table = StationsTable(self.theme_source, self.now)
        self._alone = plain_label(ALONE)
        self._devices = DevicesList(self.theme_source, self.now)
        self._said = plain_label()
        self._forget_said = QTimer(self, singleShot=True, interval=_SAID_MS)
        self._pane = StationPane(self.theme_source)
        self._stack = QStackedWidget()
        self._lay_out()
        self._connect()
        self._show()

    def is_populated(self) -> bool:
        """Tell whether stations and their devices have been told."""
        return self._is_answered and bool(self._rows)

    def on_shown(self) -> None:
        """Ask anew, and show what is known meanwhile."""
        self.bridge.look_at_stations()
        self._ask_leases()
        self._show()

    def on_second(self) -> None:
        """Ages tick; what changes every second is not announced, so it is asked for."""
        self._seconds += 1
        if self._seconds % _AGAIN_S == 0:
            self.bridge.look_at_stations()
            self._ask_leases()
        self._show_stations()
        self._devices.table_model.repaint_all()

    # -- private ---------------------------------------------------------------------------------------

    def _ask_leases(self) -> None:
        if not self._is_asking:
            self._is_asking = True
            person = self.bridge.person
            with_orders = person is not None and person.role is not Role.USER
            self.bridge.ask(AskLeases(with_orders), self._take_leases, self._on_unanswered, self)

    def _take_leases(self, leases: LeasesNow) -> None:
        self._is_asking, self._is_answered = False, True
        self._leases = leases
        self._show()

    def _on_unanswered(self, _sentence: str) -> None:
        # The window's frame says why the database does not answer; what was known stays, marked as old.
        self._is_asking, self._is_answered = False, True
        self._show()

    def _show(self) -> None:
        self._show_stations()
        self._show_devices()

    def _show_stations(self) -> None:
        bridge, now_unix = self.bridge, self.now()
        self._rows = station_rows(bridge.stations, bridge.link, now_unix, bridge.stations_at_unix)
        self._orders.settle(self._leases, self._rows)
        self._table.table_model.set_pending(self._orders.pending_stations)
        self._table.show_rows(self._rows)
        self._stack.setCurrentIndex(0 if self._rows else 1)
        is_old = not bridge.link.is_window_live and not bridge.link.is_opening
        self._old.setText(old_sentence(bridge.stations_at_unix, now_unix) if is_old else "")
        self._old.setVisible(is_old)
        self._alone.setVisible(len(self._rows) == 1)
        self._show_summary()

    def _show_summary(self) -> None:
        devices = self._devices.table_model.rows
        unpolled = sum(not row.is_polled for row in devices)
        words = summary(self._rows, len(devices), unpolled) if self._is_answered else "Loading…"
        if words != self._summary.text():
            self._summary.setText(words)

    def _show_devices(self) -> None:
        bridge = self.bridge
        own = next((row.name for row in self._rows if not row.id), "")
        idle = frozenset(row.id for row in self._rows if row.id and not row.is_working)
        told = (bridge.catalogue, self._leases, own, bridge.polled_here if own else frozenset(), idle)
        if told != self._told_devices:
            self._told_devices = told
            names = {row.id: row.name for row in self._rows}
            self._devices.show_rows(
                device_rows(bridge.catalogue.devices, self._leases, names, own, bridge.polled_here, idle)
            )
        self._devices.table_model.set_pending(self._orders.pending_devices)
        # A station that has no row of its own has nobody to hand anything to.
        self._devices.set_may_change(self._orders.may_act and any(row.id for row in self._rows))
        self._show_summary()

    def _show_pane(self) -> None:
        row = self._table.selected()
        self._pane.show_station(
            row,
            self._leases.orders,
            now_unix=self.now(),
            may_act=self._orders.may_act,
            is_reached=self.bridge.link.is_window_live,
            is_pending=row is not None and row.id in self._orders.pending_stations,
        )

    def _do_with_station(self, name: str) -> None:
        row = self._table.selected()
        if row is None:
            return
        match name:
            case "drill":
                self._orders.drill(row, self._rows)
            case "drain":
                self._orders.drain(row, self._rows)
            case "withdraw":
                self._orders.withdraw(row, self._leases.orders)
            case _:
                self._orders.retry(row)

    def _do_with_devices(self, name: str) -> None:
        chosen = self._devices.selected()
        match name:
            case "assign":
                self._orders.hand_over(chosen, self._rows)
            case "balance":
                self._orders.to_balance(chosen)
            case _ if chosen:
                device = chosen[0].device
                dialog = HistoryDialog(device.name, self.now, self)
                self.bridge.ask(AskHistory(device.id), dialog.show_spans, dialog.say, dialog)
                dialog.open()

    def _say(self, sentence: str) -> None:
        self._said.setText(sentence)
        self._said.setAccessibleName(sentence)
        self._said.setVisible(bool(sentence))
        self._forget_said.start()

    def _connect(self) -> None:
        self.bridge.stations_changed.connect(self._on_stations_changed)
        self.bridge.link_changed.connect(self._on_link_changed)
        self.bridge.catalogue_changed.connect(self._on_catalogue_changed)
        self.bridge.person_changed.connect(self._on_catalogue_changed)
        self._orders.said.connect(self._say)
        self._orders.changed.connect(self._show)
        self._table.chosen.connect(self._show_pane)
        self._devices.wanted.connect(self._do_with_devices)
        self._pane.wanted.connect(self._do_with_station)
        self._forget_said.timeout.connect(lambda: self._say(""))
        for keys, name in (("Ctrl+D", "drill"), ("Ctrl+G", "drain"), ("Ctrl+Z", "withdraw")):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(lambda name=name: self._pane.press(name))

    def _on_stations_changed(self) -> None:
        if self.isVisible():
            self._show_stations()
            self._ask_leases()

    def _on_link_changed(self) -> None:
        if self.isVisible():
            self._show_stations()

    def _on_catalogue_changed(self) -> None:
        if self.isVisible():
            self._show()

    def _lay_out(self) -> None:
        self._summary.setObjectName("stations-now-summary")
        self._summary.setFont(text_font(BODY_PX + 2, QFont.Weight.DemiBold))
        for name, label in (("old", self._old), ("alone", self._alone), ("said", self._said)):
            label.setObjectName(f"stations-now-{name}")
            label.setWordWrap(True)
            label.hide()
        self._alone.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        for label in (self._old, self._said):
            label.setFont(text_font(BODY_PX + 1, QFont.Weight.DemiBold))
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 6, 0)
        column.setSpacing(8)
        for part in (self._table, self._alone):
            column.addWidget(part)
        column.addWidget(self._devices, 1)
        column.addWidget(self._said)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.addWidget(left)
        splitter.addWidget(self._pane)
        splitter.setStretchFactor(0, 1)
        splitter.setSizes([850, _PANE_PX])
        splitter.setChildrenCollapsible(False)
        self._pane.setMinimumWidth(280)
        self._stack.addWidget(splitter)
        self._stack.addWidget(
            EmptyState(
                self.theme_source,
                "mdi6.server-off",
                "No station yet",
                "A station polls the devices and records their readings. On the computer that reaches them "
                "run: main.py station enroll, then main.py station",
            )
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.setSpacing(8)
        layout.addWidget(self._summary)
        layout.addWidget(self._old)
        layout.addWidget(self._stack, 1)
        self.setFocusProxy(self._table)
