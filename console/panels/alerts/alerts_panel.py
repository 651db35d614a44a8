"""Alerts: what is open now, what is set aside, what has been, and everything that happened to it."""

import time
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QTabWidget, QVBoxLayout

from console.bridge.bridge import Bridge
from console.panels.alerts.export_task import ChooseFile
from console.panels.alerts.history_page import HistoryPage
from console.panels.alerts.journal_page import JournalPage
from console.panels.alerts.lazy_tab import LazyTab
from console.panels.alerts.open_page import OpenPage
from console.panels.alerts.shelved_page import ShelvedPage
from console.panels.limits.limits_page import LimitsPage
from console.panels.panel import Navigate, Panel
from console.panels.settings.file_name import ask_path
from console.widgets import confirm
from console.widgets.confirm import Ask
from console.widgets.flash import FlashClock
from console.widgets.theme import ThemeSource
from models.records.device import DeviceId
from models.records.shelf import HiddenBy
from models.records.threshold import Threshold

OPEN, SHELVED, HISTORY, JOURNAL, LIMITS = "Open", "Shelved", "History", "Journal", "Limits"


class AlertsPanel(Panel):
    """One tab a subject. A tab that is not seen asks nothing."""

    key: ClassVar[str] = "alerts"
    title: ClassVar[str] = "Alerts"
    icon: ClassVar[str] = "mdi6.bell-outline"

    def __init__(
        self,
        bridge: Bridge,
        theme_source: ThemeSource,
        navigate: Navigate,
        *,
        flash: FlashClock | None = None,
        now: Callable[[], float] = time.time,
        ask: Ask = confirm.ask,
        choose_file: ChooseFile = ask_path,
    ) -> None:
        """Store what is needed.

        Args:
            bridge: As in Panel.
            theme_source: As in Panel.
            navigate: As in Panel.
            flash: As in Panel.
            now: As in Panel.
            ask: Shows a consequence and returns whether the person wants it.
            choose_file: Asks where something shall be saved.
        """
        super().__init__(bridge, theme_source, navigate, flash=flash, now=now)
        self._open = LazyTab(lambda: OpenPage(bridge, theme_source, self.flash, self.now, ask))
        self._shelved = LazyTab(lambda: ShelvedPage(bridge, theme_source, self.now, ask))
        self._history = LazyTab(lambda: HistoryPage(bridge, theme_source, self.flash, self.now, choose_file))
        self._journal = LazyTab(lambda: JournalPage(bridge, theme_source, self.now, choose_file))
        self._limits = LazyTab(lambda: LimitsPage(bridge, theme_source, self.flash, self.now, navigate))
        self._memory: QSettings | None = None
        self._tabs = QTabWidget()
        self._tabs.setObjectName("alerts-tabs")
        self._tabs.setAccessibleName("Parts of the Alerts screen")
        self._tabs.setDocumentMode(True)
        self._parts: dict[str, LazyTab[Any]] = {
            OPEN: self._open,
            SHELVED: self._shelved,
            HISTORY: self._history,
            JOURNAL: self._journal,
            LIMITS: self._limits,
        }
        for part, tab in self._parts.items():
            self._tabs.addTab(tab, part)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._tabs)
        self._connect()

    @property
    def open_page(self) -> OpenPage:
        """The Open tab."""
        return self._open.page

    @property
    def shelved_page(self) -> ShelvedPage:
        """The Shelved tab."""
        return self._shelved.page

    @property
    def history_page(self) -> HistoryPage:
        """The History tab."""
        return self._history.page

    @property
    def journal_page(self) -> JournalPage:
        """The Journal tab."""
        return self._journal.page

    @property
    def limits_page(self) -> LimitsPage:
        """The Limits tab."""
        return self._limits.page

    def show_proposal(self, proposal: Threshold) -> None:
        """Open a threshold with other settings on the Limits tab, and try them on the past."""
        self.show_part(LIMITS)
        self.limits_page.show_proposal(proposal)

    def show_device(self, device: DeviceId) -> None:
        """Select the most urgent open alert of a device."""
        self.show_part(OPEN)
        self.open_page.refresh()
        self.open_page.select_device(device)

    def parts(self) -> Sequence[str]:
        """Return the names of the tabs."""
        return tuple(self._parts)

    def show_part(self, part: str) -> None:
        """Turn to a tab."""
        tab = self._parts.get(part)
        if tab is not None:
            self._tabs.setCurrentWidget(tab)

    def is_populated(self) -> bool:
        """Tell whether the tab that is seen has what it asked for."""
        page = self._parts[self._seen].page
        if self._seen in (HISTORY, JOURNAL):
            return not page.is_loading
        return self._seen != LIMITS or page.is_populated()

    def use_memory(self, memory: QSettings) -> None:
        """Show the columns as they were chosen before."""
        self._memory = memory
        for tab in (self._open, self._history):
            if tab.is_built:
                tab.page.use_memory(memory)

    def on_shown(self) -> None:
        """Show the alerts as they are now, with the keyboard on the list."""
        self._catalogue_changed()
        self._alerts_changed()
        self._turned()

    def on_second(self) -> None:
        """Ages and count-downs tick."""
        if self._seen in (OPEN, SHELVED, HISTORY):
            self._parts[self._seen].page.tick()

    def on_theme_changed(self) -> None:
        """Badges are painted in the theme's colours."""
        self.update()

    @property
    def _seen(self) -> str:
        return tuple(self._parts)[self._tabs.currentIndex()]

    def _connect(self) -> None:
        self.bridge.alerts_changed.connect(self._alerts_changed)
        self.bridge.catalogue_changed.connect(self._catalogue_changed)
        self._tabs.currentChanged.connect(self._turned)
        for part in (OPEN, SHELVED, HISTORY, JOURNAL):
            self._parts[part].built.connect(lambda part=part: self._join(part))
        # The one that is seen first is made with the screen, which is when nobody waits for it.
        self._open.build()
        for keys, step in (("Ctrl+PgDown", 1), ("Ctrl+PgUp", -1)):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(lambda step=step: self._step(step))

    def _join(self, part: str) -> None:
        """Connect a page that has just been made, and show it what there is."""
        page = self._parts[part].page
        page.device_wanted.connect(lambda id: self.navigate("device", id))
        if part == SHELVED:
            page.counted.connect(self._show_counts)
            page.limits_wanted.connect(lambda: self.show_part(LIMITS))
        if self._memory is not None and part in (OPEN, HISTORY):
            page.use_memory(self._memory)
        if part != SHELVED:
            page.catalogue_changed()

    def _step(self, step: int) -> None:
        self._tabs.setCurrentIndex((self._tabs.currentIndex() + step) % self._tabs.count())

    def _alerts_changed(self) -> None:
        if not self.isVisible():
            return
        if self._seen in (OPEN, SHELVED, HISTORY, JOURNAL):
            self._parts[self._seen].page.refresh()
        self._show_counts()

    def _catalogue_changed(self) -> None:
        if not self.isVisible():
            return
        for tab in (self._open, self._history, self._journal):
            if tab.is_built:
                tab.page.catalogue_changed()
        if self._seen == SHELVED:
            self.shelved_page.ask_again()

    def _show_counts(self) -> None:
        asking = sum(alert.hidden_by is HiddenBy.NOTHING for alert in self.bridge.alerts)
        aside = len(self.bridge.shelves) + len(self.bridge.maintenance)
        if self._shelved.is_built:
            aside = self.shelved_page.count
        for place, (part, count) in enumerate(((OPEN, asking), (SHELVED, aside))):
            self._tabs.setTabText(place, f"{part} ({count:,})" if count else part)

    def _turned(self) -> None:
        if not self.isVisible():
            return
        page = self._parts[self._seen].page
        if self._seen in (OPEN, SHELVED):
            page.refresh()
        if self._seen in (SHELVED, JOURNAL):
            page.ask_again()
        if self._seen in (HISTORY, JOURNAL):
            page.reload()
        page.focus_list()
