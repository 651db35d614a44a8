"""Tells the database once a second that time has passed, on a thread of its own.

Shelves and maintenance run out, alerts that were acknowledged long ago ask again, and what hides behind a
lost parent is hidden: none of that comes from a reading. Every station does it; one of them finds the work.
"""

import logging

from console.station.database_thread import DatabaseThread, Turn
from console.station.health import LoopHealth
from console.station.store import Store
from console.station.tuning import Tuning
from models.errors import NotAllowed, StorageError

_log = logging.getLogger(__name__)


class AlarmTime:
    """Calls `Store.pass_time` again and again. A database that hangs stops this thread and no other."""

    def __init__(self, store: Store, tuning: Tuning, health: LoopHealth) -> None:
        """Keep what it needs; starts nothing."""
        self._store = store
        self._tuning = tuning
        self._health = health
        self._is_failing = False
        self._thread = DatabaseThread(
            "station-time", self._run, tuning.thread_limit_s, health=health, step_limit_s=tuning.stuck_s
        )

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread, as `DatabaseThread.stop` does. Blocks; safe twice."""
        self._thread.stop()

    def tell(self) -> float:
        """Tell it once; return after how many seconds to do so again."""
        try:
            self._store.pass_time()
        except NotAllowed as error:
            # Every refusal stands in the audit trail: do not fill it.
            self._note(error, logging.WARNING)
            return self._tuning.refused_s
        except StorageError as error:
            # While the database is away the writer says so.
            self._note(error, logging.DEBUG)
        except Exception as error:  # noqa: BLE001 - this loop's net: the next second may succeed
            self._health.note_failure(error)
            _log.exception("Telling the database the time failed in a way nobody foresaw")
        else:
            self._health.passes += 1
            self._is_failing = False
        return self._tuning.judge_s

    def _run(self, turn: Turn) -> None:
        while not turn.wait(self.tell()):
            pass

    def _note(self, error: StorageError, level: int) -> None:
        self._health.note_failure(error)
        if not self._is_failing:
            _log.log(level, "Shelves and repeated alerts have to wait: %s", error)
        self._is_failing = True
