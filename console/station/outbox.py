"""What waits to be written: bounded, counted, and handed from the event loop to the writer's thread.

The counts always agree: taken = stored + waiting + dropped. The disk spool will stand behind the same two
ends: `put_…` never blocks, `take` and `settle` belong to the writer.
"""

import itertools
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from console.station.store import Load
from models.records.alert import Transition
from models.records.device import DeviceId, DeviceState
from models.records.reading import Reading


@dataclass(frozen=True, slots=True)
class Counts:
    """How many readings went which way since the station started.

    Attributes:
        taken: Readings made.
        stored: Committed.
        waiting: Neither stored nor dropped yet, those being written included.
        dropped: Given up: memory was full, or the database declined them for good.
    """

    taken: int
    stored: int
    waiting: int
    dropped: int


class Outbox:
    """A queue with one writer's thread at its end. Any thread may put and count."""

    def __init__(self, waiting_limit: int, batch: int) -> None:
        """Keep the limits.

        Args:
            waiting_limit: Readings (and, separately, transitions) kept at most; beyond, the oldest go.
            batch: So many readings wake the writer before its time, and are taken at once at most.
        """
        self._limit = waiting_limit
        self._batch = batch
        self._readings: deque[Reading] = deque()
        self._transitions: deque[Transition] = deque()
        self._states: dict[DeviceId, DeviceState] = {}
        self._is_urgent = False
        self._is_closing = False
        self._in_flight = 0
        self._taken = 0
        self._stored = 0
        self._dropped = 0
        self._dropped_transitions = 0
        self._changed = threading.Condition()

    def put_readings(self, readings: Sequence[Reading]) -> None:
        """Add readings; drops the oldest where memory for waiting ones is full."""
        with self._changed:
            self._readings.extend(readings)
            self._taken += len(readings)
            excess = len(self._readings) + self._in_flight - self._limit
            if excess > 0:
                for _ in range(min(excess, len(self._readings))):
                    self._readings.popleft()
                    self._dropped += 1
            if len(self._readings) >= self._batch and not self._is_urgent:
                self._is_urgent = True
                self._changed.notify()

    def put_transitions(self, transitions: Sequence[Transition]) -> None:
        """Add alert transitions, to be written at once."""
        with self._changed:
            self._transitions.extend(transitions)
            while len(self._transitions) > self._limit:
                self._transitions.popleft()
                self._dropped_transitions += 1
            self._is_urgent = True
            self._changed.notify()

    def put_states(self, states: Sequence[DeviceState], *, is_urgent: bool) -> None:
        """Add device states; the latest of a device replaces the one that still waits."""
        with self._changed:
            self._states.update((state.device, state) for state in states)
            if is_urgent:
                self._is_urgent = True
                self._changed.notify()

    def close(self) -> None:
        """Tell the writer that nothing more will come."""
        with self._changed:
            self._is_closing = True
            self._changed.notify()

    def wait(self, longest_s: float) -> bool:
        """Wait until something cannot wait, at most `longest_s`; returns False once closed and empty."""
        with self._changed:
            if not (self._is_urgent or self._is_closing):
                self._changed.wait(longest_s)
            return not (self._is_closing and self._is_empty())

    def take(self) -> Load | None:
        """Return what is to be written next, None where there is nothing. One load at a time is in flight."""
        with self._changed:
            if self._is_empty():
                self._is_urgent = False
                return None
            count = min(len(self._readings), self._batch)
            readings = [self._readings.popleft() for _ in range(count)]
            transitions = list(itertools.islice(self._transitions, self._batch))
            for _ in transitions:
                self._transitions.popleft()
            states = list(self._states.values())
            self._states.clear()
            self._in_flight = count
            self._is_urgent = len(self._readings) >= self._batch or bool(self._transitions)
            return Load(readings, transitions, states)

    def settle(self, *, stored: int = 0, dropped: int = 0) -> None:
        """Count readings of the load in flight as committed, or as given up."""
        with self._changed:
            self._in_flight -= stored + dropped
            self._stored += stored
            self._dropped += dropped

    def counts(self) -> Counts:
        """Return all counts as of one moment."""
        with self._changed:
            waiting = len(self._readings) + self._in_flight
            return Counts(self._taken, self._stored, waiting, self._dropped)

    @property
    def dropped_transitions(self) -> int:
        """Alert transitions given up because memory for waiting ones was full."""
        return self._dropped_transitions

    def _is_empty(self) -> bool:
        return not (self._readings or self._transitions or self._states)
