"""What has been: alerts of any state, searched, filtered and sorted where they are stored."""

from collections.abc import Callable

from PySide6.QtCore import QSettings, QTimer, Signal
from PySide6.QtWidgets import QPushButton, QStackedWidget, QVBoxLayout, QWidget

from console.bridge.bridge import Bridge
from console.panels.alerts.action_bar import ActionBar, TableAction
from console.panels.alerts.alert_details import AlertDetails
from console.panels.alerts.alert_orders import AlertOrders
from console.panels.alerts.alert_questions import AskHistory, CountHistory
from console.panels.alerts.alert_rows import Column
from console.panels.alerts.alert_table import AlertTable
from console.panels.alerts.beside import put_beside
from console.panels.alerts.export_questions import ExportHistory
from console.panels.alerts.export_task import ChooseFile, ExportTask
from console.panels.alerts.history_filter_bar import HistoryFilterBar
from console.panels.alerts.history_model import HistoryModel
from console.panels.alerts.paged_model import PAGE
from console.panels.alerts.pager import Pager
from console.panels.alerts.said_line import SaidLine
from console.panels.alerts.three_way_sort import ThreeWaySort
from console.panels.settings.file_name import ask_path
from console.panels.wording import count_text
from console.widgets.empty_state import EmptyState
from console.widgets.flash import FlashClock
from console.widgets.task_line import TaskLine
from console.widgets.theme import ThemeSource
from models.records.alert import Alert
from models.records.alert_filter import AlertSort

_SEEN = (
    Column.BEGAN,
    Column.SEVERITY,
    Column.DEVICE,
    Column.MESSAGE,
    Column.STATE,
    Column.SINCE,
    Column.AREA,
    Column.VALUE,
    Column.LIMIT,
    Column.ACKNOWLEDGED,
    Column.RESOLVED,
)
_LEAST_MESSAGE_PX = 330
_FRESH_MS = 2_000
"""The newest page is read again this long after something happened: in a flood not for every alert."""


class HistoryPage(QWidget):
    """The History tab.

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
        choose_file: ChooseFile = ask_path,
    ) -> None:
        """Store what is needed; `choose_file` asks where something shall be saved."""
        super().__init__()
        self._bridge = bridge
        self._sort, self._is_descending = AlertSort.TRIGGERED, True
        self._model = HistoryModel(now, self)
        self._table = AlertTable(
            "alerts-history", "Past alerts", self._model, _SEEN, _LEAST_MESSAGE_PX, theme_source, flash
        )
        self._filters = HistoryFilterBar(self._table, now, self)
        self._details = AlertDetails(bridge, theme_source, flash, now, "past-alert")
        self._orders = AlertOrders(bridge, theme_source, now, self)
        self._bar = ActionBar(
            "history",
            self._table,
            [
                TableAction("comment", "Comment", "C", self.comment, tip="Write into the alert's journal"),
                TableAction("device", "Show device", "Return", self._open_device),
            ],
        )
        self._said = SaidLine("history")
        self._line = TaskLine("history-task")
        self._newest = QPushButton("&Newest")
        self._export = QPushButton("E&xport…")
        self._pager = Pager(bridge, self._table, self._model, self._page_question, self._count_question)
        self._task = ExportTask(
            bridge,
            self._export,
            self._line,
            "alerts.csv",
            lambda path, tell, stop: ExportHistory(
                self._filters.chosen, self._sort, self._is_descending, path, tell, stop
            ),
            lambda: self._pager.count,
            choose_file,
        )
        self._none = EmptyState(theme_source, "mdi6.history", "", "", "Show all")
        self._stack = QStackedWidget()
        self._fresh = QTimer(self, singleShot=True, interval=_FRESH_MS)
        self._lay_out()
        self._connect()

    @property
    def table_model(self) -> HistoryModel:
        """The list's model."""
        return self._model

    @property
    def details(self) -> AlertDetails:
        """The pane beside the list."""
        return self._details

    @property
    def is_loading(self) -> bool:
        """Whether the first page is awaited."""
        return self._pager.is_loading_first

    def use_memory(self, memory: QSettings) -> None:
        """Show the columns as they were chosen before."""
        self._table.columns.use_memory(memory, "alerts/history-columns")

    def catalogue_changed(self) -> None:
        """Offer the devices there are now."""
        catalogue = self._bridge.catalogue
        self._filters.offer(catalogue.devices, catalogue.quantities)
        self._model.set_quantities(catalogue.quantities)

    def reload(self) -> None:
        """Begin again at the first page."""
        self._fresh.stop()
        self._pager.reload()

    def refresh(self) -> None:
        """Something happened: read the first page again, soon, unless somebody reads further down."""
        if self._table.is_at_top() and not self._fresh.isActive():
            self._fresh.start()

    def tick(self) -> None:
        """Bring ages up to date."""
        self._details.refresh()

    def focus_list(self) -> None:
        """Put the keyboard on the list."""
        self._table.setFocus()

    def selected(self) -> list[Alert]:
        """Return the alerts of the selected rows, top to bottom."""
        return [self._model.row_at(row) for row in self._table.selected_rows()]

    def comment(self) -> None:
        """Write into the journal of the selected alerts."""
        self._orders.comment(self.selected())

    # -- private ---------------------------------------------------------------------------------------

    def _page_question(self, after: Alert | None) -> AskHistory:
        return AskHistory(self._filters.chosen, self._sort, self._is_descending, PAGE, after)

    def _count_question(self) -> CountHistory:
        return CountHistory(self._filters.chosen)

    def _sort_by(self, sort: AlertSort, is_descending: bool) -> None:  # noqa: FBT001 - Qt's signal
        self._sort, self._is_descending = sort, is_descending
        self.reload()

    def _lay_out(self) -> None:
        self._newest.setObjectName("history-reload")
        self._newest.setToolTip("Read the list again from its beginning")
        self._export.setObjectName("history-export")
        self._export.setToolTip("Save what the filter lets through as CSV or XLSX")
        self._bar.row.addStretch(1)
        for part in (self._newest, self._export, self._table.columns.make_button("history-columns")):
            self._bar.row.addWidget(part)
        for page in (self._table, self._none):
            self._stack.addWidget(page)
        column = QVBoxLayout()
        for part in (self._bar, self._filters, self._line):
            column.addWidget(part)
        column.addWidget(self._stack, 1)
        column.addWidget(self._said)
        put_beside(self, column, self._details)

    def _connect(self) -> None:
        ThreeWaySort(self._table)
        self._model.sort_wanted.connect(self._sort_by)
        self._filters.changed.connect(self.reload)
        self._none.acted.connect(self._filters.clear)
        self._newest.clicked.connect(self._start_over)
        self._orders.said.connect(self._said.say)
        self._details.device_wanted.connect(self.device_wanted)
        self._table.doubleClicked.connect(self._open_device)
        self._table.selectionModel().selectionChanged.connect(self._follow_selection)
        self._pager.begun.connect(self._show_first_page)
        self._pager.changed.connect(self._show_count)
        self._fresh.timeout.connect(self._reload_if_seen)
        self._follow_selection()
        self._show_count()

    def _reload_if_seen(self) -> None:
        if self.isVisible() and self._table.is_at_top():
            self._pager.reload()

    def _start_over(self) -> None:
        self._table.scrollToTop()
        self.reload()

    def _show_first_page(self) -> None:
        """Select what was selected before, where it is on the first page; else the first row."""
        shown = self._details.alert
        rows = range(min(self._model.rowCount(), PAGE))
        row = next((row for row in rows if shown is not None and self._model.row_at(row).id == shown.id), 0)
        if self._model.rowCount():
            self._table.select_rows([row])
        self._follow_selection()

    def _follow_selection(self) -> None:
        chosen = self.selected()
        self._details.show_alert(chosen[0] if chosen else None)
        self._bar.enable("comment", enabled=any(self._bridge.may_handle(alert) for alert in chosen))
        self._bar.enable("device", enabled=bool(chosen))

    def _show_count(self) -> None:
        shown, count = self._model.rowCount(), self._pager.count
        if self._pager.failure:
            self._said.say(self._pager.failure)
        if count is not None:
            words = count_text(count, "alert")
        else:
            words = "Loading…" if self._pager.is_loading_first else f"{shown:,} and more"
        self._said.show_summary(words)
        is_empty = not shown and not self._pager.is_loading_first and not self._pager.failure
        self._stack.setCurrentIndex(1 if is_empty else 0)
        self._details.setVisible(not is_empty)
        is_narrowed = self._filters.is_narrowed
        self._none.set_text(
            "Nothing found" if is_narrowed else "No alerts recorded yet",
            "No alert passes this filter." if is_narrowed else "Alerts that begin from now on appear here.",
        )

    def _open_device(self) -> None:
        chosen = self.selected()
        if chosen:
            self.device_wanted.emit(chosen[0].device)
