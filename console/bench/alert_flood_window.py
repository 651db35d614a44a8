"""The window of the flood bench: the real one on its Alerts screen, and a stop-watch on its event loop.

Run as `python -m console.bench.alert_flood_window DATA_DIR DEVICES ALERTS`. Says "live" once every device has
a fresh value; takes "flood" (measure from now on) and "end" on standard input. Answers, once all alerts are
in the list, when that was; and at the end how long its event loop was held up at the longest, and what an
operator's acknowledgements in the middle of the flood took.
"""

import os
import sys
import time
from pathlib import Path

from PySide6.QtCore import QObject, QSocketNotifier, Qt, QTimer
from PySide6.QtWidgets import QApplication, QPushButton, QTableView

from console.bench.bench_window import BenchWindow, say
from console.frame.banner_row import BannerRow
from console.settings import Settings, load_settings
from console.widgets.severity_badge import BadgeState, state_of
from models.records.alert import AlertId

_SCHEDULE = Path("/proc/thread-self/schedstat")
_LOOK_MS = 100
_BEAT_MS = 4
_ACKNOWLEDGE_EVERY_MS = 1_500


class _StopWatch(QObject):
    """Beats every few milliseconds: what comes late was held up by everything else on this thread."""

    def __init__(self) -> None:
        super().__init__()
        self.stalls_ms: list[float] = []
        self.unqueued_ms: list[float] = []
        self._last = self._queued = 0.0
        self._timer = QTimer(self, interval=_BEAT_MS)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)

    def start(self) -> None:
        self._last, self._queued = time.perf_counter(), _queued_ms()
        self._timer.start()

    def _beat(self) -> None:
        now, queued = time.perf_counter(), _queued_ms()
        stall_ms = max(0.0, (now - self._last) * 1000.0 - _BEAT_MS)
        self.stalls_ms.append(stall_ms)
        self.unqueued_ms.append(max(0.0, stall_ms - (queued - self._queued)))
        self._last, self._queued = now, queued


def _queued_ms() -> float:
    """Return how long this thread has waited for a processor that others had; 0 where nobody counts that."""
    try:
        return int(_SCHEDULE.read_text().split()[1]) / 1e6
    except OSError:
        return 0.0


class _Operator(QObject):
    """Acknowledges the most urgent alert now and then, and waits until it is seen to be."""

    def __init__(self, bench: BenchWindow) -> None:
        super().__init__()
        self._bench = bench
        self._asked: tuple[AlertId, float] | None = None
        self.answers_ms: list[float] = []
        self._timer = QTimer(self, interval=_ACKNOWLEDGE_EVERY_MS)
        self._timer.timeout.connect(self._press)
        bench.bridge.alerts_changed.connect(self._look)

    def start(self) -> None:
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    def _press(self) -> None:
        alert = self._bench.find(BannerRow, "banner-row-1").alert
        if self._asked is None and alert is not None:
            self._asked = (alert.id, time.perf_counter())
            self._bench.find(QPushButton, "banner-acknowledge-1").click()

    def _look(self) -> None:
        if self._asked is None:
            return
        id, asked_at = self._asked
        states = [state_of(alert) for alert in self._bench.bridge.alerts if alert.id == id]
        if states == [BadgeState.ACKNOWLEDGED]:
            self.answers_ms.append((time.perf_counter() - asked_at) * 1000.0)
            self._asked = None


class _Session(QObject):
    """The window, what watches it, and the orders from standard input."""

    def __init__(self, app: QApplication, settings: Settings, devices: int, alerts: int) -> None:
        super().__init__()
        self._app = app
        self._devices = devices
        self._expected = alerts
        self._bench = BenchWindow(settings)
        self._watch = _StopWatch()
        self._operator = _Operator(self._bench)
        self._look = QTimer(self, interval=_LOOK_MS)
        self._look.timeout.connect(self._tell_when_live)
        self._count = QTimer(self, interval=20)
        self._count.timeout.connect(self._tell_when_listed)
        self._orders = QSocketNotifier(0, QSocketNotifier.Type.Read, self)
        self._orders.activated.connect(self._obey)

    def begin(self) -> None:
        self._bench.begin()
        self._look.start()

    def take_down(self) -> None:
        self._bench.take_down()

    def _tell_when_live(self) -> None:
        if self._bench.count_live() == self._devices and self._bench.bridge.link.is_station_connected:
            self._look.stop()
            self._bench.window.show_panel("alerts")
            self._table = self._bench.find(QTableView, "alerts-open")
            self._bench.garbage.settle()
            say({"live": self._devices})

    def _tell_when_listed(self) -> None:
        if self._table.model().rowCount() >= self._expected:
            self._count.stop()
            self._operator.stop()
            say({"listed_unix": time.time()})

    def _obey(self) -> None:
        for word in os.read(0, 4096).decode().split() or ["end"]:
            if word == "flood":
                self._watch.start()
                self._operator.start()
                self._count.start()
                continue
            self._orders.setEnabled(False)
            say(
                {
                    "stalls_ms": self._watch.stalls_ms,
                    "unqueued_ms": self._watch.unqueued_ms,
                    "answers_ms": self._operator.answers_ms,
                }
            )
            self._app.quit()


if __name__ == "__main__":
    application = QApplication([])
    session = _Session(application, load_settings(Path(sys.argv[1])), int(sys.argv[2]), int(sys.argv[3]))
    session.begin()
    try:
        application.exec()
    finally:
        session.take_down()
