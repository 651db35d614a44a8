"""The site's clock: what time it is by the database, estimated from the renewals of this station's leases.

It runs on a clock that nobody can set, so a jump of the computer's own clock changes nothing. All stations of
a site follow the same database and so agree, whatever their computers believe.
"""

import logging
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from console.station.clocks.clock import running_clock

_log = logging.getLogger(__name__)

_SAMPLES = 16
_SLEW = 0.010
_STEP_S = 1.0


@dataclass(frozen=True, slots=True)
class _Course:
    """How the offset runs from one moment on: from `offset_s` towards `target_s`, slowly."""

    since_s: float
    offset_s: float
    target_s: float

    def offset_at(self, now_s: float) -> float:
        """Return what to add to the running clock at `now_s`."""
        most_s = _SLEW * max(0.0, now_s - self.since_s)
        return self.offset_s + min(max(self.target_s - self.offset_s, -most_s), most_s)


@dataclass(frozen=True, slots=True)
class _Sample:
    offset_s: float
    round_trip_s: float


class SiteClock:
    """A Clock whose `unix` is the database's. Any thread may ask; one thread at a time may teach it."""

    def __init__(
        self,
        wall_ahead_s: float = 0.0,
        wall: Callable[[], float] = time.time,
        running: Callable[[], float] | None = None,
    ) -> None:
        """Begin by the computer's own clock.

        Args:
            wall_ahead_s: By how many seconds that was ahead of the database's when last measured.
            wall: The computer's own clock, Unix seconds; may jump.
            running: Seconds since some fixed moment; never jumps, and counts while the computer sleeps.
        """
        self._wall = wall
        self._running = running or running_clock()
        now_s = self._running()
        offset_s = wall() - wall_ahead_s - now_s
        # Replaced as a whole, so that no reader ever sees half of a change.
        self._course = _Course(now_s, offset_s, offset_s)
        self._samples: deque[_Sample] = deque(maxlen=_SAMPLES)
        self._is_known = False

    def recall(self, wall_ahead_s: float) -> None:
        """Go on as the computer's own clock was ahead before this start, until the database tells."""
        if not self._is_known:
            now_s = self._running()
            offset_s = self._wall() - wall_ahead_s - now_s
            self._course = _Course(now_s, offset_s, offset_s)

    @property
    def is_known(self) -> bool:
        """Whether the database has told its time since the start."""
        return self._is_known

    def monotonic(self) -> float:
        """Return seconds since some fixed moment, those that the computer slept included."""
        return self._running()

    def unix(self) -> float:
        """Return Unix seconds, UTC, by the database's clock as far as it is known."""
        now_s = self._running()
        return now_s + self._course.offset_at(now_s)

    def wall(self) -> float:
        """Return Unix seconds by the computer's own clock, by which drivers date what they receive."""
        return self._wall()

    def wall_ahead_s(self) -> float:
        """Return by how many seconds the computer's own clock is ahead of the site's right now."""
        return self._wall() - self.unix()

    def learn(self, database_unix: float, sent_s: float, received_s: float) -> None:
        """Take in what time the database said it is.

        Of the last renewals the one with the shortest round trip is trusted, for it leaves least open when in
        between the database looked. Small differences are caught up with slowly, so that no reading moves.

        Args:
            database_unix: The database's clock, Unix seconds.
            sent_s, received_s: When it was asked and had answered, by `monotonic`.
        """
        sample = _Sample(database_unix - (sent_s + received_s) / 2.0, received_s - sent_s)
        now_s = self._running()
        offset_s = self._course.offset_at(now_s)
        # Half the round trip is what a sample may be wrong by; beyond that, the database's clock has moved.
        if self._samples and abs(sample.offset_s - offset_s) > _STEP_S + sample.round_trip_s / 2.0:
            _log.warning(
                "The database's clock moved by %+.3f s; readings follow it", sample.offset_s - offset_s
            )
            self._samples.clear()
        is_anew = not self._samples
        self._samples.append(sample)
        target_s = min(self._samples, key=lambda one: one.round_trip_s).offset_s
        # The first contact sets it at once as well: whatever was dated before went by the computer's guess.
        if is_anew:
            offset_s = target_s
        self._course = _Course(now_s, offset_s, target_s)
        self._is_known = True
