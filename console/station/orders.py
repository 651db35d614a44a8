"""Carries out what administrators ask of this station, one thing at a time, by a thread of its own."""

import logging
import random
import threading
from collections.abc import Callable, Mapping

from console.station.database_thread import DatabaseThread, Turn
from console.station.health import LoopHealth
from console.station.spool.spool import Spool
from console.station.store import Store
from console.station.tuning import Tuning
from models.errors import StorageError
from models.records.station import OrderKind, StationOrder

_log = logging.getLogger(__name__)

Act = Callable[[StationOrder, Turn], str]
"""Does what is asked, ends early where the turn does, and returns what came of it, for people."""


class Orders:
    """Takes orders when called. `start` and `stop` belong to the event loop's thread."""

    def __init__(
        self, store: Store, tuning: Tuning, health: LoopHealth, acts: Mapping[OrderKind, Act]
    ) -> None:
        """Keep what it needs; starts nothing."""
        self._store = store
        self._tuning = tuning
        self._health = health
        self._acts = acts
        self._called = threading.Event()
        self._thread = DatabaseThread(
            "station-orders", self._run, tuning.thread_limit_s, self._called.set, health
        )

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread, as `DatabaseThread.stop` does. Blocks; safe twice."""
        self._thread.stop()

    def call(self) -> None:
        """There is something to do. Any thread may call, and as often as it likes."""
        self._called.set()

    def _run(self, turn: Turn) -> None:
        while not turn.is_set():
            with turn.rest():
                self._called.wait()
            self._called.clear()
            if turn.is_set():
                return
            try:
                order = self._store.take_order()
                if order is not None:
                    self._do(order, turn)
                self._health.passes += 1
            except StorageError as error:
                self._health.note_failure(error)  # the next renewal calls again
            except Exception as error:  # noqa: BLE001 - the orders' net: the next order may go well
                self._health.note_failure(error)
                _log.exception("An order could not be carried out")

    def _do(self, order: StationOrder, turn: Turn) -> None:
        _log.info("Asked by %s: %s", order.asked_by or "an administrator", order.kind)
        act = self._acts.get(order.kind)
        if act is None:
            outcome = "This version of the station does not know how to do that."
        else:
            try:
                outcome = act(order, turn)
            except Exception as error:  # noqa: BLE001 - whoever asked must hear what came of it
                self._health.note_failure(error)
                _log.exception("%s failed in a way nobody foresaw", order.kind)
                outcome = f"It failed: {error}"
        _log.info("Done: %s", outcome)
        self._tell(order, outcome, turn)

    def _tell(self, order: StationOrder, outcome: str, turn: Turn) -> None:
        """Say what came of it, however long the database takes to hear it."""
        failures = 0
        while True:
            try:
                self._store.end_order(order.id, outcome)
            except StorageError as error:
                self._health.note_failure(error)
                failures += 1
            else:
                return
            if turn.wait(self._tuning.retry.wait_s(failures, random.random())):
                return


def retry_quarantine(spool: Spool) -> Act:
    """Return what offers the database once more what it declined."""

    def retry(order: StationOrder, turn: Turn) -> str:
        count = spool.retry_quarantine()
        if not count:
            return "Nothing was quarantined."
        return f"{count:,} readings and findings that the database had declined are offered to it again."

    return retry
