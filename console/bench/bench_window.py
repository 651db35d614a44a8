"""The real window for a bench, in a process of its own: built as `console.app` does, taken down alike."""

import json
import os
import sys
import time
from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget

from console.bridge.bridge import Bridge
from console.bridge.live_feed import LiveFeed
from console.bridge.questions import load_statements
from console.bridge.session_keeper import Entrant, SessionKeeper
from console.demo_people import PASSWORD, PERSONS
from console.garbage import GarbageCollection
from console.link.messages import PROTOCOL, Hello
from console.main_window import MainWindow
from console.panels.registry import PANELS
from console.settings import Settings
from console.sign_in import SignIn
from console.version import VERSION
from console.widgets.theme import ThemeSource
from models.credentials import MemoryStore

_Widget = TypeVar("_Widget", bound=QWidget)


class Painted(QObject):
    """Calls `after` when a painting of a widget, and of everything else that was due, has ended."""

    def __init__(self, widget: QWidget, after: Callable[[], None]) -> None:
        super().__init__(widget)
        self._after = after
        self._is_due = False
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's spelling)
        """See the painting."""
        if event.type() == QEvent.Type.Paint and not self._is_due:
            self._is_due = True
            QTimer.singleShot(0, self, self._tell)
        return super().eventFilter(watched, event)

    def _tell(self) -> None:
        self._is_due = False
        self._after()


class BenchWindow:
    """Somebody of the demonstration is signed in. Belongs to the main thread."""

    def __init__(self, settings: Settings) -> None:
        self.garbage = GarbageCollection()
        themes = ThemeSource()
        themes.choose("light")
        introduction = Hello(PROTOCOL, "window of the bench", VERSION, os.getpid())
        self.feed = LiveFeed(settings.socket_name("station"), introduction, time.monotonic)
        session = SessionKeeper(
            lambda: SignIn(settings, MemoryStore()),
            "bench window",
            Entrant(PERSONS[0].email, PASSWORD),
            load=(load_statements,),
        )
        self.bridge = Bridge(self.feed, session, None)
        self.window = MainWindow(self.bridge, themes, PANELS)

    def begin(self) -> None:
        """Show the window and connect."""
        self.garbage.start()
        self.window.show()
        self.bridge.start()
        self.window.begin()

    def take_down(self) -> None:
        """End everything."""
        self.window.hide()
        self.bridge.stop()
        self.garbage.stop()

    def find(self, kind: type[_Widget], name: str) -> _Widget:
        """Return a widget of the window. Raises LookupError."""
        widget = self.window.findChild(kind, name)
        if widget is None:
            raise LookupError(f"The window has no {name}")
        return widget

    def count_live(self) -> int:
        """Return how many devices have a fresh value."""
        now_unix, live = time.time(), self.bridge.live
        return sum(not live.is_stale(device.id, now_unix) for device in self.bridge.catalogue.devices)


def say(answer: object) -> None:
    """Answer the bench with one line of JSON."""
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
