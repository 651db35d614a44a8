"""The window of the latency bench: the real one, watched from outside, in a process of its own.

Run as `python -m console.bench.latency_window DATA_DIR DEVICES`. Says "live" once every device has a fresh
value; takes "overview", "alerts" and "end" on standard input; answers the end with milliseconds from the
device to the end of the painting that showed the value for the first time.

Painted means: the tile's digits on the overview board, or the row of the open alerts, were drawn into the
window's image, and that was handed to Qt's platform plugin. What a screen adds after that is not measured.
"""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QModelIndex, QObject, QSocketNotifier, QTimer
from PySide6.QtWidgets import QApplication, QTableView

from console.bench.bench_window import BenchWindow, Painted, say
from console.bench.latency_stamps import CROSSED_KPA, age_ms
from console.bridge.live_feed import LiveFeed
from console.bridge.live_store import ReadingArrays
from console.panels.alerts.open_model import ALERT_ROLE
from console.panels.overview.tile_face import TileFace
from console.panels.overview.tile_surface import TileSurface
from console.settings import Settings, load_settings
from models.records.alert import AlertId
from models.records.device import DeviceId

_LOOK_MS = 100
_TEMPERATURE = "temperature"


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
        self._painted = Painted(board.viewport(), self._after_painting)
        self.is_measuring = False
        self.ages_ms: dict[str, list[float]] = {}

    def _draw(self, id: DeviceId) -> TileFace:
        face = self._face(id)
        for metric in face.metrics:
            if metric.quantity.key == _TEMPERATURE and metric.value is not None:
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
        self._painted = Painted(table.viewport(), self._after_painting)
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
    """The window, what watches it, and the orders from standard input."""

    def __init__(self, app: QApplication, settings: Settings, devices: int) -> None:
        super().__init__()
        self._app = app
        self._devices = devices
        self._bench = BenchWindow(settings)
        self._bridge, self._window = self._bench.bridge, self._bench.window
        self._tiles: _TileWatch | None = None
        self._window.workplace_built.connect(self._on_workplace_built)
        self._arrivals = _ArrivalWatch(self._bench.feed, self._kind_of)
        self._alerts: _AlertWatch | None = None
        self._look = QTimer(self, interval=_LOOK_MS)
        self._look.timeout.connect(self._tell_when_live)
        self._orders = QSocketNotifier(0, QSocketNotifier.Type.Read, self)
        self._orders.activated.connect(self._obey)

    def begin(self) -> None:
        self._bench.begin()
        self._look.start()

    def take_down(self) -> None:
        self._bench.take_down()

    def _kind_of(self, id: DeviceId) -> str:
        device = self._bridge.catalogue.device(id)
        return device.driver if device else ""

    def _on_workplace_built(self) -> None:
        self._tiles = _TileWatch(self._bench.find(TileSurface, "overview-board"), self._kind_of)

    def _tell_when_live(self) -> None:
        fresh = self._bench.count_live()
        if fresh == self._devices and self._bridge.link.is_station_connected:
            self._look.stop()
            self._bench.garbage.settle()
            say({"live": fresh})

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
                    table = self._bench.find(QTableView, "alerts-open")
                    self._alerts = _AlertWatch(table, self._kind_of)
                case _:
                    self._orders.setEnabled(False)
                    alerts = self._alerts.ages_ms if self._alerts else {}
                    arrived, tiles = self._arrivals.ages_ms, self._tiles.ages_ms if self._tiles else {}
                    say({"arrived": arrived, "tiles": tiles, "alerts": alerts})
                    self._app.quit()


if __name__ == "__main__":
    application = QApplication([])
    session = _Session(application, load_settings(Path(sys.argv[1])), int(sys.argv[2]))
    session.begin()
    try:
        application.exec()
    finally:
        session.take_down()
