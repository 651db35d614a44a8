"""Alerts: what is open now, what is set aside, what has been, and everything that happened to it."""

import time
from collections.abc import Callable, Sequence
from typing import ClassVar

from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from console.bridge.bridge import Bridge
from console.panels.alerts.export_task import ChooseFile
from console.panels.alerts.history_page import HistoryPage
from console.panels.alerts.journal_page import JournalPage
from console.panels.alerts.open_page import OpenPage
from console.panels.alerts.shelved_page import ShelvedPage
from console.panels.limits.limits_page import LimitsPage
from console.panels.panel import Navigate, Panel
from console.panels.settings.file_name import ask_path
from console.widgets import confirm
from console.widgets.flash import FlashClock
from console.widgets.theme import ThemeSource
from models.records.device import DeviceId
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
        ask: Callable[[QWidget, str, str, Sequence[str]], bool] = confirm.ask,
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
        self._open = OpenPage(bridge, theme_source, self.flash, self.now, ask)
        self._shelved = ShelvedPage(bridge, theme_source, self.now, ask)
        self._history = HistoryPage(bridge, theme_source, self.flash, self.now, choose_file)
        self._journal = JournalPage(bridge, theme_source, self.now, choose_file)
        self._limits = LimitsPage(bridge, theme_source, self.flash, self.now, navigate)
        self._tabs = QTabWidget()
        self._tabs.setObjectName("alerts-tabs")
        self._tabs.setAccessibleName("Parts of the Alerts screen")
        self._tabs.setDocumentMode(True)
        self._pages: dict[str, QWidget] = {}
        self._add(OPEN, self._open)
        self._add(SHELVED, self._shelved)
        self._add(HISTORY, self._history)
        self._add(JOURNAL, self._journal)
        self._add(LIMITS, self._limits)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._tabs)
        self._connect()

    @property
    def open_page(self) -> OpenPage:
        """The Open tab."""
        return self._open

    @property
    def shelved_page(self) -> ShelvedPage:
        """The Shelved tab."""
        return self._shelved

    @property
    def history_page(self) -> HistoryPage:
        """The History tab."""
        return self._history

    @property
    def journal_page(self) -> JournalPage:
        """The Journal tab."""
        return self._journal

    @property
    def limits_page(self) -> LimitsPage:
        """The Limits tab."""
        return self._limits

    def show_proposal(self, proposal: Threshold) -> None:
        """Open a threshold with other settings on the Limits tab, and try them on the past."""
        self.show_part(LIMITS)
        self._limits.show_proposal(proposal)

    def show_device(self, device: DeviceId) -> None:
        """Select the most urgent open alert of a device."""
        self.show_part(OPEN)
        self._open.refresh()
        self._open.select_device(device)

    def parts(self) -> Sequence[str]:
        """Return the names of the tabs."""
        return tuple(self._pages)

    def show_part(self, part: str) -> None:
        """Turn to a tab."""
        page = self._pages.get(part)
        if page is not None:
            self._tabs.setCurrentWidget(page)

    def is_populated(self) -> bool:
        """Tell whether the tab that is seen has what it asked for."""
        page = self._tabs.currentWidget()
        if page in (self._history, self._journal):
            return not page.is_loading  # pyright: ignore[reportAttributeAccessIssue]
        if page is self._limits:
            return self._limits.is_populated()
        return True

    def use_memory(self, memory: QSettings) -> None:
        """Show the columns as they were chosen before."""
        self._open.use_memory(memory)
        self._history.use_memory(memory)

    def on_shown(self) -> None:
        """Show the alerts as they are now, with the keyboard on the list."""
        self._catalogue_changed()
        self._alerts_changed()
        self._turned()

    def on_second(self) -> None:
        """Ages and count-downs tick."""
        page = self._tabs.currentWidget()
        if page in (self._open, self._shelved, self._history):
            page.tick()  # pyright: ignore[reportAttributeAccessIssue]

    def on_theme_changed(self) -> None:
        """Badges are painted in the theme's colours."""
        self.update()

    def _add(self, part: str, page: QWidget) -> None:
        self._pages[part] = page
        self._tabs.addTab(page, part)

    def _connect(self) -> None:
        self.bridge.alerts_changed.connect(self._alerts_changed)
        self.bridge.catalogue_changed.connect(self._catalogue_changed)
        self._tabs.currentChanged.connect(self._turned)
        self._open.counted.connect(self._show_counts)
        self._shelved.counted.connect(self._show_counts)
        self._shelved.limits_wanted.connect(lambda: self.show_part(LIMITS))
        for page in (self._open, self._shelved, self._history, self._journal):
            page.device_wanted.connect(lambda id: self.navigate("device", id))
        for keys, step in (("Ctrl+PgDown", 1), ("Ctrl+PgUp", -1)):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(lambda step=step: self._step(step))

    def _step(self, step: int) -> None:
        self._tabs.setCurrentIndex((self._tabs.currentIndex() + step) % self._tabs.count())

    def _alerts_changed(self) -> None:
        if not self.isVisible():
            return
        # Both lists, whichever is seen: the tabs tell how long they are.
        self._open.refresh()
        self._shelved.refresh()
        page = self._tabs.currentWidget()
        if page in (self._history, self._journal):
            page.refresh()  # pyright: ignore[reportAttributeAccessIssue]

    def _catalogue_changed(self) -> None:
        if not self.isVisible():
            return
        self._open.catalogue_changed()
        self._history.catalogue_changed()
        self._journal.catalogue_changed()
        self._shelved.ask_again()

    def _show_counts(self) -> None:
        model = self._open.table_model
        asking = len(model.alerts) - model.hidden
        for part, count in ((OPEN, asking), (SHELVED, self._shelved.count)):
            place = self._tabs.indexOf(self._pages[part])
            self._tabs.setTabText(place, f"{part} ({count:,})" if count else part)

    def _turned(self) -> None:
        if not self.isVisible():
            return
        page = self._tabs.currentWidget()
        if page is self._journal:
            self._journal.ask_again()
        if page in (self._history, self._journal):
            page.reload()  # pyright: ignore[reportAttributeAccessIssue]
        focus = getattr(page, "focus_list", None)
        if focus is not None:
            focus()
