"""The window: asks who is there, shows that person's workplace, and covers it when their session ends."""

import time
from collections.abc import Callable, Sequence

from PySide6.QtCore import QSettings, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QStackedLayout, QWidget

from console.bridge.bridge import Bridge
from console.demo_people import DemoPerson
from console.frame.entrance import Entrance
from console.frame.horn_book import HornBook
from console.frame.palette_entries import PaletteEntry
from console.frame.workplace import Workplace
from console.panels.panel import Panel
from console.widgets.flash import FlashClock
from console.widgets.theme import ThemeSource
from models.records.device import DeviceId

LEAST_SIZE = QSize(1024, 700)
FIRST_SIZE = QSize(1440, 900)
_TITLE = "Operator console"


class MainWindow(QWidget):
    """One window on the plant. `app.py` builds everything else.

    Attributes:
        closed: The window was closed.
        panel_shown: A screen is shown (its key).
        workplace_built: Somebody came in, and their first screen is there.
    """

    closed = Signal()
    panel_shown = Signal(str)
    workplace_built = Signal()

    def __init__(
        self,
        bridge: Bridge,
        theme_source: ThemeSource,
        panels: Sequence[type[Panel]],
        memory: QSettings | None = None,
        now: Callable[[], float] = time.time,
        demo_persons: Sequence[DemoPerson] = (),
    ) -> None:
        """Store the parts and show what the session asks for.

        Args:
            bridge: What all panels hold.
            theme_source: The theme in use.
            panels: In the order of the rail; at least one that everybody may use.
            memory: Where size and last screen are kept from run to run; None = nowhere.
            now: Unix seconds.
            demo_persons: Who may be chosen to come in, in a demonstration; empty = people sign in.
        """
        super().__init__()
        self.setObjectName("main-window")
        self.setWindowTitle(_TITLE)
        self.setMinimumSize(LEAST_SIZE)
        self._bridge = bridge
        self._themes = theme_source
        self._panels = panels
        self._memory = memory
        self._now = now
        self._is_begun = False
        self._is_offline = False
        self._workplace: Workplace | None = None
        self._entrance = Entrance(
            bridge.session, theme_source, None if demo_persons else memory, demo_persons
        )
        self._layers = QStackedLayout(self)
        self._layers.addWidget(self._entrance)
        for keys, act in (
            ("Ctrl+T", theme_source.toggle),
            ("F11", self._toggle_full_screen),
            ("Ctrl+Q", self.close),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(act)
        bridge.cleared.connect(self._clear)
        bridge.session.changed.connect(self._follow)
        bridge.session.told.connect(self.tell)
        self._remember_size()
        self._follow()

    @property
    def workplace(self) -> Workplace | None:
        """What the person signed in sees; None while nobody is."""
        return self._workplace

    @property
    def theme_source(self) -> ThemeSource:
        """The theme in use."""
        return self._themes

    @property
    def flash(self) -> FlashClock:
        """The one clock of everything that flashes. Somebody must be signed in, here and below."""
        return self._work.flash

    @property
    def current_panel(self) -> Panel:
        """The screen that is shown."""
        return self._work.current_panel

    @property
    def panel_keys(self) -> list[str]:
        """The keys of the screens that the person signed in may use, in the order of the rail."""
        return self._work.panel_keys

    def show_panel(self, panel_key: str, device: DeviceId | None = None) -> None:
        """Show a screen, of a device where one is given; see `Workplace.show_panel`."""
        self._work.show_panel(panel_key, device)

    def tell(self, sentence: str) -> None:
        """Show a sentence for some seconds, whatever is shown."""
        (self._workplace or self._entrance).tell(sentence)

    def begin(self) -> None:
        """Start the clocks. Call once the window is on the screen."""
        self._is_begun = True
        if self._workplace is not None:
            self._workplace.begin()

    @property
    def _work(self) -> Workplace:
        if self._workplace is None:
            raise LookupError("Nobody is signed in, so there is no screen.")
        return self._workplace

    def _follow(self) -> None:
        session = self._bridge.session.state.session
        if session is None:
            self._clear()
        elif self._workplace is None:
            self._build(is_offline=session.is_offline)
        elif session.is_offline != self._is_offline:
            # The database came back: what was for looking only offers everything again.
            # The person is the same: what they silenced stays silent.
            horn_book = self._workplace.horn_book
            self._clear()
            self._build(is_offline=session.is_offline, horn_book=horn_book)

    def _build(self, *, is_offline: bool, horn_book: HornBook | None = None) -> None:
        self._is_offline = is_offline
        actions = (
            PaletteEntry("Action", "Change between light and dark", "Ctrl+T", self._themes.toggle),
            PaletteEntry("Action", "Full screen", "F11", self._toggle_full_screen),
            PaletteEntry("Action", "Close the window", "Ctrl+Q", self.close),
        )
        work = Workplace(
            self._bridge, self._themes, self._panels, self._memory, self._now, actions, horn_book
        )
        self._workplace = work
        work.panel_shown.connect(self.panel_shown)
        work.title_changed.connect(lambda title: self.setWindowTitle(f"{title} · {_TITLE}"))
        self._layers.addWidget(work)
        self._layers.setCurrentWidget(work)
        self.setWindowTitle(f"{work.current_panel.title} · {_TITLE}")
        work.focus_panel()
        if self._is_begun:
            work.begin()
        self.workplace_built.emit()

    def _clear(self) -> None:
        """Cover the plant, and destroy whatever showed it."""
        work, self._workplace = self._workplace, None
        self._layers.setCurrentWidget(self._entrance)
        self.setWindowTitle(_TITLE)
        if work is None:
            return
        # Questions and menus that stand open belong to the session that has ended.
        for over in (QApplication.activeModalWidget(), QApplication.activePopupWidget()):
            if over is not None and work.isAncestorOf(over):
                over.close()
        work.end()
        self._layers.removeWidget(work)
        work.hide()
        work.deleteLater()

    def _toggle_full_screen(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def _remember_size(self) -> None:
        self.resize(FIRST_SIZE.boundedTo(self.screen().availableSize()))
        geometry = self._memory.value("window/geometry") if self._memory is not None else None
        if geometry is not None:
            self.restoreGeometry(geometry)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Keep the size, then let `app.py` take everything down."""
        if self._memory is not None:
            self._memory.setValue("window/geometry", self.saveGeometry())
        if self._workplace is not None:
            self._workplace.end()
        super().closeEvent(event)
        self.closed.emit()
