"""The database's upkeep: partitions made ahead, rollups brought up to date. A thread of its own.

It also keeps, on this computer, where the audit trail ended: see `models.audit_anchors`.
"""

import logging
from collections.abc import Callable

from console.station.clocks.clock import Clock
from console.station.database_thread import DatabaseThread, Turn
from console.station.health import LoopHealth
from console.station.store import Store
from console.station.tuning import Tuning
from models.errors import DatabaseAway, StorageError

_log = logging.getLogger(__name__)

_STEP_S = 1.0
_ROLLUPS_LIMIT_S = 900.0
"""After a long outage rollups are brought up to date hour by hour, a second or two each."""


class Upkeep:
    """Makes partitions at the start and hourly, rollups every minute, and keeps an anchor hourly.

    Every two seconds it sees to it that nobody's open transaction keeps a station from writing.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        tuning: Tuning,
        health: LoopHealth,
        keep_anchor: Callable[[], object] = lambda: None,
    ) -> None:
        """Keep what it needs; starts nothing."""
        self._keep_anchor = keep_anchor
        self._store = store
        self._clock = clock
        self._tuning = tuning
        self._health = health
        self._thread = DatabaseThread("station-upkeep", self._run, tuning.thread_limit_s, health=health)
        self._partitions_at = self._anchor_at = float("-inf")
        self._rollups_at = clock.monotonic() + tuning.rollups_s
        self._way_at = clock.monotonic() + tuning.clear_way_s
        self._is_failing = False

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread, as `DatabaseThread.stop` does. Blocks; safe twice."""
        self._thread.stop()

    def _run(self, turn: Turn) -> None:
        while not turn.is_set():
            try:
                self.run_due(self._clock.monotonic(), turn.step)
            except StorageError as error:
                self._health.note_failure(error)
                if not self._is_failing:
                    # While the database is away the writer says so; anything else is this thread's own news.
                    level = logging.DEBUG if isinstance(error, DatabaseAway) else logging.WARNING
                    _log.log(level, "Upkeep of the database has to wait: %s", error)
                self._is_failing = True
            except Exception as error:  # noqa: BLE001 - the upkeep's net: the next round may succeed
                self._health.note_failure(error)
                _log.exception("Upkeep of the database failed in a way nobody foresaw")
            else:
                self._is_failing = False
            turn.wait(_STEP_S)

    def run_due(
        self, now_s: float, step: Callable[[str, float | None], None] = lambda _what, _s: None
    ) -> None:
        """Do what is due at `now_s` (monotonic seconds). Raises StorageError; what failed stays due.

        Args:
            now_s: Monotonic seconds.
            step: Hears what is begun, and how long that may take (`Turn.step`).
        """
        if now_s >= self._way_at:
            self._way_at = now_s + self._tuning.clear_way_s
            if ended := self._store.clear_the_way():
                _log.warning("Ended %d sessions of persons that kept stations from writing", ended)
        if now_s >= self._partitions_at:
            made = self._store.ensure_partitions()
            self._partitions_at = now_s + self._tuning.partitions_s
            self._health.passes += 1
            if made:
                _log.info("Made %d partitions for the coming days", made)
        if now_s >= self._rollups_at:
            step("bringing rollups up to date", _ROLLUPS_LIMIT_S)
            self._store.refresh_rollups()
            step("", None)
            self._rollups_at = now_s + self._tuning.rollups_s
            self._health.passes += 1
        if now_s >= self._anchor_at:
            try:
                self._keep_anchor()
            except DatabaseAway:
                raise
            except StorageError:
                # Refused, perhaps: to ask every second would only fill the trail with refusals.
                self._anchor_at = now_s + self._tuning.partitions_s
                raise
            except OSError as error:
                _log.warning("The end of the audit trail could not be kept on this computer: %s", error)
            self._anchor_at = now_s + self._tuning.partitions_s
