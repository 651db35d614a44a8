"""What waits in memory to be written: bounded, counted, handed from the event loop to two threads.

The writer takes a load, and settles it or puts it back. The spool borrows what has waited for too long and
keeps it on the disk, a copy of the load in flight included: a frozen database holds on to that for minutes.
`put_…` never blocks.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from console.station.aged_queue import AgedQueue
from console.station.clocks.clock import Clock, SystemClock
from console.station.store import Load
from console.station.tally import STORED, Counts, Fate, Tally
from models.records.alert import Transition
from models.records.device import DeviceId, DeviceState
from models.records.reading import Reading
from models.records.station_alert import Acknowledgement

Finding = Transition | Acknowledgement
"""What must reach the database in the order in which it was found or done."""

_LONG_AGO_S = float("-inf")


@dataclass(frozen=True, slots=True)
class Copies:
    """Where the spool keeps something: ids of blocks of readings, and of findings."""

    blocks: Sequence[int] = ()
    findings: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Lot:
    """What the spool has borrowed, to make it durable.

    Attributes:
        hand: Which load in flight `hand_readings` and `hand_findings` are a copy of; 0 = none.
        readings, findings: Out of the queues, oldest first, behind the hand's.
    """

    hand: int
    hand_readings: Sequence[Reading]
    hand_findings: Sequence[Finding]
    readings: Sequence[Reading]
    findings: Sequence[Finding]


@dataclass(slots=True)
class _Hand:
    """The load in flight. `copies` is where the spool keeps it, None while it does not."""

    number: int
    load: Load
    since_s: float
    copies: Copies | None = None

    @property
    def findings(self) -> list[Finding]:
        return [*self.load.transitions, *self.load.acts]


class Outbox:
    """Queues with a writer's and a spool's thread at their end. Any thread may put and count."""

    def __init__(self, waiting_limit: int, batch: int, clock: Clock | None = None) -> None:
        """Keep the limits.

        Args:
            waiting_limit: Readings and findings kept in memory at most; beyond, the oldest readings go, and
                findings only once no readings are left.
            batch: So many readings wake the writer before its time, and are taken at once at most.
            clock: Tells how long something has waited.
        """
        self._limit = waiting_limit
        self._batch = batch
        self._clock = clock or SystemClock()
        self._readings: AgedQueue[Reading] = AgedQueue()
        self._findings: AgedQueue[Finding] = AgedQueue()
        self._states: dict[DeviceId, tuple[DeviceState, int]] = {}
        self._is_urgent = False
        self._is_closing = False
        self._hand: _Hand | None = None
        self._hands = 0
        self._lot: Lot | None = None
        self._findings_put = 0
        self._tally = Tally()
        lock = threading.Lock()
        self._changed = threading.Condition(lock)
        self._returned = threading.Condition(lock)

    def put_readings(self, readings: Sequence[Reading]) -> None:
        """Add readings; drops the oldest where memory for waiting ones is full."""
        with self._changed:
            self._readings.put(readings, self._clock.monotonic())
            self._make_room()
            if len(self._readings) >= self._batch and not self._is_urgent:
                self._is_urgent = True
                self._changed.notify()

    def put_transitions(self, transitions: Sequence[Transition]) -> None:
        """Add alert transitions, to be written at once."""
        self.put_findings(transitions)

    def put_findings(self, findings: Sequence[Finding]) -> int:
        """Add what must be written in this order, at once; return the running number of the last."""
        with self._changed:
            self._findings_put += len(findings)
            self._findings.put(findings, self._clock.monotonic())
            self._make_room()
            if self._may_take_findings():
                self._is_urgent = True
                self._changed.notify()
            return self._findings_put

    def put_states(
        self,
        states: Sequence[DeviceState],
        *,
        is_urgent: bool,
        epochs: Mapping[DeviceId, int] | None = None,
    ) -> None:
        """Add device states; the latest of a device replaces the one that still waits.

        Args:
            states: Some devices'.
            is_urgent: Write them at once.
            epochs: Of the leases under which they were found.
        """
        with self._changed:
            known = epochs or {}
            self._states.update((state.device, (state, known.get(state.device, 0))) for state in states)
            if is_urgent:
                self._is_urgent = True
                self._changed.notify()

    def close(self) -> None:
        """Tell the writer that nothing more will come."""
        with self._changed:
            self._is_closing = True
            self._changed.notify_all()

    # The writer's end.

    def wait(self, longest_s: float) -> bool:
        """Wait until something cannot wait, at most `longest_s`; returns False once closed and empty."""
        with self._changed:
            if not (self._is_urgent or self._is_closing):
                self._changed.wait(longest_s)
            return not (self._is_closing and not self._has_something())

    def take(self, limit: int | None = None, ripe_s: float = 0.0) -> Load | None:
        """Return what is to be written next, None where there is nothing. One load at a time is in flight.

        Findings stay where they are while others wait in the spool: those were found before.

        Args:
            limit: Readings taken at most, if fewer than a batch.
            ripe_s: Leave readings that have waited for less, unless something is urgent.
        """
        with self._changed:
            if not self._has_something():
                self._is_urgent = False
                return None
            since_s = self._readings.since_s
            is_pressing = (
                self._is_urgent or self._is_closing or bool(self._states) or self._has_findings_to_take()
            )
            if not is_pressing and self._clock.monotonic() - since_s < ripe_s:
                return None
            readings = self._readings.take(min(self._batch, limit or self._batch))
            transitions: list[Transition] = []
            acts: list[Acknowledgement] = []
            if self._may_take_findings():
                since_s = min(since_s, self._findings.since_s)
                transitions, acts = self._take_findings()
            states, self._states = self._states, {}
            self._hands += 1
            load = Load(
                readings=readings,
                transitions=transitions,
                states=[state for state, _ in states.values()],
                epochs={device: epoch for device, (_, epoch) in states.items()},
                acts=acts,
            )
            self._hand = _Hand(self._hands, load, since_s)
            self._is_urgent = len(self._readings) >= self._batch or self._has_findings_to_take()
            return load

    def copies(self) -> Copies:
        """Return where the spool keeps the load in flight: to be removed from there once it is stored."""
        with self._changed:
            return (self._hand and self._hand.copies) or Copies()

    def settle(self, fate: Fate = STORED) -> Copies:
        """Count the load in flight as committed, but for what the database declined.

        Returns:
            Where the spool keeps it at this moment, which may be later news than `copies`.
        """
        with self._changed:
            hand, self._hand = self._hand, None
            if hand is None:
                return Copies()
            if hand.copies is None:
                self._tally.store(len(hand.load.readings), fate)
            else:
                self._tally.replay(len(hand.load.readings), len(hand.findings), fate)
            if self._has_findings_to_take():
                self._is_urgent = True
            return hand.copies or Copies()

    def put_back(self) -> None:
        """Take the load in flight back: it could not be written, and waits again, here or in the spool.

        Waits while the spool is copying it, that is, for the disk.
        """
        with self._changed:
            while self._lot is not None and self._lot.hand:
                self._returned.wait()
            hand, self._hand = self._hand, None
            if hand is None:
                return
            for state in hand.load.states:
                self._states.setdefault(state.device, (state, hand.load.epochs.get(state.device, 0)))
            if hand.copies is None:
                self._readings.put_back(hand.load.readings, hand.since_s)
                self._findings.put_back(hand.findings, hand.since_s)
                self._make_room()

    # The spool's end.

    def due_in_s(self, waited_s: float) -> float:
        """Return in how many seconds something can have waited for `waited_s`, at the earliest."""
        with self._changed:
            hand = self._hand
            hand_s = hand.since_s if hand is not None and hand.copies is None else float("inf")
            oldest_s = min(self._readings.since_s, self._findings.since_s, hand_s)
            return waited_s + min(0.0, oldest_s - self._clock.monotonic())

    def findings_durable(self) -> int:
        """Return the running number of the last finding that neither end of memory holds any more."""
        with self._changed:
            return self._findings_put - self._findings_in_memory()

    def lend(self, waited_s: float, limit: int, *, is_pressing: bool = False) -> Lot | None:
        """Lend what has waited for `waited_s` seconds, and what waits behind it; None where nothing has.

        What was lent is given back by `kept` or `not_kept`; one lot at a time.

        Args:
            waited_s: In seconds; 0: everything.
            limit: Readings out of the queue at most, and as many findings.
            is_pressing: Somebody waits for findings to be durable: lend those at once.
        """
        with self._changed:
            due_s = self._clock.monotonic() - waited_s
            are_readings_due = self._readings.since_s <= due_s
            are_findings_due = self._findings.since_s <= due_s or (is_pressing and bool(self._findings))
            hand = self._hand
            if hand is not None and (hand.copies is not None or not (hand.load.readings or hand.findings)):
                hand = None
            # Findings that waited behind those in flight must not come before them in the spool.
            must_be_first = is_pressing or are_findings_due
            if hand is not None and not (hand.since_s <= due_s or (must_be_first and hand.findings)):
                hand = None
            if hand is None and not are_readings_due and not are_findings_due:
                return None
            self._lot = Lot(
                hand=hand.number if hand else 0,
                hand_readings=hand.load.readings if hand else (),
                hand_findings=hand.findings if hand else (),
                readings=self._readings.take(limit) if are_readings_due else (),
                findings=self._findings.take(limit) if are_findings_due else (),
            )
            return self._lot

    def kept(self, lot: Lot, of_hand: Copies) -> Copies:
        """Count a lot as durable.

        Returns:
            What is to be removed from the disk again: a copy of a load that was written meanwhile.
        """
        with self._changed:
            self._lot = None
            self._returned.notify_all()
            self._tally.spool(len(lot.readings), len(lot.findings))
            if not lot.hand:
                return Copies()
            if self._hand is None or self._hand.number != lot.hand:
                return of_hand
            self._hand.copies = of_hand
            self._tally.spool(len(lot.hand_readings), len(lot.hand_findings))
            return Copies()

    def not_kept(self, lot: Lot) -> None:
        """Take a lot back that the disk refused; drops the oldest where memory is full."""
        with self._changed:
            self._lot = None
            self._returned.notify_all()
            self._readings.put_back(lot.readings, _LONG_AGO_S)
            self._findings.put_back(lot.findings, _LONG_AGO_S)
            self._make_room()

    def forget_copies(self) -> None:
        """The spool's file was lost: what is in flight is in memory only, as before it was copied."""
        with self._changed:
            if self._hand is not None and self._hand.copies is not None:
                self._hand.copies = None
                self._tally.unspool(len(self._hand.load.readings), len(self._hand.findings))

    def record(self, change: Callable[[Tally], None]) -> None:
        """Count what happened on the disk alone: `change` is called on the counts, under their lock."""
        with self._changed:
            change(self._tally)
            if self._has_findings_to_take():
                self._is_urgent = True

    @property
    def has_spooled(self) -> bool:
        """Whether something waits on the disk. Two numbers read without the lock: asked with every load."""
        return self._tally.spooled > 0 or self._tally.spooled_findings > 0

    def counts(self) -> Counts:
        """Return all counts as of one moment."""
        with self._changed:
            tally = self._tally
            return Counts(
                taken=tally.taken,
                stored=tally.stored,
                spooled=tally.spooled,
                quarantined=tally.quarantined,
                dropped=tally.dropped,
                discarded=tally.discarded,
                in_memory=self._readings_in_memory(),
                findings=self._findings_in_memory() + tally.spooled_findings,
                spooled_findings=tally.spooled_findings,
                dropped_findings=tally.dropped_findings,
            )

    # Under the lock.

    def _take_findings(self) -> tuple[list[Transition], list[Acknowledgement]]:
        """Take findings as far as one load keeps their order: it is written transitions first, then acts."""
        transitions: list[Transition] = []
        acts: list[Acknowledgement] = []
        while self._findings and len(transitions) + len(acts) < self._batch:
            if isinstance(self._findings.first, Transition) and acts:
                break
            [finding] = self._findings.take(1)
            if isinstance(finding, Transition):
                transitions.append(finding)
            else:
                acts.append(finding)
        return transitions, acts

    def _make_room(self) -> None:
        """Drop the oldest readings of a full memory, then findings; never what was lent or taken."""
        excess = self._readings_in_memory() + self._findings_in_memory() - self._limit
        if excess > 0:
            readings = len(self._readings.take(excess))
            self._tally.drop(readings, len(self._findings.take(excess - readings)))

    def _readings_in_memory(self) -> int:
        lent = len(self._lot.readings) if self._lot is not None else 0
        hand = self._hand
        return len(self._readings) + lent + (len(hand.load.readings) if hand and hand.copies is None else 0)

    def _findings_in_memory(self) -> int:
        lent = len(self._lot.findings) if self._lot is not None else 0
        hand = self._hand
        return len(self._findings) + lent + (len(hand.findings) if hand and hand.copies is None else 0)

    def _may_take_findings(self) -> bool:
        """Whether no finding waits on its way to the disk or there, which would have to come first."""
        return not self._tally.spooled_findings and not (self._lot is not None and self._lot.findings)

    def _has_findings_to_take(self) -> bool:
        return bool(self._findings) and self._may_take_findings()

    def _has_something(self) -> bool:
        return bool(self._readings or self._states) or self._has_findings_to_take()
