"""THE CONTRACT of a panel: one screen of the window, reached from the rail.

    panel = OverviewPanel(bridge, theme_source, navigate)     builds widgets; shows what the bridge holds now
    panel.show_device(id)                                     where the screen has a subject
    panel.is_populated()                                      whether a person would see content by now

What implementers must keep: everything comes through the constructor; content follows the bridge's signals
while the panel is visible, and is brought up to date in `on_shown` before it is seen again; a hidden panel
paints and asks nothing. What they must not do: decide (commands and judgements live below), call the
database, sleep, or keep the person waiting for more than 50 ms on the window's thread. A panel lives as long
as a session: whoever signs in next gets another, which knows nothing of the last.
"""

import time
from collections.abc import Callable, Sequence
from typing import ClassVar, Protocol

from PySide6.QtCore import QSettings, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from console.bridge.bridge import Bridge
from console.widgets.flash import FlashClock
from console.widgets.theme import ThemeSource
from models.records.device import DeviceId
from models.records.rights import Action
from models.records.threshold import Threshold


class Navigate(Protocol):
    """Leads to another screen, by its key; to a device, or to a proposed threshold, where one is given."""

    def __call__(
        self, panel_key: str, device: DeviceId | None = None, proposal: Threshold | None = None
    ) -> None:
        """Show the panel called `panel_key`."""
        ...


class Panel(QWidget):
    """One screen.

    Attributes:
        key: Name in code, in the tour and on the command palette; never changes.
        title: What people see in the rail.
        icon: A qtawesome name.
        needed: What a person must be allowed to do, with their own devices at least, to see the panel at all;
            None = whoever is signed in.
        stays_when_locked: Whether the panel goes on being usable while the controls are locked: what it
            writes then goes through `Bridge.command`, which refuses. Otherwise it is disabled as a whole.
    """

    key: ClassVar[str]
    title: ClassVar[str]
    icon: ClassVar[str]
    needed: ClassVar[Action | None] = None
    stays_when_locked: ClassVar[bool] = True

    def __init__(
        self,
        bridge: Bridge,
        theme_source: ThemeSource,
        navigate: Navigate,
        *,
        flash: FlashClock | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Store what the panel needs.

        Args:
            bridge: Live values, catalogue, alerts, questions and commands.
            theme_source: The theme in use.
            navigate: Leads to other panels.
            flash: The window's clock of everything that flashes; the panel makes one where none is given.
            now: Unix seconds.
        """
        super().__init__()
        self.setObjectName(f"panel-{self.key}")
        self.setAccessibleName(self.title)
        self.bridge = bridge
        self.theme_source = theme_source
        self.navigate = navigate
        self.flash = flash or FlashClock(self)
        self.now = now
        self._second = QTimer(self)
        self._second.setInterval(1000)
        self._second.timeout.connect(self.on_second)
        theme_source.changed.connect(self.on_theme_changed)

    def show_device(self, device: DeviceId) -> None:
        """Make a device the subject. Panels without a subject stay as they are."""

    def show_proposal(self, proposal: Threshold) -> None:
        """Open a threshold with other settings than it has, for somebody to judge and keep or not.

        Panels where no threshold is edited stay as they are.
        """

    def parts(self) -> Sequence[str]:
        """Return the names of parts of which one is seen at a time; empty where all is seen at once."""
        return ()

    def show_part(self, part: str) -> None:
        """Show one of `parts`."""

    def dialogs(self) -> Sequence[str]:
        """Return the names of the dialogs that the tour takes pictures of, so that somebody looks at them."""
        return ()

    def show_dialog(self, name: str) -> QWidget | None:
        """Open one of `dialogs`; None where there is nothing to show in it."""
        return None

    def use_memory(self, memory: QSettings) -> None:
        """Take up what was chosen here in the run before, and keep what is chosen from now on.

        Panels that let nobody choose anything stay as they are.
        """

    def is_populated(self) -> bool:
        """Tell whether a person would see content now. Asked by the tour until it says yes."""
        return True

    def on_theme_changed(self) -> None:
        """Repaint in the theme now in use."""
        self.update()

    def on_shown(self) -> None:
        """Bring everything up to date: the panel is about to be seen."""

    def on_second(self) -> None:
        """Refresh what shows an age. Called once a second while the panel is visible."""

    def showEvent(self, event: QShowEvent) -> None:
        """Follow the clock from now on."""
        super().showEvent(event)
        if not event.spontaneous():
            self.on_shown()
            self._second.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Rest while nobody looks."""
        super().hideEvent(event)
        if not event.spontaneous():
            self._second.stop()
