"""The samples behind one pen: reduced history from the database, joined without a seam to live samples."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from console.widgets.decimate import FloatArray, envelope, min_max_columns, strokes, window
from console.widgets.pen import Pen

KEEP_S = 7200.0
"""How much of what `append` brought is kept; older stretches come back as history."""

_GAP_STEPS = 3.5
_LONG_HEAD = 256


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line ready to be placed: positions in columns, values in the pen's unit, where strokes begin.

    Attributes:
        position: float64, shape (n,), time / column_s (absolute).
        value: float64, shape (n,), finite.
        starts: Indexes where the line is lifted, without 0.
    """

    position: FloatArray
    value: FloatArray
    starts: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Band:
    """The stretch between lowest and highest of reduced history; same positions for both edges."""

    position: FloatArray
    low: FloatArray
    high: FloatArray
    starts: NDArray[np.int64]


class Trace:
    """What one pen knows. Samples are kept as given; nothing is copied before it is drawn."""

    def __init__(self, pen: Pen) -> None:
        self.pen = pen
        self._history_times: FloatArray = _NOTHING
        self._history_low: FloatArray = _NOTHING
        self._history_high: FloatArray = _NOTHING
        self._history_mean: FloatArray = _NOTHING
        self._times: FloatArray = _NOTHING
        self._values: FloatArray = _NOTHING
        self._size = 0

    @property
    def times(self) -> FloatArray:
        """Times of the live samples, Unix seconds, ascending."""
        return self._times[: self._size]

    @property
    def values(self) -> FloatArray:
        """Values of the live samples, NaN = gap."""
        return self._values[: self._size]

    @property
    def last_unix(self) -> float | None:
        """When the newest good live sample was taken; None without one."""
        if self._size and np.isfinite(self._values[self._size - 1]):
            return float(self._times[self._size - 1])
        good = np.flatnonzero(np.isfinite(self.values))
        return float(self.times[good[-1]]) if good.size else None

    def set_history(self, times: FloatArray, low: FloatArray, high: FloatArray, mean: FloatArray) -> None:
        """Replace the history. Buckets without samples are left out or NaN."""
        self._history_times, self._history_low = times, low
        self._history_high, self._history_mean = high, mean

    def set_live(self, times: FloatArray, values: FloatArray) -> None:
        """Replace the live samples."""
        self._times, self._values, self._size = times, values, times.size

    def append(self, at_unix: float, value: float) -> None:
        """Add one live sample; an earlier time than the last one's is ignored."""
        if self._size and at_unix < self._times[self._size - 1]:
            return
        # After `set_live` the arrays are full, so that the caller's own memory is never written to.
        if self._size == self._times.size:
            self._make_room(at_unix)
        self._times[self._size] = at_unix
        self._values[self._size] = value
        self._size += 1

    def live_strokes(self, since: float, until: float, column_s: float) -> Stroke:
        """Return the line of the live samples within a range, reduced where there are more than columns."""
        part = window(self.times, since, until)
        times, values = self.times[part], self.values[part]
        if times.size * column_s > 1.5 * (until - since):
            columns = min_max_columns(times, values, values, column_s, self.pen.gap_s)
            return Stroke(*envelope(columns))
        moments, values, starts = strokes(times, values, self.pen.gap_s)
        return Stroke(moments / column_s, values, starts)

    def head_strokes(self, since: float, column_s: float) -> Stroke:
        """Return the line from the sample at `since` to the newest: what a settled picture lacks."""
        first = int(self.times.searchsorted(since))
        times, values = self.times[first:], self.values[first:]
        if times.size > _LONG_HEAD:
            return Stroke(*envelope(min_max_columns(times, values, values, column_s, self.pen.gap_s)))
        moments, values, starts = strokes(times, values, self.pen.gap_s)
        return Stroke(moments / column_s, values, starts)

    def history_strokes(self, since: float, until: float, column_s: float) -> tuple[Stroke, Band] | None:
        """Return mean line and band of the history before the live samples begin; None without any.

        History is cut where live samples start, and the first live sample closes the line, so that there is
        neither a seam nor a doubled stretch.
        """
        times = self._history_times
        if self._size:
            until = min(until, float(self._times[0]))
        part = window(times, since, until)
        if self._size:
            part = slice(part.start, int(np.searchsorted(times, self._times[0], "left")))
        if part.stop - part.start < 1:
            return None
        times = times[part]
        gap_s = _GAP_STEPS * float(np.median(np.diff(times))) if times.size > 2 else float("inf")
        low, high, mean = self._history_low[part], self._history_high[part], self._history_mean[part]
        line = self._joined(times, mean, gap_s)
        moments, values, starts = strokes(*line, gap_s)
        finite = np.isfinite(low) & np.isfinite(high)
        band_times, _, band_starts = strokes(times, np.where(finite, low, np.nan), gap_s)
        return (
            Stroke(moments / column_s, values, starts),
            Band(band_times / column_s, low[finite], high[finite], band_starts),
        )

    def value_at(self, at_unix: float) -> float | None:
        """Return the value that held at a moment: the last sample before it, unless a gap lies between.

        History answers with its mean.
        """
        if self._size and at_unix >= self._times[0]:
            return _held(self.times, self.values, at_unix, self.pen.gap_s)
        step = float(np.median(np.diff(self._history_times))) if self._history_times.size > 1 else 0.0
        # A bucket's time is its beginning; its mean holds until the next one begins.
        return _held(self._history_times, self._history_mean, at_unix, max(step * _GAP_STEPS, self.pen.gap_s))

    def last_value(self) -> float | None:
        """Return the newest live value; None where there is none or the newest is a gap."""
        if not self._size:
            return None
        value = float(self._values[self._size - 1])
        return value if np.isfinite(value) else None

    def _joined(self, times: FloatArray, mean: FloatArray, gap_s: float) -> tuple[FloatArray, FloatArray]:
        if not self._size or self._times[0] - times[-1] > gap_s:
            return times, mean
        return np.append(times, self._times[0]), np.append(mean, self._values[0])

    def _make_room(self, at_unix: float) -> None:
        first = int(np.searchsorted(self.times, at_unix - KEEP_S))
        kept = self._size - first
        room = max(1024, kept * 2)
        times, values = np.empty(room), np.empty(room)
        times[:kept], values[:kept] = self.times[first:], self.values[first:]
        self._times, self._values, self._size = times, values, kept


def _held(times: FloatArray, values: FloatArray, at_unix: float, longest_s: float) -> float | None:
    index = int(np.searchsorted(times, at_unix, "right")) - 1
    if index < 0 or at_unix - times[index] > longest_s:
        return None
    value = float(values[index])
    return value if np.isfinite(value) else None


_NOTHING: FloatArray = np.zeros(0)
