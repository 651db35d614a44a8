"""Alerts: what is open now, and what has been."""

import time
from collections.abc import Callable, Sequence
from typing import ClassVar

from PySide6.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from console.bridge.bridge import Bridge
from console.panels.alerts.history_page import HistoryPage
from console.panels.alerts.open_page import OpenPage
from console.panels.panel import Navigate, Panel
from console.widgets import confirm
from console.widgets.flash import FlashClock
from console.widgets.theme import ThemeSource
from models.records.device import DeviceId


class AlertsPanel(Panel):
    """Two tabs: Open and History."""

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
    ) -> None:
        """Store what is needed; `ask` shows a consequence and returns whether the person wants it."""
        super().__init__(bridge, theme_source, navigate, flash=flash, now=now)
        self._open = OpenPage(bridge, theme_source, self.flash, self.now, ask)
        self._history = HistoryPage(bridge, theme_source, self.flash, self.now)
        self._tabs = QTabWidget()
        self._tabs.setObjectName("alerts-tabs")
        self._tabs.setDocumentMode(True)
        self._tabs.addTab(self._open, "Open")
        self._tabs.addTab(self._history, "History")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._tabs)
        bridge.alerts_changed.connect(self._refresh)
        self._tabs.currentChanged.connect(self._tab_changed)
        for page in (self._open, self._history):
            page.device_wanted.connect(lambda id: self.navigate("device", id))

    @property
    def open_page(self) -> OpenPage:
        """The Open tab."""
        return self._open

    @property
    def history_page(self) -> HistoryPage:
        """The History tab."""
        return self._history

    def show_device(self, device: DeviceId) -> None:
        """Select the most urgent open alert of a device."""
        self._tabs.setCurrentWidget(self._open)
        self._open.select_device(device)

    def on_shown(self) -> None:
        """Show the alerts as they are now, with the keyboard on the list."""
        self._open.refresh()
        self._open.focus_list()

    def on_second(self) -> None:
        """Ages tick."""
        self._open.tick()

    def on_theme_changed(self) -> None:
        """Badges are painted in the theme's colours."""
        self.update()

    def _refresh(self) -> None:
        if self.isVisible():
            self._open.refresh()

    def _tab_changed(self) -> None:
        if self._tabs.currentWidget() is self._history:
            self._history.reload()
            self._history.focus_list()
        else:
            self._open.focus_list()
