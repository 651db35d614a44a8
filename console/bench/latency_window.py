"""The window of the latency bench: the real one, watched from outside, in a process of its own.

Run as `python -m console.bench.latency_window DATA_DIR DEVICES`. Says "live" once every device has a fresh
value; takes "overview", "alerts" and "end" on standard input; answers the end with milliseconds from the
device to the end of the painting that showed the value for the first time.

Painted means: the tile's digits on the overview board, or the row of the open alerts, were drawn into the
window's image, and that was handed to Qt's platform plugin. What a screen adds after that is not measured.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QEvent, QModelIndex, QObject, QSocketNotifier, QTimer
from PySide6.QtWidgets import QApplication, QTableView, QWidget

from console.bench.latency_stamps import CROSSED_KPA, age_ms
from console.bridge.bridge import Bridge
from console.bridge.live_feed import LiveFeed
from console.bridge.live_store import ReadingArrays
from console.bridge.questions import load_statements
from console.bridge.session_keeper import Entrant, SessionKeeper
from console.demo_people import PASSWORD, PERSONS
from console.garbage import GarbageCollection
from console.link.messages import PROTOCOL, Hello
from console.main_window import MainWindow
from console.panels.alerts.open_model import ALERT_ROLE
from console.panels.overview.tile_face import TileFace
from console.panels.overview.tile_surface import TileSurface
from console.panels.registry import PANELS
from console.settings import Settings, load_settings
from console.sign_in import SignIn
from console.version import VERSION
from console.widgets.theme import ThemeSource
from models.credentials import MemoryStore
from models.records.alert import AlertId
from models.records.device import DeviceId

_LOOK_MS = 100
_TEMPERATURE = 0
_Widget = TypeVar("_Widget", bound=QWidget)


class _Painted(QObject):
    """Calls `after` when a painting of a widget, and of everything else that was due, has ended."""

    def __init__(self, widget: QWidget, after: Callable[[], None]) -> None:
        super().__init__(widget)
        self._after = after
        self._is_due = False
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's spelling)
        if event.type() == QEvent.Type.Paint and not self._is_due:
            self._is_due = True
            QTimer.singleShot(0, self, self._tell)
        return super().eventFilter(watched, event)

    def _tell(self) -> None:
        self._is_due = False
        self._after()


class _ArrivalWatch:
    """Knows how old each temperature was when the window's process had it."""

    def __init__(self, feed: LiveFeed, kind_of: Callable[[DeviceId], str]) -> None:
        self._kind_of = kind_of
        self.is_measuring = False
        self.ages_ms: dict[str, list[float]] = {}
        feed.arrived.connect(self._on_arrived)

    def _on_arrived(self, readings: ReadingArrays) -> None:
        if self.is_measuring:
            now_unix = time.time()
            for id, values in zip(readings.devices.tolist(), readings.values.tolist(), strict=True):
                ages = self.ages_ms.setdefault(self._kind_of(DeviceId(id)), [])
                ages.append(age_ms(values[_TEMPERATURE], now_unix))


class _TileWatch:
    """Knows how old each temperature was when its tile had been painted."""

    def __init__(self, board: TileSurface, kind_of: Callable[[DeviceId], str]) -> None:
        # Reaches into the board, whose source of faces is asked exactly when a tile is drawn: the product
        # carries no measuring of its own.
        self._source = board._source
        self._kind_of = kind_of
        self._face = self._source.face
        self._source.face = self._draw
        self._drawn: dict[DeviceId, float] = {}
        self._shown: dict[DeviceId, float] = {}
        self._painted = _Painted(board.viewport(), self._after_painting)
        self.is_measuring = False
        self.ages_ms: dict[str, list[float]] = {}

    def _draw(self, id: DeviceId) -> TileFace:
        face = self._face(id)
        for metric in face.metrics:
            if metric.index == _TEMPERATURE and metric.value is not None:
                self._drawn[id] = metric.value
        return face

    def _after_painting(self) -> None:
        now_unix = time.time()
        drawn, self._drawn = self._drawn, {}
        for id, value in drawn.items():
            is_new, self._shown[id] = self._shown.get(id) != value, value
            if is_new and self.is_measuring:
                self.ages_ms.setdefault(self._kind_of(id), []).append(age_ms(value, now_unix))


class _AlertWatch:
    """Knows how long ago each alert's device had crossed its limit when the list had been painted with it."""

    def __init__(self, table: QTableView, kind_of: Callable[[DeviceId], str]) -> None:
        self._model = table.model()
        self._kind_of = kind_of
        self._waiting: dict[AlertId, tuple[str, float]] = {}
        self._seen: set[AlertId] = set()
        self._painted = _Painted(table.viewport(), self._after_painting)
        self._model.rowsInserted.connect(self._on_inserted)
        self.ages_ms: dict[str, list[float]] = {}

    def _on_inserted(self, parent: QModelIndex, first: int, last: int) -> None:
        for row in range(first, last + 1):
            alert = self._model.index(row, 0, parent).data(ALERT_ROLE)
            if alert.id not in self._seen and alert.value_at_trigger is not None:
                self._seen.add(alert.id)
                self._waiting[alert.id] = (self._kind_of(alert.device), alert.value_at_trigger - CROSSED_KPA)

    def _after_painting(self) -> None:
        now_unix = time.time()
        waiting, self._waiting = self._waiting, {}
        for kind, value in waiting.values():
            self.ages_ms.setdefault(kind, []).append(age_ms(value, now_unix))


class _Session(QObject):
    """The window and its bridge, as `console.app` builds them, and the orders from standard input."""

    def __init__(self, app: QApplication, settings: Settings, devices: int) -> None:
        super().__init__()
        self._app = app
        self._devices = devices
        self._garbage = GarbageCollection()
        themes = ThemeSource()
        themes.choose("light")
        introduction = Hello(PROTOCOL, "window of the bench", VERSION, os.getpid())
        feed = LiveFeed(settings.socket_name("station"), introduction, time.monotonic)
        session = SessionKeeper(
            lambda: SignIn(settings, MemoryStore()),
            "bench window",
            Entrant(PERSONS[0].email, PASSWORD),
            load=(load_statements,),
        )
        self._bridge = Bridge(feed, session, None)
        self._window = MainWindow(self._bridge, themes, PANELS)
        self._tiles: _TileWatch | None = None
        self._window.workplace_built.connect(self._on_workplace_built)
        self._arrivals = _ArrivalWatch(feed, self._kind_of)
        self._alerts: _AlertWatch | None = None
        self._look = QTimer(self, interval=_LOOK_MS)
        self._look.timeout.connect(self._tell_when_live)
        self._orders = QSocketNotifier(0, QSocketNotifier.Type.Read, self)
        self._orders.activated.connect(self._obey)

    def begin(self) -> None:
        self._garbage.start()
        self._window.show()
        self._bridge.start()
        self._window.begin()
        self._look.start()

    def take_down(self) -> None:
        self._window.hide()
        self._bridge.stop()
        self._garbage.stop()

    def _kind_of(self, id: DeviceId) -> str:
        device = self._bridge.catalogue.device(id)
        return device.driver if device else ""

    def _on_workplace_built(self) -> None:
        self._tiles = _TileWatch(_found(self._window, TileSurface, "overview-board"), self._kind_of)

    def _tell_when_live(self) -> None:
        now_unix, live = time.time(), self._bridge.live
        fresh = sum(not live.is_stale(device.id, now_unix) for device in self._bridge.catalogue.devices)
        if fresh == self._devices and self._bridge.link.is_station_connected:
            self._look.stop()
            self._garbage.settle()
            _say({"live": fresh})

    def _measure(self, *, is_wanted: bool) -> None:
        self._arrivals.is_measuring = is_wanted
        if self._tiles is not None:
            self._tiles.is_measuring = is_wanted

    def _obey(self) -> None:
        words = os.read(0, 4096).decode().split()
        for word in words or ["end"]:
            match word:
                case "overview":
                    self._window.show_panel("overview")
                    self._measure(is_wanted=True)
                case "alerts":
                    self._measure(is_wanted=False)
                    self._window.show_panel("alerts")
                    table = _found(self._window, QTableView, "alerts-open")
                    self._alerts = _AlertWatch(table, self._kind_of)
                case _:
                    self._orders.setEnabled(False)
                    alerts = self._alerts.ages_ms if self._alerts else {}
                    arrived, tiles = self._arrivals.ages_ms, self._tiles.ages_ms if self._tiles else {}
                    _say({"arrived": arrived, "tiles": tiles, "alerts": alerts})
                    self._app.quit()


def _found(window: QWidget, kind: type[_Widget], name: str) -> _Widget:
    widget = window.findChild(kind, name)
    if widget is None:
        raise LookupError(f"The window has no {name}")
    return widget


def _say(answer: object) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    application = QApplication([])
    session = _Session(application, load_settings(Path(sys.argv[1])), int(sys.argv[2]))
    session.begin()
    try:
        application.exec()
    finally:
        session.take_down()
