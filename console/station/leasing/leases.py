"""The thread that keeps this station's leases: enters, and renews once a second.

It only asks and tells; `duty.py` decides on the event loop what follows.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from console.station.clocks.site_clock import SiteClock
from console.station.database_thread import DatabaseThread, Turn
from console.station.health import LoopHealth
from console.station.store import Store
from console.station.tuning import Tuning
from models.errors import LeaseLost, NotAllowed, SignInRefused, StorageError
from models.records.device import DeviceId
from models.records.lease import Tenure
from models.records.station import StationIdentity, StationReport

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Renewed:
    """A renewal succeeded.

    Attributes:
        sent_s: From before it was sent, by the clock's `monotonic`.
        epochs: Of the devices held, surplus ones left out.
        surplus: Held devices that another station should have.
        known: The devices whose episodes the renewal left out.
        released: What it gave back.
    """

    identity: StationIdentity
    tenure: Tenure
    sent_s: float
    epochs: Mapping[DeviceId, int]
    surplus: frozenset[DeviceId]
    known: frozenset[DeviceId]
    released: frozenset[DeviceId]


@dataclass(frozen=True, slots=True)
class NeedsNoLease:
    """The login is that of whoever set the server up, who polls everything."""


@dataclass(frozen=True, slots=True)
class NotRenewed:
    """An attempt failed: the database does not answer."""

    sentence: str


@dataclass(frozen=True, slots=True)
class Lost:
    """The database says that this station holds nothing any more."""

    sentence: str


News = Renewed | NeedsNoLease | NotRenewed | Lost


@dataclass(frozen=True, slots=True)
class Errand:
    """What the event loop wants to be told with the next renewal; replaced as a whole.

    Attributes:
        released: Devices that are polled no more and go back.
        known: Devices whose open episodes are known.
        witness: "host:port" where this station answers others; empty = nowhere.
        kept: Devices that are in the middle of something: not given away, whoever should have them.
    """

    released: frozenset[DeviceId] = frozenset()
    known: frozenset[DeviceId] = frozenset()
    report: StationReport | None = None
    witness: str = ""
    kept: frozenset[DeviceId] = frozenset()


class Leases:
    """Keeps the leases. `start` and `stop` belong to the event loop's thread.

    Attributes:
        errand: Set by the event loop, read by the thread.
    """

    def __init__(
        self,
        store: Store,
        clock: SiteClock,
        tuning: Tuning,
        health: LoopHealth,
        on_news: Callable[[News], None],
    ) -> None:
        """Keep what it needs; starts nothing.

        Args:
            store: Asked to enter and to renew.
            clock: Learns the database's time from every renewal.
            tuning: Periods and waits.
            health: Counts renewals and failures.
            on_news: Called on this thread with whatever came of each attempt.
        """
        self.errand = Errand()
        self._store = store
        self._clock = clock
        self._tuning = tuning
        self._health = health
        self._on_news = on_news
        self._called = threading.Event()
        self._identity: StationIdentity | None = None
        self._told = ""
        self._losses = 0
        self._lost_s = float("-inf")
        self._thread = DatabaseThread(
            "station-leases", self._run, tuning.thread_limit_s, self._called.set, health
        )

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread, as `DatabaseThread.stop` does. Blocks; safe twice."""
        self._thread.stop()

    def leave(self) -> None:
        """Give every device back, so that others need not wait for the lease's end. After `stop`; blocks."""
        if self._identity is None:
            return
        try:
            self._store.leave(self._identity.incarnation)
        except StorageError as error:
            _log.info("The devices go to other stations when the lease has run out: %s", error)

    def call(self) -> None:
        """Have it try now: the database seems to be there. Any thread may call."""
        self._called.set()

    def _run(self, turn: Turn) -> None:
        while not turn.is_set():
            began_s = self._clock.monotonic()
            self._called.clear()
            news = self._attempt()
            if turn.is_set():
                return
            self._note(news)
            self._on_news(news)
            wait_s = self._wait_s(news) - (self._clock.monotonic() - began_s)
            if wait_s > 0:
                with turn.rest():
                    self._called.wait(wait_s)

    def _attempt(self) -> News:
        try:
            if self._identity is None:
                self._identity = self._store.enter()
                if self._identity is None:
                    return self._look_at_clock()
            return self._renew(self._identity)
        except (LeaseLost, NotAllowed, SignInRefused) as error:
            self._identity = None
            self._count_loss(error)
            return Lost(str(error))
        except StorageError as error:
            return NotRenewed(str(error))
        except Exception as error:  # noqa: BLE001 - the leases' net: the next attempt may succeed
            _log.exception("Renewing the leases failed in a way nobody foresaw")
            return NotRenewed(f"{type(error).__name__}: {error}")

    def _renew(self, identity: StationIdentity) -> Renewed:
        errand = self.errand
        sent_s = self._clock.monotonic()
        tenure = self._store.renew(
            identity.incarnation, sorted(errand.released), errand.report, errand.witness, errand.known
        )
        self._clock.learn(tenure.database_unix, sent_s, self._clock.monotonic())
        surplus = frozenset(lease.device for lease in tenure.leases if lease.is_surplus) - errand.kept
        return Renewed(
            identity=identity,
            tenure=tenure,
            sent_s=sent_s,
            epochs={each.device: each.epoch for each in tenure.leases if each.device not in surplus},
            surplus=surplus,
            known=errand.known,
            released=errand.released,
        )

    def _look_at_clock(self) -> NeedsNoLease:
        sent_s = self._clock.monotonic()
        database_unix = self._store.read_clock()
        self._clock.learn(database_unix, sent_s, self._clock.monotonic())
        return NeedsNoLease()

    def _count_loss(self, error: Exception) -> None:
        """Wait longer from time to time: two programs under one login take each other's place for ever."""
        now_s = self._clock.monotonic()
        is_again = now_s - self._lost_s < 2.0 * self._tuning.enter_again_most_s
        self._losses = self._losses + 1 if is_again and isinstance(error, LeaseLost) else 0
        self._lost_s = now_s

    def _wait_s(self, news: News) -> float:
        match news:
            case NotRenewed():
                return self._tuning.renew_again_s
            case Lost():
                return min(self._tuning.enter_again_s * 2**self._losses, self._tuning.enter_again_most_s)
            case Renewed() | NeedsNoLease():
                return self._tuning.renew_s

    def _note(self, news: News) -> None:
        if isinstance(news, NotRenewed | Lost):
            self._health.failures += 1
            self._health.last_failure = news.sentence
            if news.sentence != self._told:
                _log.warning("The leases are not renewed: %s", news.sentence)
            self._told = news.sentence
        else:
            self._health.passes += 1
            if self._told:
                _log.info("The leases are renewed again")
            self._told = ""
