"""Whom the windows' tickets speak for: asked of the database, remembered, and asked again when people change.

A ticket checked once stays good while the database is away, until it runs out. What the database says ends it
within a second: a change is announced, a lost connection is followed by checking everything again.
"""

import asyncio
import logging
import random
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from console.station.clocks.clock import Clock
from console.station.database_thread import DatabaseThread, Turn
from console.station.health import LoopHealth
from console.station.memory.ticket_memory import NO_MEMORY, TicketRecall
from console.station.store import Store
from console.station.tuning import Tuning
from models.errors import DatabaseAway, NeedsSetup, StorageError
from models.records.ticket import TicketHolder, TicketRefusal, TicketState, TicketVerdict

_log = logging.getLogger(__name__)

_IN_ONE_QUESTION = 1000
_REMEMBERED = 10_000
_UNKNOWN = TicketRefusal("The station does not know this sign-in; sign in again.", is_final=True)
_EXPIRED = TicketRefusal("This sign-in is older than seven days; sign in again.", is_final=True)
_AWAY = TicketRefusal(
    "The station cannot check this sign-in while the database is away, and has not checked it before. "
    "Live values come once the database is back.",
    is_final=False,
)
_BROKEN = TicketRefusal("The station cannot check any sign-in; its log says why.", is_final=False)
_REFUSALS = {
    TicketState.EXPIRED: _EXPIRED,
    TicketState.SIGNED_OUT: TicketRefusal("This sign-in was ended; sign in again.", is_final=True),
    TicketState.PASSWORD_CHANGED: TicketRefusal(
        "The password was changed after this sign-in; sign in again.", is_final=True
    ),
    TicketState.DISABLED: TicketRefusal("This account is disabled; ask an administrator.", is_final=True),
}

OnVerdict = Callable[[TicketVerdict], None]


@dataclass(eq=False, slots=True)
class _Watcher:
    """Somebody who shows a ticket, and what they were told last."""

    on_verdict: OnVerdict
    told: TicketHolder | None = None


@dataclass(slots=True)
class _Entry:
    """A ticket that was good when it was checked, or is being checked for the first time (holder None).

    One that is merely recalled from before the start counts only once the database is known to be away.
    """

    holder: TicketHolder | None = None
    checked_s: float = 0.0
    checked_unix: float = 0.0
    is_recalled: bool = False
    watchers: list[_Watcher] = field(default_factory=list[_Watcher])

    def has_run_out(self, clock: Clock) -> bool:
        """Tell by both clocks: one stands still in suspend, the other can be set back."""
        if self.holder is None:
            return False
        elapsed_s = max(clock.monotonic() - self.checked_s, clock.unix() - self.checked_unix)
        return elapsed_s >= self.holder.remaining_s


class TicketBook:
    """Belongs to the event loop's thread, but for `recheck`. Asks the database on a thread of its own."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        tuning: Tuning,
        health: LoopHealth,
        memory: TicketRecall = NO_MEMORY,
    ) -> None:
        """Keep what it needs; starts nothing. `memory` outlives this program."""
        self._store = store
        self._clock = clock
        self._tuning = tuning
        self._health = health
        self._memory = memory
        self._entries: dict[bytes, _Entry] = {}
        self._due: dict[bytes, None] = {}  # shared with the thread, under the lock
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._asked: tuple[bytes, ...] = ()
        self._thread = DatabaseThread(
            "station-tickets", self._run, tuning.thread_limit_s, self._wake.set, health, tuning.stuck_s
        )
        self._loop: asyncio.AbstractEventLoop | None = None
        self._look: asyncio.TimerHandle | None = None
        self._is_failing = False
        self._is_away = False

    def start(self) -> None:
        """Start the thread."""
        self._loop = asyncio.get_running_loop()
        for digest, holder in self._memory.load(self._clock.unix()).items():
            now_s, now_unix = self._clock.monotonic(), self._clock.unix()
            self._entries.setdefault(digest, _Entry(holder, now_s, now_unix, is_recalled=True))
        self._thread.start()
        self._look_for_expired()

    async def stop(self) -> None:
        """End the thread, as `DatabaseThread.stop` does. Safe twice, safe when never started."""
        if self._look is not None:
            self._look.cancel()
            self._look = None
        self._loop = None
        await asyncio.to_thread(self._thread.stop)

    def watch(self, digest: bytes, on_verdict: OnVerdict) -> Callable[[], None]:
        """See `console.link.doorkeeper.Doorkeeper.watch`."""
        assert self._loop is not None  # the socket opens after this has started
        entry = self._entries.setdefault(digest, _Entry())
        watcher = _Watcher(on_verdict)
        entry.watchers.append(watcher)
        counts = self._is_away or not entry.is_recalled
        if entry.holder is not None and counts and not entry.has_run_out(self._clock):
            self._loop.call_soon(self._tell_waiting, digest)
        self._ask((digest,))
        return lambda: self._unwatch(digest, watcher)

    def recheck(self) -> None:
        """Check all tickets again, because people changed or changes may have been missed. Any thread."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._ask_all)

    # -- the event loop's side -------------------------------------------------------------------------

    def _ask_all(self) -> None:
        self._ask(tuple(self._entries))

    def _ask(self, digests: Sequence[bytes]) -> None:
        if digests:
            with self._lock:
                self._due.update(dict.fromkeys(digests))
            self._wake.set()

    def _unwatch(self, digest: bytes, watcher: _Watcher) -> None:
        entry = self._entries.get(digest)
        if entry is not None and watcher in entry.watchers:
            entry.watchers.remove(watcher)
            if entry.holder is None and not entry.watchers:
                del self._entries[digest]

    def _take(self, asked: Sequence[bytes], answers: Mapping[bytes, TicketHolder | TicketState]) -> None:
        """Hear what the database says of the tickets asked about."""
        self._is_failing = self._is_away = False
        before = self._holders()
        for digest in asked:
            entry, answer = self._entries.get(digest), answers.get(digest)
            if entry is None:
                continue
            if isinstance(answer, TicketHolder):
                entry.holder, entry.is_recalled = answer, False
                entry.checked_s, entry.checked_unix = self._clock.monotonic(), self._clock.unix()
                self._tell_waiting(digest)
            else:
                self._end(digest, _UNKNOWN if answer is None else _REFUSALS[answer])
        self._forget_oldest()
        if self._holders() != before:
            self._remember()

    def _take_failure(self, asked: Sequence[bytes], error: Exception) -> None:
        """Hear that the database could not be asked: known tickets stay good, others open nothing."""
        is_away = isinstance(error, DatabaseAway | NeedsSetup)
        if not self._is_failing:
            _log.log(logging.INFO if is_away else logging.ERROR, "Tickets cannot be checked: %s", error)
        self._is_failing, self._is_away = True, is_away
        for digest in asked:
            entry = self._entries.get(digest)
            if entry is not None and entry.holder is None:
                self._end(digest, _AWAY if is_away else _BROKEN)
            elif is_away and entry is not None and not entry.has_run_out(self._clock):
                self._tell_waiting(digest)
        # Those that are left have to be checked again, whether or not a change is announced.
        self._ask([digest for digest in asked if digest in self._entries])

    def _tell_waiting(self, digest: bytes) -> None:
        entry = self._entries.get(digest)
        if entry is None or entry.holder is None:
            return
        for watcher in list(entry.watchers):
            if watcher.told != entry.holder:
                watcher.told = entry.holder
                watcher.on_verdict(entry.holder)

    def _end(self, digest: bytes, refusal: TicketRefusal) -> None:
        entry = self._entries.pop(digest, None)
        for watcher in entry.watchers if entry is not None else ():
            watcher.on_verdict(refusal)

    def _look_for_expired(self) -> None:
        for digest, entry in list(self._entries.items()):
            if entry.has_run_out(self._clock):
                self._end(digest, _EXPIRED)
        if self._loop is not None:
            self._look = self._loop.call_later(self._tuning.tickets_look_s, self._look_for_expired)

    def _holders(self) -> dict[bytes, TicketHolder]:
        return {digest: one.holder for digest, one in self._entries.items() if one.holder is not None}

    def _remember(self) -> None:
        """Have what is known of tickets kept: until when each is good, by the station's own clock."""
        self._memory.keep(
            {
                digest: (one.holder, one.checked_unix + one.holder.remaining_s)
                for digest, one in self._entries.items()
                if one.holder is not None
            },
            self._clock.unix(),
        )

    def _forget_oldest(self) -> None:
        for digest in list(self._entries)[: max(0, len(self._entries) - _REMEMBERED)]:
            if not self._entries[digest].watchers:
                del self._entries[digest]

    # -- the thread's side -----------------------------------------------------------------------------

    def _run(self, turn: Turn) -> None:
        failures = 0
        # What a thread that was given up had asked about is asked again.
        self._ask(self._asked)
        while not turn.is_set():
            with turn.rest():
                self._wake.wait()
            if turn.is_set():
                # The next one must not miss what woke this one.
                self._wake.set()
                return
            self._wake.clear()
            asked = self._asked = self._take_due()
            if not asked:
                continue
            try:
                answers = self._store.check_tickets(asked)
                if turn.is_set():
                    return
            except Exception as error:  # noqa: BLE001 - the tickets' net: nobody is let in, and the next attempt may succeed
                if turn.is_set():
                    return
                if not isinstance(error, StorageError):
                    _log.exception("Checking tickets failed in a way nobody foresaw")
                self._health.note_failure(error)
                failures += 1
                self._post(lambda asked=asked, error=error: self._take_failure(asked, error))
                turn.wait(self._tuning.retry.wait_s(failures, random.random()))
            else:
                self._health.passes += 1
                failures = 0
                self._post(lambda asked=asked, answers=answers: self._take(asked, answers))
                turn.wait(self._tuning.tickets_pause_s)

    def _take_due(self) -> tuple[bytes, ...]:
        with self._lock:
            asked = tuple(self._due)[:_IN_ONE_QUESTION]
            for digest in asked:
                del self._due[digest]
            if self._due:
                self._wake.set()
        return asked

    def _post(self, call: Callable[[], None]) -> None:
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(call)
