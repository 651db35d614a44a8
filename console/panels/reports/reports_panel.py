"""Reports: alarm load against its targets, the ten worst, availability, and the handover of shifts."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from console.bridge.bridge import Bridge
from console.panels.panel import Navigate, Panel
from console.panels.reports.availability_page import AvailabilityPage
from console.panels.reports.handover_page import HandoverPage
from console.panels.reports.load_page import LoadPage
from console.panels.reports.period_bar import PeriodBar
from console.panels.reports.periods import Period, PeriodKind
from console.panels.reports.report_questions import AlarmReport, AskAlarmReport, AskAvailability
from console.panels.reports.report_saver import ReportSaver
from console.panels.reports.report_words import moments_text
from console.panels.reports.worst_page import WorstPage
from console.panels.settings.file_name import ask_path
from console.widgets.empty_state import EmptyState
from console.widgets.flash import FlashClock
from console.widgets.task_line import TaskLine
from console.widgets.theme import ThemeSource
from models.records.alarm_load import Availability
from models.records.rights import Action
from models.records.threshold import Threshold
from models.site_zone import zone_of

LOAD, WORST, AVAILABILITY, HANDOVER = "load", "worst", "availability", "handover"
_TITLES = {LOAD: "Alarm load", WORST: "Ten worst", AVAILABILITY: "Availability", HANDOVER: "Shift handover"}
_FRESH_S = 60.0


@dataclass(frozen=True, slots=True)
class _Shown:
    """What is on the screen, and when it was asked for (Unix seconds)."""

    report: AlarmReport
    asked_unix: float


class ReportsPanel(Panel):
    """Three pages about a time, and one about shifts."""

    key: ClassVar[str] = "reports"
    title: ClassVar[str] = "Reports"
    icon: ClassVar[str] = "mdi6.file-chart-outline"

    def __init__(
        self,
        bridge: Bridge,
        theme_source: ThemeSource,
        navigate: Navigate,
        *,
        flash: FlashClock | None = None,
        now: Callable[[], float] = time.time,
        choose_file: Callable[[QWidget, str, str], Path | None] = ask_path,
    ) -> None:
        """Store what is needed; `choose_file` asks where something shall be saved."""
        super().__init__(bridge, theme_source, navigate, flash=flash, now=now)
        self._generation = 0
        self._shown: _Shown | None = None
        self._availability: list[Availability] = []
        self._bar = PeriodBar(theme_source, self.now)
        self._load = LoadPage(theme_source)
        self._worst = WorstPage(theme_source)
        self._devices = AvailabilityPage(theme_source)
        self._handover = HandoverPage(bridge, theme_source, self.now)
        self._stacks = [_stack_of(page, theme_source, self.icon) for page in (self._load, self._worst)]
        self._line = TaskLine("reports-said")
        self._saver = ReportSaver(choose_file, self)
        self._tabs = QTabWidget()
        self._lay_out()
        self._connect()

    @property
    def period_bar(self) -> PeriodBar:
        """What chooses the time."""
        return self._bar

    @property
    def load_page(self) -> LoadPage:
        """The figures."""
        return self._load

    @property
    def worst_page(self) -> WorstPage:
        """The ten worst."""
        return self._worst

    @property
    def handover_page(self) -> HandoverPage:
        """The handovers."""
        return self._handover

    @property
    def said(self) -> str:
        """What is said below the pages."""
        return self._line.words

    def parts(self) -> Sequence[str]:
        """Return the keys of the tabs that this person sees."""
        return [key for key in _TITLES if self._tabs.isTabVisible(list(_TITLES).index(key))]

    def show_part(self, part: str) -> None:
        """Show a tab."""
        self._tabs.setCurrentIndex(list(_TITLES).index(part))

    def is_populated(self) -> bool:
        """Tell whether figures, or a handover, can be seen."""
        if self._part == HANDOVER:
            return self._handover.is_populated()
        return self._shown is not None

    def on_shown(self) -> None:
        """Compute the report again if it is older than a minute; the keyboard is on the page."""
        self._settle()
        self._turn()

    def refresh(self) -> None:
        """Compute the report of the time that is chosen."""
        period = self._bar.period(self.bridge.alarm_settings)
        if isinstance(period, str):
            self._bar.say(period)
            return
        self._generation += 1
        generation, asked = self._generation, self.now()
        self._bar.say("Computing…")

        def take(report: AlarmReport) -> None:
            if generation == self._generation:
                self._take_report(report, asked)

        def fail(sentence: str) -> None:
            if generation == self._generation:
                self._bar.say(sentence)
                if self._shown is None:
                    self._show_nothing("The report could not be computed", sentence)

        def take_devices(rows: list[Availability]) -> None:
            if generation == self._generation:
                self._availability = rows
                self._devices.show_rows(rows, zone_of(self.bridge.alarm_settings.time_zone))

        self.bridge.ask(AskAlarmReport(period), take, fail, self)
        self.bridge.ask(AskAvailability(period), take_devices, fail, self)

    # -- what comes back -------------------------------------------------------------------------------

    def _take_report(self, report: AlarmReport, asked_unix: float) -> None:
        self._shown = _Shown(report, asked_unix)
        self._bar.say(self._period_words(report.period))
        self._bar.set_saving(possible=True)
        if report.load.is_empty:
            self._show_nothing(
                "Nothing was recorded in this time",
                "No device and no alert is older than the end of it, so there is no figure. Choose another "
                "time above.",
            )
            return
        self._load.show_report(report)
        self._worst.show_worst(report.worst)
        for stack in self._stacks:
            stack.setCurrentIndex(1)

    def _show_nothing(self, title: str, advice: str) -> None:
        for stack in self._stacks:
            stack.setCurrentIndex(0)
            empty = stack.widget(0)
            if isinstance(empty, EmptyState):
                empty.set_text(title, advice)

    def _period_words(self, period: Period) -> str:
        zone = zone_of(self.bridge.alarm_settings.time_zone)
        at = datetime.fromtimestamp(self.now(), zone)
        when = moments_text(period.since, period.until, zone)
        return f"{when} ({zone!s}), as of {at:%H:%M:%S}"

    # -- which part ------------------------------------------------------------------------------------

    @property
    def _part(self) -> str:
        return list(_TITLES)[self._tabs.currentIndex()]

    def _turn(self) -> None:
        """Show what belongs to the tab, and bring it up to date."""
        is_handover = self._part == HANDOVER
        self._bar.setVisible(not is_handover)
        if not self.isVisible():
            return
        if is_handover:
            self._handover.refresh()
        else:
            is_old = self._shown is None or self.now() - self._shown.asked_unix > _FRESH_S
            if is_old and (self._shown is None or self._bar.kind is not PeriodKind.CUSTOM):
                self.refresh()
        self._focus()

    def _focus(self) -> None:
        if self._part == HANDOVER:
            self._handover.focus_first()
        else:
            {LOAD: self._load, WORST: self._worst, AVAILABILITY: self._devices}[self._part].focus_first()

    def _settle(self) -> None:
        """Handovers are for those who hand over."""
        place = list(_TITLES).index(HANDOVER)
        may = self.bridge.may(Action.HAND_OVER)
        if not may and self._tabs.currentIndex() == place:
            self._tabs.setCurrentIndex(0)
        self._tabs.setTabVisible(place, may)

    # -- what is taken along ---------------------------------------------------------------------------

    def _save(self, kind: str) -> None:
        if self._shown is not None:
            self._saver.save_report(kind, self._shown.report, self._devices.rows)

    def _try(self, proposal: Threshold) -> None:
        self.navigate("alerts", proposal.device, proposal)

    def _say(self, sentence: str) -> None:
        self._line.say(sentence)

    def _lay_out(self) -> None:
        self._tabs.setObjectName("reports-tabs")
        self._tabs.setDocumentMode(True)
        self._bar.set_saving(possible=False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._bar)
        layout.addWidget(self._tabs, 1)
        pages = (*self._stacks, self._devices, self._handover)
        for title, page in zip(_TITLES.values(), pages, strict=True):
            self._tabs.addTab(page, title)
        self._line.setContentsMargins(12, 0, 12, 6)
        layout.addWidget(self._line)
        for keys, step in (("Ctrl+PgDown", 1), ("Ctrl+PgUp", -1)):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(lambda step=step: self._step(step))

    def _step(self, step: int) -> None:
        parts = self.parts()
        place = parts.index(self._part) + step
        if 0 <= place < len(parts):
            self.show_part(parts[place])

    def _connect(self) -> None:
        self._tabs.currentChanged.connect(self._turn)
        self._bar.changed.connect(self.refresh)
        self._bar.pdf_wanted.connect(lambda: self._save("pdf"))
        self._bar.csv_wanted.connect(lambda: self._save("csv"))
        self._bar.xlsx_wanted.connect(lambda: self._save("xlsx"))
        self._worst.tried.connect(self._try)
        self._worst.device_wanted.connect(lambda device: self.navigate("device", device))
        self._devices.device_wanted.connect(lambda device: self.navigate("device", device))
        self._handover.said.connect(self._say)
        self._handover.print_wanted.connect(self._saver.save_handover)
        self._saver.said.connect(self._say)
        self.bridge.session.changed.connect(self._settle)


def _stack_of(page: QWidget, theme_source: ThemeSource, icon_name: str) -> QStackedWidget:
    """Return a page with what is seen while there is nothing on it."""
    stack = QStackedWidget()
    stack.addWidget(EmptyState(theme_source, icon_name, "Computing the report…", ""))
    stack.addWidget(page)
    return stack
