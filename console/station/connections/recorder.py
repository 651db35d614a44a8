"""Writes every quarter of a minute into the database how connections do, on a thread of its own.

It is news of the moment: what could not be written is replaced by what comes next, never kept on the disk.
"""

import logging
import threading
from collections.abc import Sequence

from console.station.database_thread import DatabaseThread, Turn
from console.station.health import LoopHealth
from console.station.store import Store
from console.station.tuning import Tuning
from models.errors import NotAllowed, StorageError
from models.records.device import DeviceId
from models.records.device_health import DeviceHealth

_log = logging.getLogger(__name__)


class ConnectionRecorder:
    """Keeps the newest record of each device until it is written. Any thread may call `keep`."""

    def __init__(self, store: Store, tuning: Tuning, health: LoopHealth) -> None:
        """Keep what it needs; starts nothing."""
        self._store = store
        self._tuning = tuning
        self._health = health
        self._lock = threading.Lock()
        self._waiting: dict[DeviceId, DeviceHealth] = {}
        self._is_failing = False
        self._thread = DatabaseThread(
            "station-connections",
            self._run,
            tuning.thread_limit_s,
            health=health,
            step_limit_s=tuning.stuck_s,
        )

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread, as `DatabaseThread.stop` does. Blocks; safe twice."""
        self._thread.stop()

    def keep(self, records: Sequence[DeviceHealth]) -> None:
        """Take records to be written with the next round."""
        with self._lock:
            self._waiting.update((record.device, record) for record in records)

    def write(self) -> float:
        """Write what there is; return after how many seconds to do so again."""
        with self._lock:
            waiting, self._waiting = self._waiting, {}
        try:
            if waiting:
                self._store.record_health(list(waiting.values()))
        except NotAllowed as error:
            # Every refusal stands in the audit trail: do not fill it.
            self._note(error, waiting, logging.WARNING)
            return self._tuning.refused_s
        except StorageError as error:
            # While the database is away the writer says so.
            self._note(error, waiting, logging.DEBUG)
        except Exception as error:  # noqa: BLE001 - this loop's net: the next round may succeed
            self._health.note_failure(error)
            _log.exception("Recording how connections do failed in a way nobody foresaw")
        else:
            self._health.passes += 1
            self._is_failing = False
        return self._tuning.record_health_s

    def _run(self, turn: Turn) -> None:
        while not turn.wait(self.write()):
            pass

    def _note(self, error: StorageError, waiting: dict[DeviceId, DeviceHealth], level: int) -> None:
        with self._lock:
            self._waiting = {**waiting, **self._waiting}
        self._health.note_failure(error)
        if not self._is_failing:
            _log.log(level, "How connections do cannot be recorded: %s", error)
        self._is_failing = True
