"""The open alerts: list, filters, details, and the two things that can be done about them."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QItemSelection, QItemSelectionModel, Qt, QTimer, Signal
from PySide6.QtGui import QFont, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from console.bridge.bridge import Bridge
from console.bridge.commands import AcknowledgeAlerts, Command, ResolveAlerts
from console.panels.alerts.alert_details import AlertDetails
from console.panels.alerts.alert_rows import LEAST_MESSAGE_PX, Column, summary
from console.panels.alerts.consequence import (
    acknowledge_consequence,
    acknowledgeable,
    line_of,
    outcome_sentence,
)
from console.panels.alerts.filter_bar import FilterBar
from console.panels.alerts.open_model import OpenAlertsModel
from console.panels.alerts.row_delegate import AlertRowDelegate, SeverityDelegate
from console.panels.alerts.three_way_sort import ThreeWaySort
from console.panels.wording import count_text
from console.widgets import confirm
from console.widgets.data_table import make_table, set_columns
from console.widgets.elastic_column import ElasticColumn
from console.widgets.empty_state import EmptyState
from console.widgets.flash import FlashClock
from console.widgets.fonts import text_font
from console.widgets.severity_badge import BadgeState, state_of
from console.widgets.theme import ThemeSource
from models.records.alert import Alert, AlertId, AlertOutcome
from models.records.device import DeviceId
from models.records.rights import Action

_SAID_MS = 15_000
_WIDTHS = (100, 86, 128, 330, 124, 84, 80, 68, 136)


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
        ask: Callable[[QWidget, str, str, Sequence[str]], bool] = confirm.ask,
    ) -> None:
        """Store what is needed. `ask` shows a consequence and returns whether the person wants it."""
        super().__init__()
        self._bridge = bridge
        self._flash = flash
        self._ask = ask
        self._model = OpenAlertsModel(now, self)
        self._table = make_table("alerts-open", "Open alerts")
        self._table.setSortingEnabled(False)
        set_columns(self._table, self._model, _WIDTHS)
        ElasticColumn(self._table, Column.MESSAGE, LEAST_MESSAGE_PX)
        self._table.setItemDelegate(AlertRowDelegate(theme_source, flash, self._table))
        self._table.setItemDelegateForColumn(
            Column.SEVERITY, SeverityDelegate(theme_source, flash, self._table)
        )
        self._filters = FilterBar(self._table, self)
        self._details = AlertDetails(bridge, theme_source, flash, now)
        self._none_open = EmptyState(
            theme_source,
            "mdi6.bell-check-outline",
            "No open alerts",
            "No limit is passed on any device that answers. Past alerts are on the History tab.",
        )
        self._none_found = EmptyState(theme_source, "mdi6.filter-off-outline", "", "", "Show all")
        self._summary = QLabel()
        self._summary.setObjectName("alerts-summary")
        self._summary.setFont(text_font(15, QFont.Weight.DemiBold))
        self._said = QLabel()
        self._said.setObjectName("alerts-said")
        self._said.setWordWrap(True)
        self._said.setFont(text_font(14, QFont.Weight.DemiBold))
        # An answer to what was done before must not be read as one to what is done next.
        self._forget_said = QTimer(self, singleShot=True, interval=_SAID_MS)
        self._forget_said.timeout.connect(self._said.clear)
        self._acknowledge = QPushButton("Acknowledge  (A)")
        self._acknowledge.setObjectName("alerts-acknowledge")
        self._resolve = QPushButton("Resolve  (R)")
        self._resolve.setObjectName("alerts-resolve")
        self._stack = QStackedWidget()
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

    def refresh(self) -> None:
        """Show the alerts as the bridge has them now."""
        self._model.set_alerts(self._bridge.alerts)
        self._follow_selection()

    def tick(self) -> None:
        """Bring ages up to date."""
        self._model.refresh_ages()
        self._details.refresh()

    def focus_list(self) -> None:
        """Put the keyboard on the list, on its first row where none is chosen."""
        if not self._table.selectionModel().hasSelection() and self._model.rowCount():
            self._table.selectRow(0)
        self._table.setFocus()

    def selected(self) -> list[Alert]:
        """Return the alerts of the selected rows, top to bottom."""
        rows = sorted(index.row() for index in self._table.selectionModel().selectedRows())
        return [self._model.alert_at(row) for row in rows]

    def select(self, ids: Sequence[AlertId]) -> None:
        """Select rows."""
        selection = QItemSelection()
        for id in ids:
            row = self._model.row_of(id)
            if row is not None:
                selection.select(self._model.index(row, 0), self._model.index(row, len(Column) - 1))
        self._table.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def select_device(self, device: DeviceId) -> None:
        """Select the most urgent alert of a device."""
        own = [alert.id for alert in self._model.alerts if alert.device == device]
        self.select(own[:1])

    def acknowledge(self) -> None:
        """Take note of the selected alerts; of more than one only after the consequence was shown."""
        wanted = [alert for alert in acknowledgeable(self.selected()) if self._bridge.may_handle(alert)]
        if not self._bridge.may_somewhere(Action.HANDLE_ALERTS):
            return
        if not wanted:
            self._say("The selected alerts have been acknowledged already.")
            return
        if len(wanted) > 1 and not self._ask(
            self,
            acknowledge_consequence(wanted),
            f"Acknowledge {count_text(len(wanted), 'alert')}",
            [line_of(alert) for alert in wanted],
        ):
            return
        ids = tuple(alert.id for alert in wanted)
        self._order(AcknowledgeAlerts(ids), ids, "Acknowledging…", "acknowledged")

    def resolve(self) -> None:
        """Close the selected alerts; the database refuses those whose condition still stands."""
        wanted = [alert for alert in self.selected() if self._bridge.may_handle(alert)]
        if not wanted:
            return
        if len(wanted) > 1 and not self._ask(
            self,
            f"{count_text(len(wanted), 'alert')} will be closed for everybody, "
            "except those whose condition still stands.",
            f"Resolve {count_text(len(wanted), 'alert')}",
            [line_of(alert) for alert in wanted],
        ):
            return
        ids = tuple(alert.id for alert in wanted)
        self._order(ResolveAlerts(ids), ids, "Resolving…", "resolved")

    # -- private ---------------------------------------------------------------------------------------

    def _order(self, command: Command, ids: Sequence[AlertId], pending: str, done: str) -> None:
        self._model.set_pending(ids, pending)
        self._say("")

        def take(outcomes: list[AlertOutcome]) -> None:
            # What changed stays pending until `alerts_changed` brings it back; the rest will not come.
            self._model.drop_pending([outcome.alert for outcome in outcomes if not outcome.is_changed])
            self._say(outcome_sentence(outcomes, done))

        def refuse(sentence: str) -> None:
            self._model.drop_pending(ids)
            self._say(sentence)

        self._bridge.command(command, take, refuse, self)

    def _say(self, sentence: str) -> None:
        self._said.setText(sentence)
        self._said.setAccessibleName(sentence)
        self._forget_said.start()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self._summary, 1)
        top.addWidget(self._acknowledge)
        top.addWidget(self._resolve)
        list_page = QWidget()
        holder = QVBoxLayout(list_page)
        holder.setContentsMargins(0, 0, 0, 0)
        holder.addWidget(self._table)
        self._stack.addWidget(list_page)
        self._stack.addWidget(self._none_found)
        self._stack.addWidget(self._none_open)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(self._filters)
        column.addWidget(self._stack, 1)
        column.addWidget(self._said)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.addWidget(left)
        splitter.addWidget(self._details)
        splitter.setStretchFactor(0, 1)
        splitter.setSizes([820, 300])
        splitter.setChildrenCollapsible(False)
        self._details.setMinimumWidth(280)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.addWidget(splitter)

    def _connect(self) -> None:
        self._filters.changed.connect(self._model.set_filter)
        self._none_found.acted.connect(self._filters.clear)
        self._acknowledge.clicked.connect(self.acknowledge)
        self._resolve.clicked.connect(self.resolve)
        self._details.device_wanted.connect(self.device_wanted)
        self._flash.stepped.connect(self._flash_stepped)
        ThreeWaySort(self._table)
        self._table.selectionModel().selectionChanged.connect(self._follow_selection)
        self._table.doubleClicked.connect(self._open_device)
        for signal in (self._model.rowsInserted, self._model.rowsRemoved, self._model.dataChanged):
            signal.connect(self._show_counts)
        # Single keys, for one hand; they act only while the list has the keyboard, so that a search for
        # "a" stays a search.
        for key, slot in (
            ("A", self.acknowledge),
            ("R", self.resolve),
            ("Return", self._open_device),
            ("Enter", self._open_device),
        ):
            shortcut = QShortcut(QKeySequence(key), self._table)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(slot)
        everywhere = QShortcut(QKeySequence("Ctrl+Return"), self)
        everywhere.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        everywhere.activated.connect(self.acknowledge)
        self._show_counts()

    def _follow_selection(self) -> None:
        chosen = self.selected()
        current = self._table.currentIndex()
        shown = chosen[0] if chosen else None
        if current.isValid() and self._table.selectionModel().isRowSelected(current.row()):
            shown = self._model.alert_at(current.row())
        self._details.show_alert(shown)
        handled = [alert for alert in chosen if self._bridge.may_handle(alert)]
        self._acknowledge.setEnabled(bool(acknowledgeable(handled)))
        self._resolve.setEnabled(bool(handled))
        for button in (self._acknowledge, self._resolve):
            button.setVisible(self._bridge.may_somewhere(Action.HANDLE_ALERTS))

    def _show_counts(self) -> None:
        alerts, shown = self._model.alerts, self._model.rowCount()
        self._summary.setText(summary(alerts, shown))
        hidden = f"The filter hides {count_text(len(alerts), 'open alert')}."
        self._none_found.set_text("No alert matches", hidden)
        self._stack.setCurrentIndex(0 if shown else 1 if alerts else 2)
        self._filters.setVisible(bool(alerts))
        self._details.setVisible(bool(alerts))

    def _flash_stepped(self) -> None:
        if self._table.isVisible() and any(
            state_of(alert) is BadgeState.UNACKNOWLEDGED for alert in self._model.alerts
        ):
            self._table.viewport().update()

    def _open_device(self) -> None:
        chosen = self.selected()
        if chosen:
            self.device_wanted.emit(chosen[0].device)
