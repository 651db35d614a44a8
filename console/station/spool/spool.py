"""The spool at work: a thread keeps on the disk what has waited in memory for too long.

outbox ─ lend → this thread → file ─ backlog → writer → database
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from console.station.clocks.clock import Clock
from console.station.errors import SpoolFull, SpoolRefused
from console.station.health import LoopHealth
from console.station.outbox import Copies, Finding, Lot, Outbox
from console.station.spool.backlog import Backlog
from console.station.spool.block import block_of
from console.station.spool.cabinet import Cabinet
from console.station.spool.conditions import Chronicle, Gauge, SpoolState, sentences
from console.station.spool.file import Parcel, SpoolFile
from console.station.spool.quarantine import retry_declined
from console.station.spool.room import Room
from console.station.spool.usage import Usage
from console.station.tuning import Tuning
from models.records.reading import Reading
from models.records.station import Condition

_log = logging.getLogger(__name__)

_LOT_BATCHES = 20
_LOOK_ROUND_S = 1.0
_TRY_AGAIN_S = 1.0
_REST_ROUNDS = 10
_PAGES_A_PASS = 4096
_NEARLY_FULL = 0.9
_END_S = 5.0
_HANGS_AFTER_S = 30.0
"""The watchdog says so of a spool whose rounds do not end; the disk hangs then, and no thread helps."""


class Spool:
    """Keeps what cannot be written yet. Any thread may call, unless a method says otherwise."""

    def __init__(
        self, folder: Path | None, outbox: Outbox, clock: Clock, tuning: Tuning, health: LoopHealth
    ) -> None:
        """Keep what it needs; opens nothing.

        Args:
            folder: Where the file lies; None = there is no spool, and everything waits in memory.
            outbox: Whose readings and findings it keeps.
            clock, tuning: The station's.
            health: Of the thread.
        """
        self._outbox = outbox
        self._clock = clock
        self._tuning = tuning
        self._health = health
        self._cabinet = Cabinet(folder, outbox, clock) if folder else None
        self._room = Room(folder, tuning.spool_limit_bytes, tuning.ballast_bytes) if folder else None
        self.backlog = Backlog(self._cabinet, outbox, clock, tuning.batch)
        self._usage = Usage()
        self._limit_bytes = 0
        self._used_bytes = 0
        self._version = -1
        self._rounds_at_rest = 0
        self._chronicle = Chronicle()
        self._busy = threading.RLock()  # one lot at a time
        self._promises: deque[tuple[int, Callable[[], None]]] = deque()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def is_usable(self) -> bool:
        """Whether the disk takes what waits."""
        return self._cabinet is not None and self._cabinet.file is not None and not self._cabinet.trouble

    def gauge(self) -> Gauge:
        """Return how full the spool is."""
        left = self._limit_bytes - self._used_bytes
        return Gauge(self._used_bytes, self._limit_bytes, self._usage.room_s(left))

    def conditions(self) -> tuple[Condition, ...]:
        """Return what is wrong with the spool, for people. From one thread only."""
        if self._cabinet is None:
            return ()
        state = SpoolState(
            counts=self._outbox.counts(),
            gauge=self.gauge(),
            trouble=self._cabinet.trouble,
            set_aside=self._cabinet.set_aside,
            is_dropping=self._usage.is_dropping(self._clock.monotonic(), self._tuning.dropped_shown_s),
            quarantined_findings=self._cabinet.quarantined_findings,
        )
        return self._chronicle.conditions(sentences(state), self._clock.unix())

    def keep(self, findings: Sequence[Finding], on_durable: Callable[[], None]) -> None:
        """Put findings into the outbox behind all others, and make them durable at once. Never waits.

        `on_durable` is called on the spool's thread once they are on the disk, or in the database.
        """
        self._promises.append((self._outbox.put_findings(findings), on_durable))
        self._wake.set()

    def retry_quarantine(self) -> int:
        """Offer the database once more what it declined; return how much that is. Blocks for the disk."""
        if self._cabinet is None:
            return 0
        moved = self._cabinet.use(lambda file: retry_declined(file, self._clock.unix()), 0)
        self._cabinet.use(self._cabinet.follow_moves, None)
        return moved

    def start(self) -> None:
        """Open the file, count what earlier runs left, start the thread. Never fails. On the event loop."""
        if self._cabinet is None:
            return
        self._cabinet.open()
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name="station-spool", daemon=True)
        self._health.pulse.thread = self._thread
        self._health.pulse.beat(_HANGS_AFTER_S)
        self._thread.start()

    def stop(self) -> None:
        """Keep everything that still waits, and close. Blocks; safe twice. After the writer's end."""
        if self._thread is None or self._cabinet is None:
            return
        self._health.pulse.rest()
        self._stopping.set()
        self._wake.set()
        self._thread.join(_END_S)
        self._thread = None
        with self._busy:
            while (lot := self._outbox.lend(0.0, self._lot_limit())) is not None and self._keep_lot(lot):
                pass
            self._keep_promises()
            self._cabinet.close()

    def _run(self) -> None:
        looked_at_s = tried_at_s = float("-inf")
        while not self._stopping.is_set():
            now_s = self._clock.monotonic()
            try:
                if now_s - looked_at_s >= _LOOK_ROUND_S:
                    looked_at_s = now_s
                    self._look_round()
                if self.is_usable or now_s - tried_at_s >= _TRY_AGAIN_S:
                    tried_at_s = now_s
                    self._keep_old()
                self._keep_promises()
                self._health.passes += 1
            except Exception as error:  # noqa: BLE001 - the spool's net: what waits in memory must go on waiting
                self._health.note_failure(error)
                _log.exception("The spool failed in a way nobody foresaw")
            self._wake.wait(max(self._tuning.spill_look_s, self._outbox.due_in_s(self._tuning.spill_s)))
            self._wake.clear()

    def _keep_old(self) -> None:
        """Keep what has waited for too long."""
        while not self._stopping.is_set():
            with self._busy:
                lot = self._outbox.lend(
                    self._tuning.spill_s, self._lot_limit(), is_pressing=bool(self._promises)
                )
                if lot is None or not self._keep_lot(lot):
                    return

    def _keep_promises(self) -> None:
        """Tell those whose findings are durable now."""
        durable = self._outbox.findings_durable()
        while self._promises and self._promises[0][0] <= durable:
            _, on_durable = self._promises.popleft()
            on_durable()

    def _keep_lot(self, lot: Lot) -> bool:
        """Make a lot durable, or give it back."""
        kept: list[Copies] | None = None
        try:
            if self._cabinet is not None:
                kept = self._cabinet.use(lambda file: self._appended(file, lot), None)
        finally:
            if kept is None:
                self._outbox.not_kept(lot)
        if kept is None:
            return False
        self._rounds_at_rest = 0
        self.backlog.remove(self._outbox.kept(lot, kept[0]))
        if self._cabinet is not None:
            self._cabinet.note_success()
        return True

    def _appended(self, file: SpoolFile, lot: Lot) -> list[Copies]:
        """Append a lot, and give up the oldest readings where there is no room for it otherwise."""
        parcels = [
            self._parcel(lot.hand_readings, lot.hand_findings),
            self._parcel(lot.readings, lot.findings),
        ]
        need = self._usage.note_parcels(parcels)
        self._used_bytes = file.used_bytes()
        if self._used_bytes + need > self._limit() > 0:
            self._drop(file, self._used_bytes + need - self._limit())
        try:
            return file.append(parcels, self._clock.unix())
        except SpoolFull:
            if self._room is not None and self._room.throw_ballast():
                _log.warning("The disk of the spool is full; its ballast was thrown off")
                with suppress(SpoolFull):
                    return file.append(parcels, self._clock.unix())
            # Memory is the second line for readings; what has to be acted upon does not wait there.
            is_pressing = bool(lot.findings or lot.hand_findings) or (
                self._outbox.counts().in_memory >= _NEARLY_FULL * self._tuning.waiting_limit
            )
            if not (is_pressing and self._drop(file, need)):
                raise
            return file.append(parcels, self._clock.unix())

    def _drop(self, file: SpoolFile, amount_bytes: int) -> int:
        gone = file.drop_oldest(amount_bytes, self.backlog.in_flight.blocks)
        if gone:
            self._outbox.record(lambda tally: tally.lose(gone))
        return gone

    def _look_round(self) -> None:
        """Once a second: how full it is, what commands did, what could not be removed before."""
        if self._cabinet is None:
            return
        self._cabinet.open()
        self._usage.note_counts(self._outbox.counts(), self._clock.monotonic())
        version = self._cabinet.use(lambda file: file.version(), -1)
        if version != self._version:
            self._version = version
            self._cabinet.use(self._cabinet.follow_moves, None)
        # A spool that has nothing to do costs nothing, but for a look now and then at the disk it lies on.
        is_at_rest = self.backlog.is_empty() and not self._cabinet.trouble
        self._rounds_at_rest = self._rounds_at_rest + 1 if is_at_rest else 0
        if self._rounds_at_rest <= 1 or self._rounds_at_rest % _REST_ROUNDS == 0:
            self._cabinet.use(self._measure, None)

    def _measure(self, file: SpoolFile) -> None:
        self.backlog.clean(file)
        counts = self._outbox.counts()
        if self.backlog.is_empty():
            file.shrink(_PAGES_A_PASS)
        self._used_bytes = file.used_bytes()
        self._limit()
        if self._room is not None:
            self._room.lay_ballast()
        if self._cabinet is not None and self._cabinet.trouble and counts.in_memory < self._tuning.batch:
            # Nothing is pressing any more; whether the disk takes something is worth a try.
            file.touch()
            self._cabinet.note_success()

    def _limit(self) -> int:
        """Return what the spool may take, as found at the start."""
        if not self._limit_bytes and self._room is not None:
            try:
                self._limit_bytes = self._room.limit_bytes(self._used_bytes)
            except OSError as error:
                raise SpoolRefused(f"The disk of the spool does not answer: {error}.") from error
        return self._limit_bytes

    def _parcel(self, readings: Sequence[Reading], findings: Sequence[Finding]) -> Parcel:
        size = self._tuning.batch
        return Parcel(
            [block_of(readings[first : first + size]) for first in range(0, len(readings), size)], findings
        )

    def _lot_limit(self) -> int:
        """Small pieces while the disk is in trouble: what does not fit is packed in vain."""
        return self._tuning.batch * (_LOT_BATCHES if self.is_usable else 1)
