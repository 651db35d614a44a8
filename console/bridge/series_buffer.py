"""Rings of the last minutes of every device, in flat numpy arrays: what sparklines and live charts draw.

One pool of memory holds all rings, so that a batch of a thousand readings is a handful of array operations.
Memory: 32 bytes a sample of the six metrics; a device polled once a second keeps 11 minutes in 21 KiB, a
thousand 21 MB. Metrics are kept to seven digits, more than any of them can be read to: all digits would take
16 MB more. A signal may be a counter that goes to billions by ones, so signals keep every digit, at 16 bytes
a sample.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.metrics import METRIC_COUNT

KEPT_S = 600.0
"""Seconds that every ring holds at least, at the device's own period."""

_SPARE = 60
_FEWEST, _MOST = 64, 6_060  # one poll every 10 s or slower; ten a second

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Samples:
    """A run of samples of one device.

    Attributes:
        times: float64, shape (n,), Unix seconds, ascending.
        values: float64, shape (n, METRIC_COUNT), NaN = no good value.
        signals: By `signals.id`, float64, shape (n,), NaN = no good value.
    """

    times: Floats
    values: Floats
    signals: Mapping[int, Floats] = field(default_factory=dict[int, Floats])


def capacity_from_period(period_s: float) -> int:
    """Return how many samples a ring needs to hold `KEPT_S` seconds at this period, within sane bounds."""
    return min(max(int(KEPT_S / max(period_s, 1e-3)) + _SPARE, _FEWEST), _MOST)


class SeriesBuffer:
    """One ring a device. A device is addressed by its row, 0 … len(periods_s) - 1, in the order given.

    Not thread-safe: one thread inserts and reads (the window's).
    """

    def __init__(
        self,
        periods_s: Sequence[float] = (),
        columns: int = METRIC_COUNT,
        kept_as: type[np.floating[Any]] = np.float32,
    ) -> None:
        """Make empty rings.

        Args:
            periods_s: Of every row.
            columns: Values in a sample.
            kept_as: How exactly values are kept: float32 has seven digits, float64 fifteen.
        """
        self._columns = columns
        self._kept_as = kept_as
        sizes = [capacity_from_period(period_s) for period_s in periods_s]
        self._capacity: Rows = np.array(sizes, dtype=np.int64)
        self._offset: Rows = np.cumsum(self._capacity) - self._capacity
        self._head: Rows = np.zeros(len(self._capacity), dtype=np.int64)  # where the next sample goes
        self._count: Rows = np.zeros(len(self._capacity), dtype=np.int64)
        self._newest: Floats = np.full(len(self._capacity), -np.inf)
        total = int(self._capacity.sum())
        # empty, not zeros: a page that no sample was written to yet costs no memory.
        self._times: Floats = np.empty(total)
        self._values: NDArray[np.floating[Any]] = np.empty((total, columns), dtype=kept_as)

    def __len__(self) -> int:
        return len(self._capacity)

    @property
    def newest(self) -> Floats:
        """Time of the newest sample of every row, Unix seconds; -inf where empty. Do not write."""
        return self._newest

    @property
    def memory_bytes(self) -> int:
        """Bytes that the rings take when all are full."""
        return self._times.nbytes + self._values.nbytes

    def insert(self, rows: Rows, times: Floats, values: Floats) -> NDArray[np.bool_]:
        """Append samples; a sample not newer than its ring's newest is left out.

        Args:
            rows: Shape (n,). A row may occur several times, in any order.
            times: Unix seconds, shape (n,).
            values: Shape (n, columns), NaN where there is no good value.

        Returns:
            Shape (n,): which samples were taken.
        """
        taken = np.zeros(len(rows), dtype=np.bool_)
        # The k-th reading of each device forms the k-th layer, in which every row occurs once: only then does
        # assignment by index array keep all of them. Nearly always there is a single layer.
        for layer in _layers(rows, times):
            fresh = layer[times[layer] > self._newest[rows[layer]]]
            self._append(rows[fresh], times[fresh], values[fresh])
            taken[fresh] = True
        return taken

    def clear(self, rows: Rows) -> None:
        """Forget everything in these rings."""
        self._head[rows] = 0
        self._count[rows] = 0
        self._newest[rows] = -np.inf

    def samples(self, row: int, since_unix: float = -np.inf) -> Samples:
        """Return copies of what a ring holds from `since_unix` on, oldest first."""
        order = self._order(row)
        times = self._times[order]
        first = int(np.searchsorted(times, since_unix, side="left"))
        return Samples(times[first:], self._values[order[first:]].astype(np.float64))

    def column(self, row: int, column: int, since_unix: float = -np.inf) -> tuple[Floats, Floats]:
        """Return copies of times and one column's values from `since_unix` on; NaN = no value."""
        order = self._order(row)
        times = self._times[order]
        first = int(np.searchsorted(times, since_unix, side="left"))
        return times[first:], self._values[order[first:], column].astype(np.float64)

    def merge(self, row: int, older: Samples) -> None:
        """Put history into a ring that may already hold live samples; duplicates by time stay as they are."""
        held = self.samples(row)
        is_new = ~np.isin(older.times, held.times)
        times = np.concatenate((older.times[is_new], held.times))
        values = np.concatenate((older.values[is_new], held.values))
        kept = np.argsort(times, kind="stable")[-int(self._capacity[row]) :]
        self._refill(row, Samples(times[kept], values[kept]))

    def rebuilt(self, periods_s: Sequence[float], old_rows: Mapping[int, int]) -> "SeriesBuffer":
        """Return a buffer for another set of devices that keeps the samples of those that stay.

        Args:
            periods_s: Of every row of the new buffer.
            old_rows: New row → row in this buffer, for devices that stay.
        """
        new = SeriesBuffer(periods_s, self._columns, self._kept_as)
        for row, old_row in old_rows.items():
            held = self.samples(old_row)
            most = int(new._capacity[row])
            new._refill(row, Samples(held.times[-most:], held.values[-most:]))
        return new

    def _append(self, rows: Rows, times: Floats, values: Floats) -> None:
        at = self._offset[rows] + self._head[rows]
        self._times[at] = times
        self._values[at] = values
        self._head[rows] = (self._head[rows] + 1) % self._capacity[rows]
        self._count[rows] = np.minimum(self._count[rows] + 1, self._capacity[rows])
        self._newest[rows] = times

    def _refill(self, row: int, samples: Samples) -> None:
        count = len(samples.times)
        offset = int(self._offset[row])
        self._times[offset : offset + count] = samples.times
        self._values[offset : offset + count] = samples.values
        self._head[row] = count % int(self._capacity[row])
        self._count[row] = count
        self._newest[row] = samples.times[-1] if count else -np.inf

    def _order(self, row: int) -> Rows:
        count, capacity = int(self._count[row]), int(self._capacity[row])
        first = int(self._head[row]) - count
        return int(self._offset[row]) + np.arange(first, first + count, dtype=np.int64) % capacity


def _layers(rows: Rows, times: Floats) -> list[Rows]:
    if len(np.unique(rows)) == len(rows):
        return [np.arange(len(rows), dtype=np.int64)]
    order = np.lexsort((times, rows))
    sorted_rows = rows[order]
    starts = np.flatnonzero(np.concatenate(([True], sorted_rows[1:] != sorted_rows[:-1])))
    lengths = np.diff(np.concatenate((starts, [len(rows)])))
    occurrence = np.arange(len(rows)) - np.repeat(starts, lengths)
    return [order[occurrence == layer] for layer in range(int(lengths.max()))]
