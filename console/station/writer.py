"""Step ⑤: readings, findings and states → the database, in batches, by a thread of its own.

Live loads come first; between them goes what waits in the spool, findings before readings, at a bounded
rate. Nothing is given up while the database is away: the load in hand goes back to the outbox, and from there
to the disk. What the database declines is taken apart until the one thing it declines is found, so that it
cannot block its neighbours; that is kept in quarantine.
"""

import logging
import random
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from console.station.clocks.clock import Clock
from console.station.database_thread import DatabaseThread, Turn
from console.station.health import LoopHealth
from console.station.offering import Away, LeftBehind, Offering
from console.station.outbox import Finding, Outbox
from console.station.spool.backlog import Chunk
from console.station.spool.block import readings_of
from console.station.spool.file import Declined
from console.station.spool.pace import Pace, Stride
from console.station.spool.recent import Packed, Recent
from console.station.spool.spool import Spool
from console.station.store import Load, Store
from console.station.tuning import Tuning
from models.errors import CutOff
from models.records.alert import Transition
from models.records.station import Condition, ConditionKind
from models.records.station_alert import Acknowledgement
from models.records.threshold import Severity

_log = logging.getLogger(__name__)

_LOOK_S = 0.2
_SMALLEST = 50


@dataclass(slots=True)
class _Return:
    """A chunk of the spool on its way, and how far it has got: `loads` of findings are left, or readings."""

    chunk: Chunk
    loads: list[Load]
    written: int = 0
    declined: list[Declined] = field(default_factory=list[Declined])


class Writer:
    """Writes what outbox and spool hold. `start` and `stop` belong to the event loop's thread."""

    def __init__(
        self,
        store: Store,
        outbox: Outbox,
        clock: Clock,
        tuning: Tuning,
        health: LoopHealth,
        spool: Spool | None = None,
    ) -> None:
        """Keep what it needs; starts nothing. Without a spool everything waits in memory."""
        self._outbox = outbox
        self._clock = clock
        self._tuning = tuning
        self._health = health
        self._spool = spool or Spool(None, outbox, clock, tuning, LoopHealth())
        self._backlog = self._spool.backlog
        self._live = Stride(_SMALLEST, tuning.batch)
        self._replay = Stride(_SMALLEST, tuning.replay_batch)
        self._pace = Pace(tuning.replay_per_s, clock.monotonic())
        self._recent = Recent(tuning.repeat_s)
        self._to_repeat: deque[Load | Packed] = deque()
        self._return: _Return | None = None
        self._failures = 0
        self._closing = threading.Event()
        self._give_up_at = float("inf")
        self._thread = DatabaseThread(
            "station-writer", self._run, tuning.thread_limit_s, health=health, step_limit_s=tuning.stuck_s
        )
        self._trouble = ""
        self._trouble_since_unix = 0.0
        self._drill_until = ""
        self._offering = Offering(store, clock, health, self._thread.may_go_on, self._came_back)

    @property
    def fenced(self) -> int:
        """Readings the database did not store, because their lease had ended by then."""
        return self._offering.fenced

    @property
    def trouble(self) -> str:
        """One sentence why nothing can be written right now; empty while writing works."""
        return self._trouble

    def conditions(self) -> tuple[Condition, ...]:
        """Return what people must know of it."""
        trouble = self._trouble
        if not trouble:
            return ()
        if self._drill_until:
            return (self._drill_condition(),)
        where = "on the station's disk" if self._spool.is_usable else "in memory only"
        sentence = f"{trouble} Readings and alerts are kept {where}; they are written once it is back."
        since = self._trouble_since_unix
        return (Condition(ConditionKind.DATABASE_AWAY, Severity.WARNING, since, sentence),)

    def _drill_condition(self) -> Condition:
        """Return what people must know during a drill: nothing is wrong, so nothing sounds."""
        where = "on this computer" if self._spool.is_usable else "in memory only"
        sentence = f"Drill until {self._drill_until}: readings are kept {where}."
        return Condition(ConditionKind.DRILL, Severity.INFO, self._trouble_since_unix, sentence)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Write what still waits in memory and end the thread. Blocks; safe twice.

        With a spool it does not wait for a database that is away; without, for `flush_limit_s`. The log says
        what is lost then.
        """
        thread = self._thread.thread
        if thread is None:
            return
        self._give_up_at = self._clock.monotonic() + (
            0.0 if self._spool.is_usable else self._tuning.flush_limit_s
        )
        self._closing.set()
        self._outbox.close()
        self._join(thread)
        self._thread.stop()
        waiting = self._outbox.counts().in_memory
        if waiting and not self._spool.is_usable:
            reason = self._trouble or "The database does not answer."
            _log.error("%d readings could not be written before the end: %s", waiting, reason)

    def _join(self, thread: threading.Thread) -> None:
        """Wait for the thread as long as it gets on: a frozen database would keep it for ever."""
        waiting, moved_at_s = self._outbox.counts().in_memory, self._clock.monotonic()
        while thread.is_alive():
            thread.join(_LOOK_S)
            now_s = self._clock.monotonic()
            left = self._outbox.counts().in_memory
            is_lost_cause = bool(self._trouble) and self._spool.is_usable
            if left != waiting:
                waiting, moved_at_s = left, now_s
            elif is_lost_cause or now_s - moved_at_s > self._tuning.flush_limit_s + _LOOK_S:
                return

    def _run(self, turn: Turn) -> None:
        # A thread that was given up may have had a load in hand. Storing one twice changes nothing.
        self._outbox.put_back()
        while self._outbox.wait(self._pause_s()):
            if turn.is_set():
                return
            try:
                self._pass()
            except LeftBehind:
                return
            except Away as away:
                if not self._wait_for_return(away.cause):
                    return
            else:
                self._health.passes += 1

    def _pause_s(self) -> float:
        """Return how long nothing needs to be done unless something urgent comes."""
        if self._backlog.is_empty() and not self._to_repeat:
            return self._tuning.flush_s
        return min(self._tuning.flush_s, self._pace.wait_s(self._clock.monotonic()))

    def _pass(self) -> None:
        """Write one load, and one chunk of what waits on the disk."""
        self._repeat_findings()
        has_backlog = not self._backlog.is_empty()
        # Beside a backlog, readings wait for each other as they do without: chunks must not make loads small.
        load = self._outbox.take(self._live.size, self._tuning.flush_s if has_backlog else 0.0)
        if load is not None:
            self._deliver(load)
        if self._closing.is_set():
            return
        if self._to_repeat:
            self._repeat(self._to_repeat[0])
            self._to_repeat.popleft()
        elif has_backlog and not self._pace.wait_s(self._clock.monotonic()):
            self._return = self._return or self._begin_return()
            if self._return is not None:
                self._bring_back(self._return)
            else:
                # The disk does not give it out just now.
                self._pace.spend(int(_LOOK_S * self._tuning.replay_per_s))

    def _deliver(self, load: Load) -> None:
        """Write a live load, or put it back."""
        try:
            declined = self._offering.write(load, self._live)
        except Away:
            self._outbox.put_back()
            raise
        self._backlog.settle_live(declined)
        self._recent.add(load, self._clock.monotonic())

    def _begin_return(self) -> _Return | None:
        chunk = self._backlog.next_chunk(self._replay.size)
        return None if chunk is None else _Return(chunk, _loads_in_order(chunk.findings))

    def _bring_back(self, back: _Return) -> None:
        """Write one piece of what waited on the disk, and remove it from there once all of it is written.

        What was written of it is not written again after an absence: a chunk that is too large for the
        database's time would otherwise never get to its end.
        """
        if back.loads:
            back.declined += self._offering.write(back.loads[0], self._replay)
            self._recent.add(back.loads.pop(0), self._clock.monotonic())
        else:
            part = Load(readings=back.chunk.readings[back.written : back.written + self._replay.size])
            back.declined += self._offering.write(part, self._replay)
            back.written += len(part.readings)
            self._pace.spend(len(part.readings))
        if back.loads or back.written < len(back.chunk.readings):
            return
        if back.chunk.payloads:
            self._recent.add(Packed(back.chunk.payloads), self._clock.monotonic())
        self._backlog.settle(back.chunk, back.declined)
        self._return = None
        if self._backlog.is_empty():
            _log.info("Everything that waited in the spool is in the database")

    def _repeat_findings(self) -> None:
        """Write again what was found last before the database was lost: it must come before what is new."""
        while self._to_repeat and isinstance(first := self._to_repeat[0], Load) and not first.readings:
            self._repeat(first)
            self._to_repeat.popleft()

    def _repeat(self, commit: Load | Packed) -> None:
        """Write something again. What is declined now was accepted before: its device is gone since."""
        if isinstance(commit, Load):
            self._offering.write(commit, self._live)
            return
        for payload in commit.payloads:
            self._offering.write(Load(readings=readings_of(payload)), self._replay)

    def _wait_for_return(self, error: Exception) -> bool:
        """Wait before the next attempt; returns False where a stopping station should not wait any longer."""
        self._health.note_failure(error)
        self._failures += 1
        self._to_repeat = deque(self._recent.in_order())
        if not self._trouble:
            self._trouble_since_unix = self._clock.unix()
            where = "on the disk" if self._spool.is_usable else "in memory"
            _log.warning("Readings are kept %s: %s", where, error)
        self._trouble = str(error)
        self._drill_until = error.until if isinstance(error, CutOff) else ""
        wait_s = self._tuning.retry.wait_s(self._failures, random.random())
        if not self._closing.is_set():
            self._closing.wait(wait_s)
        elif self._clock.monotonic() >= self._give_up_at:
            return False
        else:
            # The event is set already and would not wait; a stopping station may well sleep here.
            threading.Event().wait(min(wait_s, 0.1))
        return True

    def _came_back(self) -> None:
        self._failures = 0
        if self._trouble:
            self._trouble = ""
            self._backlog.note_return()
            _log.info("Readings are written again; %d are waiting", self._outbox.counts().waiting)


def _loads_in_order(findings: Sequence[Finding]) -> list[Load]:
    """Return loads that write findings in their order: each is written transitions first, then acts."""
    loads: list[Load] = []
    transitions: list[Transition] = []
    acts: list[Acknowledgement] = []
    for finding in findings:
        if isinstance(finding, Acknowledgement):
            acts.append(finding)
            continue
        if acts:
            loads.append(Load(transitions=transitions, acts=acts))
            transitions, acts = [], []
        transitions.append(finding)
    return [*loads, Load(transitions=transitions, acts=acts)] if findings else []
