"""What back-tests have read, so that the next one, while a limit is being dragged, hardly reads anything."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.engine import Connection

from console.station.errors import BackTestCancelled
from models.queries.back_test_samples import (
    Column,
    MinuteBounds,
    minute_bounds,
    samples,
    spans_of_minutes,
    unknown_bounds,
)
from models.records.device import DeviceId
from models.series import FloatArray

_MINUTES_AT_ONCE = 2 * 1440
_SPANS_AT_ONCE = 2_000
_KEPT = 2
_NOTHING = np.empty(0), np.empty(0)


@dataclass(frozen=True, slots=True)
class SamplesKey:
    """Which samples: of one device and metric, over one period."""

    device: DeviceId
    metric: str
    column: Column
    since_unix: float
    until_unix: float


class Samples:
    """The minutes of one period: the bounds of all, the readings of those that were asked for.

    Places count minutes from the first of the period.
    """

    def __init__(self, key: SamplesKey, bounds: MinuteBounds) -> None:
        """Keep the bounds; no readings are there yet."""
        self.bounds = bounds
        self._key = key
        self._is_loaded = bounds.is_blank.copy()
        count = len(bounds.low)
        self._pieces: list[tuple[FloatArray, FloatArray]] = []
        self._piece = np.full(count, -1)
        """In which piece the readings of a minute lie, -1 = in none; and there from where to where."""
        self._begins, self._ends = np.zeros(count, np.int64), np.zeros(count, np.int64)

    def load(
        self,
        connection: Connection,
        wanted: NDArray[np.int64],
        on_progress: Callable[[float], None],
        is_cancelled: Callable[[], bool],
    ) -> None:
        """Read the readings of some minutes (places, ascending), as far as they are not there.

        Raises:
            BackTestCancelled: What was read until then is kept.
        """
        missing = wanted[~self._is_loaded[wanted]]
        read = 0
        for piece in _pieces(missing):
            if is_cancelled():
                raise BackTestCancelled
            self._read(connection, piece)
            read += len(piece)
            on_progress(read / len(missing))

    def has(self, first: int, end: int) -> bool:
        """Whether the readings of the minutes from `first` to `end` (exclusive) are there."""
        return bool(self._is_loaded[first:end].all())

    def readings(self, first: int, end: int) -> tuple[FloatArray, FloatArray]:
        """Return times and signs of the minutes from `first` to `end` (exclusive), all of them loaded."""
        pieces = self._piece[first:end]
        # Minutes that were read one after the other lie side by side.
        cuts = [0, *(np.flatnonzero(np.diff(pieces)) + 1).tolist(), end - first]
        parts: list[tuple[FloatArray, FloatArray]] = []
        for begin, stop in itertools.pairwise(cuts):
            if begin < stop and (number := int(pieces[begin])) >= 0:
                span = slice(self._begins[first + begin], self._ends[first + stop - 1])
                parts.append((self._pieces[number][0][span], self._pieces[number][1][span]))
        if not parts:
            return _NOTHING
        return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])

    def _read(self, connection: Connection, places: NDArray[np.int64]) -> None:
        key, first = self._key, self.bounds.first
        spans = spans_of_minutes(places + first, key.since_unix, key.until_unix)
        times, signs = samples(connection, key.device, key.metric, key.column, *spans)
        edges = np.searchsorted(times, (places + first) * 60.0)
        self._begins[places] = edges
        self._ends[places] = np.append(edges[1:], len(times))
        self._piece[places] = len(self._pieces)
        self._pieces.append((times, signs))
        self._is_loaded[places] = True


class SampleMemory:
    """Keeps the samples of the last few periods asked for. One thread at a time."""

    def __init__(self) -> None:
        """Begin empty."""
        self._kept: dict[SamplesKey, Samples] = {}

    def samples(self, connection: Connection, key: SamplesKey) -> Samples:
        """Return the samples of a period, with its bounds; they are read where they are not known yet."""
        known = self._kept.pop(key, None)
        if known is None:
            has_bounds = key.column is Column.VALUE
            known = Samples(
                key,
                minute_bounds(connection, key.device, key.metric, key.since_unix, key.until_unix)
                if has_bounds
                else unknown_bounds(key.since_unix, key.until_unix),
            )
        self._kept[key] = known
        while len(self._kept) > _KEPT:
            del self._kept[next(iter(self._kept))]
        return known


def _pieces(places: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Cut minutes into what one statement reads: so many at most, in so many spans at most."""
    if not len(places):
        return []
    span = np.cumsum(np.diff(places, prepend=places[0]) > 1)
    number = np.maximum(np.arange(len(places)) // _MINUTES_AT_ONCE, span // _SPANS_AT_ONCE)
    return np.split(places, np.flatnonzero(np.diff(number)) + 1)
