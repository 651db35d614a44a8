"""Asks the database how this station's alerts stand: after every announced change, at most once a second."""

import logging
import random
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass

from console.station.database_thread import DatabaseThread, Turn
from console.station.health import LoopHealth
from console.station.tuning import Tuning
from models.errors import StorageError
from models.records.device import DeviceId
from models.records.station_alert import StationAlerts

_log = logging.getLogger(__name__)

_PAUSE_S = 1.0
_SHARE = 10.0
"""Between two questions it pauses ten times as long as one takes: a flood must not slow the station."""


@dataclass(frozen=True, slots=True)
class News:
    """What the database said.

    Attributes:
        devices: Of which it was asked.
        settled: How many of the station's findings it knew for certain when it was asked (`Unsettled`).
    """

    alerts: StationAlerts
    devices: frozenset[DeviceId]
    settled: int


class AlertNews:
    """A thread of its own. `ask` may be called by any."""

    def __init__(
        self,
        load: Callable[[Collection[DeviceId]], StationAlerts],
        settled: Callable[[], int],
        tuning: Tuning,
        health: LoopHealth,
        on_news: Callable[[News], None],
    ) -> None:
        """Keep what it needs; starts nothing.

        Args:
            load: Asks the database; raises StorageError.
            settled: As `Unsettled.settled`.
            tuning: Waits between attempts.
            health: Counts questions and failures.
            on_news: Called on this thread.
        """
        self._load = load
        self._settled = settled
        self._tuning = tuning
        self._health = health
        self._on_news = on_news
        self._devices = frozenset[DeviceId]()
        self._wake = threading.Event()
        self._is_failing = False
        self._thread = DatabaseThread(
            "station-alerts", self._run, tuning.thread_limit_s, self._wake.set, health=health
        )

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread, as `DatabaseThread.stop` does. Blocks; safe twice."""
        self._thread.stop()

    def set_devices(self, devices: frozenset[DeviceId]) -> None:
        """Ask about these devices from now on, and at once."""
        self._devices = devices
        self.ask()

    @property
    def devices(self) -> frozenset[DeviceId]:
        """Those it asks about."""
        return self._devices

    def ask(self) -> None:
        """Ask soon."""
        self._wake.set()

    def _run(self, turn: Turn) -> None:
        failures = 0
        while not turn.is_set():
            with turn.rest():
                self._wake.wait()
            if turn.is_set():
                # The next one must not miss what woke this one.
                self._wake.set()
                return
            self._wake.clear()
            devices, settled, began_s = self._devices, self._settled(), time.monotonic()
            if not devices:
                continue
            try:
                alerts = self._load(devices)
            except Exception as error:  # noqa: BLE001 - this loop's net: the next question may be answered
                if turn.is_set():
                    return
                failures += 1
                self._note(error)
                self._wake.set()
                turn.wait(self._tuning.retry.wait_s(failures, random.random()))
                continue
            if turn.is_set():
                return
            self._health.passes += 1
            failures, self._is_failing = 0, False
            self._on_news(News(alerts, devices, settled))
            turn.wait(max(_PAUSE_S, _SHARE * (time.monotonic() - began_s)))

    def _note(self, error: Exception) -> None:
        self._health.note_failure(error)
        if not isinstance(error, StorageError):
            _log.exception("Asking for open alerts failed in a way nobody foresaw")
        elif not self._is_failing:
            # While the database is away the writer says so.
            _log.debug("Open alerts are shown as the station knows them: %s", error)
        self._is_failing = True
