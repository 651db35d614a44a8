"""The window: rail, alert banner, status bar and notices round one screen at a time.

Screens come from `panels/registry.py`. The first is built before the window is seen, the others one by one
when nothing else is to be done, so that the window appears at once and every later change of screen is quick.
"""

import time
from collections.abc import Callable, Sequence

from PySide6.QtCore import QSettings, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QGridLayout, QStackedWidget, QWidget

from console.bridge.bridge import Bridge
from console.frame.alert_banner import AlertBanner
from console.frame.command_palette import CommandPalette
from console.frame.degraded_line import DegradedLine
from console.frame.notice_line import NoticeLine
from console.frame.palette_entries import PaletteEntry
from console.frame.rail import Rail, RailItem
from console.frame.status_bar import StatusBar
from console.panels.panel import Panel
from console.widgets.flash import FlashClock
from console.widgets.severity_badge import group_of
from console.widgets.theme import DARK, LIGHT, ThemeSource
from models.records.device import DeviceId

LEAST_SIZE = QSize(1024, 700)
FIRST_SIZE = QSize(1440, 900)
_TITLE = "Operator console"


class MainWindow(QWidget):
    """One window on the plant. Builds its panels; `app.py` builds everything else.

    Attributes:
        flash: The one clock of everything that flashes.
    """

    closed = Signal()
    panel_shown = Signal(str)  # a panel's key

    def __init__(
        self,
        bridge: Bridge,
        theme_source: ThemeSource,
        panels: Sequence[type[Panel]],
        memory: QSettings | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Store the parts and show the first panel.

        Args:
            bridge: What all panels hold.
            theme_source: The theme in use.
            panels: In the order of the rail; at least one.
            memory: Where size and last screen are kept from run to run; None = nowhere.
            now: Unix seconds.
        """
        super().__init__()
        self.setObjectName("main-window")
        self.setWindowTitle(_TITLE)
        self.setMinimumSize(LEAST_SIZE)
        self._bridge = bridge
        self._themes = theme_source
        self._memory = memory
        self._now = now
        self.flash = FlashClock(self)
        self._kinds = {kind.key: kind for kind in panels}
        self._built: dict[str, Panel] = {}
        self._current = ""
        self._stack = QStackedWidget()
        self._stack.setObjectName("panels")
        self._rail = Rail(_rail_items(panels), theme_source, self.flash)
        self._banner = AlertBanner(bridge, theme_source, self.flash, self.show_panel, now)
        self._degraded = DegradedLine(theme_source)
        self._notice = NoticeLine(theme_source)
        self._status = StatusBar(bridge, theme_source, now)
        self._palette = CommandPalette(theme_source, self)
        self._lay_out()
        self._connect_parts()
        self._second = QTimer(self, interval=1000)
        self._second.timeout.connect(self._on_second)
        self._idle = QTimer(self, interval=0)
        self._idle.timeout.connect(self._build_one_more)
        self._remember_size()
        self.show_panel(self._first_key())

    @property
    def current_panel(self) -> Panel:
        """The screen that is shown."""
        return self._built[self._current]

    @property
    def panel_keys(self) -> list[str]:
        """Every screen's key, in the order of the rail."""
        return list(self._kinds)

    def show_panel(self, panel_key: str, device: DeviceId | None = None) -> None:
        """Show a screen, of a device where one is given. A screen of another issue's name is left alone."""
        if panel_key not in self._kinds:
            return
        panel = self._panel(panel_key)
        if device is not None:
            panel.show_device(device)
        self._current = panel_key
        self._stack.setCurrentWidget(panel)
        self._rail.mark(panel_key)
        self.setWindowTitle(f"{panel.title} · {_TITLE}")
        # A screen that took the keyboard while it was shown knows best which of its parts should have it.
        (panel.focusWidget() or panel).setFocus(Qt.FocusReason.OtherFocusReason)
        self.panel_shown.emit(panel_key)

    def tell(self, sentence: str) -> None:
        """Show a sentence below the banner for some seconds."""
        self._notice.tell(sentence)

    def begin(self) -> None:
        """Start the clock, and build the screens not yet seen. Call once the window is on the screen."""
        self._second.start()
        self._idle.start()

    def toggle_theme(self) -> None:
        """Change between light and dark."""
        self._themes.use(LIGHT if self._themes.theme.is_dark else DARK)

    def open_palette(self) -> None:
        """Open the command palette with everything that can be done now."""
        self._palette.ask(self._palette_entries())

    def _panel(self, key: str) -> Panel:
        panel = self._built.get(key)
        if panel is None:
            panel = self._kinds[key](
                self._bridge, self._themes, self.show_panel, flash=self.flash, now=self._now
            )
            self._built[key] = panel
            self._stack.addWidget(panel)
        return panel

    def _build_one_more(self) -> None:
        for key in self._kinds:
            if key not in self._built:
                self._panel(key)
                return
        self._idle.stop()

    def _lay_out(self) -> None:
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._banner, 0, 0, 1, 2)
        layout.addWidget(self._degraded, 1, 0, 1, 2)
        layout.addWidget(self._notice, 2, 0, 1, 2)
        layout.addWidget(self._rail, 3, 0)
        layout.addWidget(self._stack, 3, 1)
        layout.addWidget(self._status, 4, 0, 1, 2)
        layout.setRowStretch(3, 1)
        layout.setColumnStretch(1, 1)

    def _connect_parts(self) -> None:
        self._rail.chosen.connect(self.show_panel)
        self._banner.told.connect(self.tell)
        self._status.theme_toggled.connect(self.toggle_theme)
        self._status.palette_wanted.connect(self.open_palette)
        self._bridge.link_changed.connect(self._on_link_changed)
        self._bridge.alerts_changed.connect(self._on_alerts_changed)
        for index, key in enumerate(list(self._kinds)[:9], start=1):
            self._shortcut(f"F{index}", lambda key=key: self.show_panel(key))
        self._shortcut("Ctrl+K", self.open_palette)
        self._shortcut("Ctrl+T", self.toggle_theme)
        self._shortcut("Alt+A", self._banner.acknowledge_first)
        self._shortcut("F11", self._toggle_full_screen)
        self._shortcut("Ctrl+Q", self.close)
        self._on_link_changed()
        self._on_alerts_changed()

    def _shortcut(self, keys: str, act: Callable[[], object]) -> None:
        QShortcut(QKeySequence(keys), self).activated.connect(act)

    def _on_second(self) -> None:
        self._banner.refresh()
        self._status.refresh()
        self._degraded.show_link(self._bridge.link)

    def _on_link_changed(self) -> None:
        self._degraded.show_link(self._bridge.link)

    def _on_alerts_changed(self) -> None:
        self._rail.show_group("alerts", group_of(self._bridge.alerts))

    def _toggle_full_screen(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def _palette_entries(self) -> list[PaletteEntry]:
        entries = [
            PaletteEntry("Screen", kind.title, f"F{index}", lambda key=key: self.show_panel(key))
            for index, (key, kind) in enumerate(self._kinds.items(), start=1)
        ]
        entries += [
            PaletteEntry("Action", "Change between light and dark", "Ctrl+T", self.toggle_theme),
            PaletteEntry(
                "Action", "Acknowledge the most urgent alert", "Alt+A", self._banner.acknowledge_first
            ),
            PaletteEntry("Action", "Full screen", "F11", self._toggle_full_screen),
            PaletteEntry("Action", "Close the window", "Ctrl+Q", self.close),
        ]
        entries += [
            PaletteEntry(
                "Device",
                device.name,
                f"{device.device_id} · {device.location}",
                lambda id=device.id: self.show_panel("device", id),
            )
            for device in self._bridge.catalogue.devices
        ]
        return entries

    def _first_key(self) -> str:
        remembered = self._memory.value("window/panel") if self._memory is not None else None
        return remembered if remembered in self._kinds else next(iter(self._kinds))

    def _remember_size(self) -> None:
        self.resize(FIRST_SIZE)
        geometry = self._memory.value("window/geometry") if self._memory is not None else None
        if geometry is not None:
            self.restoreGeometry(geometry)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Keep size and screen, then let `app.py` take everything down."""
        if self._memory is not None:
            self._memory.setValue("window/geometry", self.saveGeometry())
            self._memory.setValue("window/panel", self._current)
        self._second.stop()
        self._idle.stop()
        super().closeEvent(event)
        self.closed.emit()


def _rail_items(panels: Sequence[type[Panel]]) -> list[RailItem]:
    return [
        RailItem(kind.key, kind.title, kind.icon, f"F{index}" if index <= 9 else "")
        for index, kind in enumerate(panels, start=1)
    ]
