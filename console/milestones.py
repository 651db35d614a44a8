"""When the window and the first live value were painted: what `bench startup` measures."""

import time
from collections.abc import Callable

from PySide6.QtCore import QObject

from console.bridge.bridge import Bridge
from console.frame.paint_watch import PaintWatch
from console.main_window import MainWindow
from models.records.device import DeviceId


class Milestones(QObject):
    """Tells "window" after the first painting, "live" after the first with a value of the station."""

    def __init__(
        self,
        window: MainWindow,
        bridge: Bridge,
        tell: Callable[[str, float], None],
        finish: Callable[[], None],
    ) -> None:
        """Store whom to tell (name, Unix seconds), and what to do after the last."""
        super().__init__(window)
        self._bridge = bridge
        self._tell = tell
        self._finish = finish
        self._waiting = ["window", "live"]
        self._watch = PaintWatch(window)
        self._watch.painted.connect(self._on_painted)

    def start(self) -> None:
        """Watch from now on."""
        self._watch.ask()

    def _on_values(self, ids: frozenset[DeviceId]) -> None:
        # History and the database's last values come first where there are any; only the station's are live.
        now = time.time()
        is_live = any(not self._bridge.live.is_stale(id, now) for id in ids)
        if is_live and self._bridge.link.is_station_connected:
            self._bridge.values_arrived.disconnect(self._on_values)
            self._watch.ask()

    def _on_painted(self) -> None:
        self._tell(self._waiting.pop(0), time.time())
        if self._waiting:
            self._bridge.values_arrived.connect(self._on_values)
        else:
            self._finish()
