"""The Journal tab: every transition of every alert, and every word written about it; newest first."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from console.bridge.bridge import Bridge
from console.panels.alerts.alert_questions import AskJournal, AskPeople
from console.panels.alerts.event_words import KIND_WORDS
from console.panels.alerts.export_questions import ExportJournal
from console.panels.alerts.export_task import ChooseFile, ExportTask
from console.panels.alerts.journal_model import JournalColumn, JournalModel
from console.panels.alerts.paged_model import PAGE
from console.panels.alerts.pager import Pager
from console.panels.alerts.period_choice import PeriodChoice
from console.panels.alerts.said_line import SaidLine
from console.panels.keyboard import LeaveFilter
from console.panels.settings.file_name import ask_path
from console.panels.wording import count_text, natural
from console.widgets.choice_combo import ChoiceCombo
from console.widgets.data_table import make_table, set_columns
from console.widgets.elastic_column import ElasticColumn
from console.widgets.empty_state import EmptyState
from console.widgets.task_line import TaskLine
from console.widgets.theme import ThemeSource
from console.widgets.whole_row import WholeRowDelegate
from models.records.alert import AlertEvent, EventKind
from models.records.alert_filter import JournalFilter
from models.records.device import Device

_WIDTHS = (112, 140, 116, 112, 70, 330, 180, 100)
_LEAST_MESSAGE_PX = 320
_TYPING_MS = 250
_FRESH_MS = 2_000


class JournalPage(QWidget):
    """Filters by kind, person, device and time; export of what they let through.

    Attributes:
        device_wanted: The person wants to see a device (DeviceId).
    """

    device_wanted = Signal(object)

    def __init__(
        self,
        bridge: Bridge,
        theme_source: ThemeSource,
        now: Callable[[], float],
        choose_file: ChooseFile = ask_path,
    ) -> None:
        """Store what is needed; `choose_file` asks where something shall be saved."""
        super().__init__()
        self._bridge = bridge
        self._model = JournalModel(now, self)
        self._table = make_table("alerts-journal", "Journal of all alerts")
        set_columns(self._table, self._model, _WIDTHS)
        ElasticColumn(self._table, JournalColumn.MESSAGE, _LEAST_MESSAGE_PX)
        self._table.setItemDelegate(WholeRowDelegate(self._table))
        self._search = QLineEdit()
        self._kind = ChoiceCombo(
            "journal-kind",
            "Only this kind",
            [("Anything", None), *((words, kind) for kind, words in KIND_WORDS.items())],
            15,
        )
        self._person = ChoiceCombo("journal-person", "Only by this person", [("Anybody", None)])
        self._device = ChoiceCombo("journal-device", "Only this device", [("Any device", None)])
        self._period = PeriodChoice("journal-period", now)
        self._combos = (self._kind, self._person, self._device)
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._fresh = QTimer(self, singleShot=True, interval=_FRESH_MS)
        self._newest = QPushButton("&Newest")
        self._export = QPushButton("E&xport…")
        self._line = TaskLine("journal-task")
        self._said = SaidLine("journal")
        self._pager = Pager(
            bridge, self._table, self._model, lambda after: AskJournal(self.chosen, PAGE, after)
        )
        self._task = ExportTask(
            bridge,
            self._export,
            self._line,
            "alert-journal.csv",
            lambda path, tell, stop: ExportJournal(self.chosen, path, tell, stop),
            lambda: self._pager.count,
            choose_file,
        )
        self._none = EmptyState(theme_source, "mdi6.notebook-outline", "", "", "Show all")
        self._stack = QStackedWidget()
        self._lay_out()
        self._connect()

    @property
    def table_model(self) -> JournalModel:
        """The list's model."""
        return self._model

    @property
    def is_loading(self) -> bool:
        """Whether the first page is awaited."""
        return self._pager.is_loading_first

    @property
    def chosen(self) -> JournalFilter:
        """The filter now set."""
        since, until = self._period.bounds
        kind = self._kind.currentData()
        return JournalFilter(
            text=self._search.text().strip(),
            # Qt hands an enumeration of strings back as a plain string.
            kinds=frozenset({EventKind(kind)}) if kind else frozenset(),
            device=self._device.currentData(),
            person_id=self._person.currentData(),
            since=since,
            until=until,
        )

    def reload(self) -> None:
        """Begin again at the newest line."""
        self._fresh.stop()
        self._pager.reload()

    def refresh(self) -> None:
        """Something happened: read the newest page again, soon, unless somebody reads further down."""
        if self._table.verticalScrollBar().value() == 0 and not self._fresh.isActive():
            self._fresh.start()

    def ask_again(self) -> None:
        """Ask who may occur in the journal."""
        self._bridge.ask(AskPeople(), self._offer_people, lambda _sentence: None, self)

    def catalogue_changed(self) -> None:
        """Offer the devices there are now."""
        devices: Sequence[Device] = self._bridge.catalogue.devices
        named = sorted(devices, key=lambda device: (natural(device.name), device.id))
        if self._device.offer([("Any device", None), *((d.name, d.id) for d in named)]):
            self.reload()

    def focus_list(self) -> None:
        """Put the keyboard on the list."""
        self._table.setFocus()

    def selected(self) -> list[AlertEvent]:
        """Return the selected lines, top to bottom."""
        rows = sorted(index.row() for index in self._table.selectionModel().selectedRows())
        return [self._model.row_at(row) for row in rows]

    # -- private ---------------------------------------------------------------------------------------

    def _offer_people(self, people: Sequence[tuple[int, str]]) -> None:
        self._person.offer([("Anybody", None), *((name, number) for number, name in people)])

    def _is_narrowed(self) -> bool:
        return (
            bool(self._search.text().strip())
            or any(combo.is_narrowing for combo in self._combos)
            or self._period.is_narrowing
        )

    def _clear(self) -> None:
        for part in (self._search, self._period, *self._combos):
            part.blockSignals(True)
        self._search.clear()
        self._period.reset()
        for combo in self._combos:
            combo.reset()
        for part in (self._search, self._period, *self._combos):
            part.blockSignals(False)
        self.reload()

    def _lay_out(self) -> None:
        self._search.setObjectName("journal-search")
        self._search.setAccessibleName("Search the journal")
        self._search.setPlaceholderText("Search alert, device, comment, person  (Ctrl+F)")
        self._search.setClearButtonEnabled(True)
        self._newest.setObjectName("journal-reload")
        self._newest.setToolTip("Read the list again from the newest line")
        self._export.setObjectName("journal-export")
        self._export.setToolTip("Save what the filter lets through as CSV or XLSX")
        first, second = QHBoxLayout(), QHBoxLayout()
        for row in (first, second):
            row.setSpacing(6)
        first.addWidget(self._search, 1)
        first.addWidget(self._newest)
        first.addWidget(self._export)
        for combo in self._combos:
            second.addWidget(combo)
        second.addWidget(self._period)
        second.addStretch(1)
        for page in (self._table, self._none):
            self._stack.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.setSpacing(8)
        layout.addLayout(first)
        layout.addLayout(second)
        layout.addWidget(self._line)
        layout.addWidget(self._stack, 1)
        layout.addWidget(self._said)

    def _connect(self) -> None:
        self._search.textChanged.connect(self._typing.start)
        self._typing.timeout.connect(self.reload)
        for combo in self._combos:
            combo.currentIndexChanged.connect(self.reload)
        self._period.changed.connect(self.reload)
        self._none.acted.connect(self._clear)
        self._newest.clicked.connect(self._start_over)
        self._pager.changed.connect(self._show_count)
        self._fresh.timeout.connect(self._reload_if_seen)
        self._table.doubleClicked.connect(self._open_device)
        enter = QShortcut(QKeySequence("Return"), self._table)
        enter.setContext(Qt.ShortcutContext.WidgetShortcut)
        enter.activated.connect(self._open_device)
        find = QShortcut(QKeySequence.StandardKey.Find, self)
        find.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        find.activated.connect(self._search.setFocus)
        LeaveFilter(self._search, self._table)
        self._show_count()

    def _reload_if_seen(self) -> None:
        if self.isVisible() and self._table.verticalScrollBar().value() == 0:
            self._pager.reload()

    def _start_over(self) -> None:
        self._table.scrollToTop()
        self.reload()

    def _show_count(self) -> None:
        shown, count = self._model.rowCount(), self._pager.count
        if self._pager.failure:
            self._said.say(self._pager.failure)
        if count is not None and shown:
            words = f"{count_text(count, 'line')}, newest first"
        elif self._pager.is_loading_first:
            words = "Loading…"
        else:
            words = f"{shown:,} lines and more, newest first" if shown else ""
        self._said.show_summary(words)
        is_empty = not shown and not self._pager.is_loading_first and not self._pager.failure
        self._stack.setCurrentIndex(1 if is_empty else 0)
        is_narrowed = self._is_narrowed()
        self._none.set_text(
            "Nothing found" if is_narrowed else "Nothing has happened yet",
            "No line of the journal passes this filter."
            if is_narrowed
            else "Whatever happens to an alert from now on appears here.",
        )

    def _open_device(self) -> None:
        chosen = self.selected()
        if chosen:
            self.device_wanted.emit(chosen[0].device)
