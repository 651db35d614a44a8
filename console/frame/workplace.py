"""One session's screens, and what stands round them: rail, alert banner, status bar, notices, palette.

Built when somebody signs in and destroyed when their session ends, so that nothing of theirs can be left for
the next: no curve, no filter, no half-written form. The first screen is built at once, the others one by one
when nothing else is to be done, so that every later change of screen is quick.
"""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QGridLayout, QStackedWidget, QWidget

from console.bridge.bridge import Bridge
from console.frame.alert_banner import AlertBanner
from console.frame.command_palette import CommandPalette
from console.frame.degraded_line import DegradedLine
from console.frame.horn import Horn
from console.frame.horn_book import HornBook
from console.frame.idle_watch import IdleWatch, idle_limit_s
from console.frame.lock_bar import LockBar
from console.frame.notice_line import NoticeLine
from console.frame.notification_line import NotificationLine
from console.frame.palette_entries import PaletteEntry
from console.frame.rail import Rail, RailItem
from console.frame.station_badge import station_badge
from console.frame.status_bar import StatusBar
from console.panels.panel import Panel
from console.panels.stations.station_rows import station_rows
from console.panels.wording import count_text
from console.widgets.confirm import Confirm
from console.widgets.flash import FlashClock
from console.widgets.theme import ThemeSource
from models.records.device import DeviceId
from models.records.rights import Action
from models.records.threshold import Threshold

_SETTINGS, _ACCOUNT, _NOTIFICATIONS, _STATIONS = "settings", "account", "notifications", "stations"
_REMEMBERED_PANEL = "window/panel"


class Workplace(QWidget):
    """Everything that the person signed in sees. Builds its panels.

    Attributes:
        flash: The one clock of everything that flashes.
        panel_shown: A screen is shown (its key).
        title_changed: What the window should be called.
    """

    panel_shown = Signal(str)
    title_changed = Signal(str)

    def __init__(
        self,
        bridge: Bridge,
        theme_source: ThemeSource,
        panels: Sequence[type[Panel]],
        memory: QSettings | None,
        now: Callable[[], float],
        window_actions: Sequence[PaletteEntry] = (),
        horn_book: HornBook | None = None,
    ) -> None:
        """Store the parts and show the first screen.

        Args:
            bridge: What all panels hold; somebody is signed in.
            theme_source: The theme in use.
            panels: All there are, in the order of the rail; those that the person may not use are left out.
            memory: Where the last screen is kept; None = nowhere.
            now: Unix seconds.
            window_actions: What else the palette offers: what the window itself can do.
            horn_book: What the horn of the same session knew before; None: it begins anew.
        """
        super().__init__()
        self.setObjectName("workplace")
        self._bridge = bridge
        self._themes = theme_source
        self._memory = memory
        self._now = now
        self._window_actions = window_actions
        self.flash = FlashClock(self)
        self._kinds = {
            kind.key: kind for kind in panels if kind.needed is None or bridge.may_somewhere(kind.needed)
        }
        self._built: dict[str, Panel] = {}
        self._current = ""
        self._was_locked = False
        self._stack = QStackedWidget()
        self._stack.setObjectName("panels")
        self._rail = Rail(_rail_items(list(self._kinds.values())), theme_source, self.flash)
        self._horn = Horn(bridge, now, self, horn_book)
        self._banner = AlertBanner(bridge, theme_source, self.flash, self.show_panel, now, self._horn)
        self._lock_bar = LockBar(bridge.session, theme_source)
        self._degraded = DegradedLine(theme_source)
        self._notice = NoticeLine(theme_source)
        self._notifications = NotificationLine(bridge, theme_source, self.show_notifications, now)
        self._status = StatusBar(bridge, theme_source, now)
        self._status.person.set_account_shown(is_shown=_SETTINGS in self._kinds)
        self._palette = CommandPalette(theme_source, self)
        self._idle_watch = IdleWatch(self)
        self._second = QTimer(self, interval=1000)
        self._second.timeout.connect(self._on_second)
        self._idle = QTimer(self, interval=0)
        self._idle.timeout.connect(self._build_one_more)
        self._lay_out()
        self._connect_parts()
        self._add_shortcuts()
        self.show_panel(self._first_key())

    @property
    def current_panel(self) -> Panel:
        """The screen that is shown."""
        return self._built[self._current]

    @property
    def horn_book(self) -> HornBook:
        """What the horn knows: which alerts were silenced here."""
        return self._horn.book

    @property
    def panel_keys(self) -> list[str]:
        """The keys of the screens that this person may use, in the order of the rail."""
        return list(self._kinds)

    def show_panel(
        self, panel_key: str, device: DeviceId | None = None, proposal: Threshold | None = None
    ) -> None:
        """Show a screen, as `Navigate` says. One that this person has not is left alone."""
        if panel_key not in self._kinds:
            return
        panel = self._panel(panel_key)
        if device is not None:
            panel.show_device(device)
        if proposal is not None:
            panel.show_proposal(proposal)
        self._current = panel_key
        # Asked first: the stack puts the keyboard on whatever comes first in there, most often a search.
        holder = panel.focusWidget() or panel.focusProxy()
        self._stack.setCurrentWidget(panel)
        self._rail.mark(panel_key)
        self.title_changed.emit(panel.title)
        (holder or panel.focusWidget() or panel).setFocus(Qt.FocusReason.OtherFocusReason)
        if self._memory is not None:
            self._memory.setValue(_REMEMBERED_PANEL, panel_key)
        self.panel_shown.emit(panel_key)

    def focus_panel(self) -> None:
        """Put the keyboard on the screen: on the part that had it last, which knows best."""
        panel = self.current_panel
        (panel.focusWidget() or panel).setFocus(Qt.FocusReason.OtherFocusReason)

    def tell(self, sentence: str) -> None:
        """Show a sentence below the banner for some seconds."""
        self._notice.tell(sentence)

    def begin(self) -> None:
        """Start the clocks, and build the screens not yet seen. Call once this is on the screen."""
        self._second.start()
        self._idle.start()
        self._notifications.start()
        person = self._bridge.person
        if person is not None:
            self._idle_watch.start(idle_limit_s(person.role))

    def end(self) -> None:
        """Stop the clocks: the session is over, and this is about to be destroyed."""
        for timer in (self._second, self._idle):
            timer.stop()
        self._idle_watch.stop()
        self._horn.end()
        self._notifications.stop()

    def open_palette(self) -> None:
        """Open the command palette with everything that can be done now."""
        self._palette.ask(self._palette_entries())

    def sign_out(self) -> None:
        """Leave; asks first where something is still on its way."""
        pending = self._bridge.pending_commands
        if not pending:
            self._bridge.session.sign_out()
            return
        question = Confirm(
            f"{count_text(pending, 'order')} of yours still waits for the database; you would not learn "
            "what became of it.",
            "Sign out all the same",
            parent=self,
        )
        question.accepted.connect(self._bridge.session.sign_out)
        question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        question.open()

    def show_account(self) -> None:
        """Show the person's own account."""
        self.show_panel(_SETTINGS)
        self.current_panel.show_part(_ACCOUNT)

    def show_notifications(self) -> None:
        """Show who is told off the console, and what went wrong with it."""
        self.show_panel(_SETTINGS)
        self.current_panel.show_part(_NOTIFICATIONS)

    def _panel(self, key: str) -> Panel:
        panel = self._built.get(key)
        if panel is None:
            kind = self._kinds[key]
            panel = kind(self._bridge, self._themes, self.show_panel, flash=self.flash, now=self._now)
            if self._memory is not None:
                panel.use_memory(self._memory)
            panel.setEnabled(kind.stays_when_locked or not self._bridge.is_locked)
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
        lines = (self._banner, self._lock_bar, self._degraded, self._notifications, self._notice)
        for row, part in enumerate(lines):
            layout.addWidget(part, row, 0, 1, 2)
        layout.addWidget(self._rail, 5, 0)
        layout.addWidget(self._stack, 5, 1)
        layout.addWidget(self._status, 6, 0, 1, 2)
        layout.setRowStretch(5, 1)
        layout.setColumnStretch(1, 1)

    def _connect_parts(self) -> None:
        self._rail.chosen.connect(self.show_panel)
        self._degraded.stations_wanted.connect(lambda: self.show_panel(_STATIONS))
        self._banner.told.connect(self.tell)
        self._status.palette_wanted.connect(self.open_palette)
        self._status.theme_toggled.connect(self._themes.toggle)
        self._status.person.account_wanted.connect(self.show_account)
        self._status.person.lock_wanted.connect(self._bridge.session.lock)
        self._status.person.sign_out_wanted.connect(self.sign_out)
        self._idle_watch.idle.connect(self._bridge.session.lock)
        self._bridge.link_changed.connect(self._on_link_changed)
        self._bridge.alerts_changed.connect(self._on_alerts_changed)
        self._bridge.stations_changed.connect(self._on_stations_changed)
        self._bridge.control_refused.connect(self._lock_bar.demand)
        self._bridge.session.changed.connect(self._on_session_changed)
        self._on_link_changed()
        self._on_alerts_changed()

    def _add_shortcuts(self) -> None:
        for index, key in enumerate(list(self._kinds)[:9], start=1):
            self._shortcut(f"F{index}", lambda key=key: self.show_panel(key))
        self._shortcut("Ctrl+K", self.open_palette)
        self._shortcut("Ctrl+L", self._lock)
        self._shortcut("Alt+A", self._banner.acknowledge_first)
        for keys in ("F12", "Alt+S"):
            self._shortcut(keys, self._banner.silence)

    def _shortcut(self, keys: str, act: Callable[[], object]) -> None:
        # On this widget, not on the window: while it is covered, none of them does anything.
        QShortcut(QKeySequence(keys), self).activated.connect(act)

    def _lock(self) -> None:
        """Lock; where it is locked already, the same key leads to the way out."""
        if self._bridge.is_locked:
            self._lock_bar.focus_password()
        else:
            self._bridge.session.lock()

    def _on_second(self) -> None:
        self._horn.refresh()
        self._banner.refresh()
        self._status.refresh()
        self._degraded.show_link(self._bridge.link)

    def _on_link_changed(self) -> None:
        self._degraded.show_link(self._bridge.link)
        self._on_stations_changed()

    def _on_stations_changed(self) -> None:
        bridge = self._bridge
        badge = station_badge(
            station_rows(bridge.stations, bridge.link, self._now(), bridge.stations_at_unix)
        )
        self._rail.show_group("stations", badge.group if badge else None, badge.words if badge else "")

    def _on_alerts_changed(self) -> None:
        # The banner heard of the change first, and has looked at every alert.
        self._rail.show_group("alerts", self._banner.group)

    def _on_session_changed(self) -> None:
        is_locked = self._bridge.is_locked
        for key, panel in self._built.items():
            panel.setEnabled(self._kinds[key].stays_when_locked or not is_locked)
        if self._was_locked and not is_locked:
            self.focus_panel()
        self._was_locked = is_locked

    def _palette_entries(self) -> list[PaletteEntry]:
        entries = [
            PaletteEntry("Screen", kind.title, f"F{index}", lambda key=key: self.show_panel(key))
            for index, (key, kind) in enumerate(self._kinds.items(), start=1)
        ]
        if self._bridge.may_somewhere(Action.HANDLE_ALERTS):
            title = "Acknowledge the most urgent alert"
            entries.append(PaletteEntry("Action", title, "Alt+A", self._banner.acknowledge_first))
        entries.append(PaletteEntry("Action", "Silence the horn here", "F12", self._banner.silence))
        if _SETTINGS in self._kinds:
            entries.append(PaletteEntry("Action", "My account", "", self.show_account))
        entries.append(PaletteEntry("Action", "Lock the controls", "Ctrl+L", self._bridge.session.lock))
        entries.append(PaletteEntry("Action", "Sign out", "", self.sign_out))
        entries += self._window_actions
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
        remembered = self._memory.value(_REMEMBERED_PANEL) if self._memory is not None else None
        return remembered if remembered in self._kinds else next(iter(self._kinds))


def _rail_items(panels: Sequence[type[Panel]]) -> list[RailItem]:
    return [
        RailItem(kind.key, kind.title, kind.icon, f"F{index}" if index <= 9 else "")
        for index, kind in enumerate(panels, start=1)
    ]
