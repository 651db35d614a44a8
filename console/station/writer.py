"""Step ⑤: readings, transitions and states → the database, in batches, by a thread of its own.

Nothing is given up while the database is away: the load in hand is tried again, the rest waits in the outbox.
What the database declines is taken apart until the one thing it declines is found, so that it cannot block
its neighbours.
"""

import logging
import random
import threading
from collections.abc import Callable

from console.station.clock import Clock
from console.station.health import LoopHealth
from console.station.outbox import Outbox
from console.station.store import Load, Store
from console.station.tuning import Tuning
from models.errors import DatabaseAway, NeedsSetup, NotAllowed, Rejected
from models.records.reading import Reading

_log = logging.getLogger(__name__)

_LOOK_S = 0.2


class _GivenUp(Exception):
    """The station is stopping and the database did not come back in time."""


class Writer:
    """Writes what the outbox holds. `start` and `stop` belong to the event loop's thread."""

    def __init__(
        self, store: Store, outbox: Outbox, clock: Clock, tuning: Tuning, health: LoopHealth
    ) -> None:
        """Keep what it needs; starts nothing."""
        self._store = store
        self._outbox = outbox
        self._clock = clock
        self._tuning = tuning
        self._health = health
        self._closing = threading.Event()
        self._give_up_at = float("inf")
        self._thread: threading.Thread | None = None
        self._trouble = ""

    @property
    def trouble(self) -> str:
        """One sentence why nothing can be written right now; empty while writing works."""
        return self._trouble

    def start(self) -> None:
        """Start the thread."""
        self._thread = threading.Thread(target=self._run, name="station-writer", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Write what still waits and end the thread. Blocks; safe twice.

        Gives up where nothing could be written for `flush_limit_s`; the log says how much is lost.
        """
        if self._thread is None:
            return
        self._give_up_at = self._clock.monotonic() + self._tuning.flush_limit_s
        self._closing.set()
        self._outbox.close()
        self._join(self._thread)
        self._thread = None
        waiting = self._outbox.counts().waiting
        if waiting:
            reason = self._trouble or "The database does not answer."
            _log.error("%d readings could not be written before the end: %s", waiting, reason)

    def _join(self, thread: threading.Thread) -> None:
        """Wait for the thread as long as it gets on: a frozen database would keep it for ever."""
        waiting, moved_at_s = self._outbox.counts().waiting, self._clock.monotonic()
        while thread.is_alive():
            thread.join(_LOOK_S)
            now_s = self._clock.monotonic()
            left = self._outbox.counts().waiting
            if left != waiting:
                waiting, moved_at_s = left, now_s
            elif now_s - moved_at_s > self._tuning.flush_limit_s + _LOOK_S:
                return

    def _run(self) -> None:
        while self._outbox.wait(self._tuning.flush_s):
            load = self._outbox.take()
            if load is None:
                continue
            try:
                self._deliver(load)
            except _GivenUp:
                return
            self._health.passes += 1

    def _deliver(self, load: Load) -> None:
        """Store a load, whole if possible, otherwise without what the database declines."""
        if self._is_accepted(lambda: self._store.write(load)):
            self._outbox.settle(stored=len(load.readings))
            return
        # The commonest refusal is a day without a partition (23514), which making one cures.
        if (
            load.readings
            and self._is_accepted(self._store.ensure_partitions)
            and self._is_accepted(lambda: self._store.write(load))
        ):
            self._outbox.settle(stored=len(load.readings))
            return
        for transition in load.transitions:
            if not self._is_accepted(lambda one=transition: self._store.write(Load(transitions=[one]))):
                _log.error("The database declined an alert of device %d: %s", transition.device, transition)
        for state in load.states:
            if not self._is_accepted(lambda one=state: self._store.write(Load(states=[one]))):
                _log.error("The database declined the status of device %d", state.device)
        self._deliver_readings(list(load.readings))

    def _deliver_readings(self, readings: list[Reading]) -> None:
        """Store readings by halves, so that one that is declined costs log2(n) extra attempts."""
        if not readings:
            return
        if self._is_accepted(lambda: self._store.write(Load(readings=readings))):
            self._outbox.settle(stored=len(readings))
        elif len(readings) == 1:
            self._outbox.settle(dropped=1)
            _log.error("The database declined a reading of device %d: %s", readings[0].device, readings[0])
        else:
            middle = len(readings) // 2
            self._deliver_readings(readings[:middle])
            self._deliver_readings(readings[middle:])

    def _is_accepted(self, attempt: Callable[[], object]) -> bool:
        """Try until the database has accepted (True) or declined (False); waits while it is away.

        Raises:
            _GivenUp: Away for longer than a stopping station waits.
        """
        failures = 0
        while True:
            try:
                attempt()
            # A right is lacking to this station, not to this load: somebody has to give it back.
            except (DatabaseAway, NeedsSetup, NotAllowed) as error:
                failures += 1
                self._wait_for_return(error, failures)
            except Rejected as error:
                self._health.note_failure(error)
                self._came_back()
                return False
            except Exception as error:  # noqa: BLE001 - the writer's net: a load that breaks our own code is taken apart too
                self._health.note_failure(error)
                _log.exception("Writing failed in a way nobody foresaw")
                return False
            else:
                self._came_back()
                return True

    def _wait_for_return(self, error: Exception, failures: int) -> None:
        self._health.note_failure(error)
        if not self._trouble:
            _log.warning("Readings are kept in memory: %s", error)
        self._trouble = str(error)
        if self._clock.monotonic() >= self._give_up_at:
            raise _GivenUp
        wait_s = self._tuning.retry.wait_s(failures, random.random())
        if self._closing.is_set():
            # The event is set already and would not wait; a stopping station may well sleep here.
            threading.Event().wait(min(wait_s, 0.1))
        else:
            self._closing.wait(wait_s)

    def _came_back(self) -> None:
        if self._trouble:
            self._trouble = ""
            _log.info("Readings are written again; %d are waiting", self._outbox.counts().waiting)
