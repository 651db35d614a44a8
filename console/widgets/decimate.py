"""Reduce a series to what a screen can show: lowest and highest of every pixel column. Pure numpy.

A screen of 800 columns cannot show 6,000 samples, but it must not lose one extreme: a spike of one sample is
what an operator looks for. Columns are counted in absolute time (number = floor(time / width)), so that a
column keeps its content while the picture moves.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Columns:
    """A series by pixel columns; columns without a finite sample are left out.

    Attributes:
        number: int64, shape (k,), ascending: floor(time / column_s).
        low, high: float64, shape (k,): extremes of the finite samples of the column.
        is_rising: bool, shape (k,): whether the column's last sample lies above its first.
        breaks: bool, shape (k,): whether a gap lies between the column before and this one.
    """

    number: NDArray[np.int64]
    low: FloatArray
    high: FloatArray
    is_rising: NDArray[np.bool_]
    breaks: NDArray[np.bool_]


def min_max_columns(
    times: FloatArray,
    low: FloatArray,
    high: FloatArray,
    column_s: float,
    gap_s: float = float("inf"),
) -> Columns:
    """Return lowest and highest of every column.

    Args:
        times: float64, shape (n,), Unix seconds, ascending.
        low, high: float64, shape (n,): the same array twice for single values, a band's edges for reduced
            history. A sample is finite where both are; anything else is a gap.
        column_s: Width of a column in seconds, above 0.
        gap_s: A longer silence between two finite samples is a gap as well.
    """
    finite = np.isfinite(low)
    if high is not low:
        finite &= np.isfinite(high)
    is_whole = bool(finite.all())
    holes = None if is_whole else np.cumsum(~finite)
    if not is_whole:
        times, low, high = times[finite], low[finite], high[finite]
    if times.size == 0:
        return _EMPTY
    number = np.floor(times / column_s).astype(np.int64)
    starts = np.concatenate((_ZERO, np.flatnonzero(number[1:] != number[:-1]) + 1))
    ends = np.append(starts[1:], times.size) - 1
    breaks = np.zeros(starts.size, np.bool_)
    if holes is not None:
        holes = holes[finite]
        breaks[1:] = holes[starts[1:]] != holes[ends[:-1]]
    if np.isfinite(gap_s):
        breaks[1:] |= times[starts[1:]] - times[ends[:-1]] > gap_s
    return Columns(
        number[starts],
        np.minimum.reduceat(low, starts),
        np.maximum.reduceat(high, starts),
        low[ends] >= low[starts],
        breaks,
    )


def envelope(columns: Columns) -> tuple[FloatArray, FloatArray, NDArray[np.int64]]:
    """Return a line that touches both extremes of every column.

    Returns:
        Column positions (centre of the column, in columns), values, both of shape (2k,), and the indexes at
        which a new stroke begins after a gap, without 0.
    """
    x: FloatArray = np.repeat(columns.number.astype(np.float64) + 0.5, 2)
    y = np.empty(x.size)
    y[0::2] = np.where(columns.is_rising, columns.low, columns.high)
    y[1::2] = np.where(columns.is_rising, columns.high, columns.low)
    return x, y, np.flatnonzero(columns.breaks) * 2


def strokes(
    times: FloatArray, values: FloatArray, gap_s: float = float("inf")
) -> tuple[FloatArray, FloatArray, NDArray[np.int64]]:
    """Return the finite samples themselves, and where a new stroke begins; for series with few samples.

    Returns:
        Times, values, and the indexes at which a new stroke begins after a gap, without 0.
    """
    finite = np.isfinite(values)
    if finite.all():
        # One subtraction rules gaps out for the short ends of live curves, the commonest call by far.
        if times.size < 2 or times[-1] - times[0] <= gap_s:
            return times, values, _NONE
        return times, values, np.flatnonzero(np.diff(times) > gap_s) + 1
    holes = np.cumsum(~finite)[finite]
    times, values = times[finite], values[finite]
    breaks = holes[1:] != holes[:-1]
    if np.isfinite(gap_s):
        breaks |= np.diff(times) > gap_s
    return times, values, np.flatnonzero(breaks) + 1


def window(times: FloatArray, since: float, until: float) -> slice:
    """Return the samples of [since, until], with a neighbour on either side: lines reach the edge."""
    first = int(np.searchsorted(times, since, "left"))
    last = int(np.searchsorted(times, until, "right"))
    return slice(max(0, first - 1), min(times.size, last + 1))


_ZERO = np.zeros(1, np.int64)
_NONE = np.zeros(0, np.int64)
_NO_FLOATS = np.zeros(0)
_NO_FLAGS = np.zeros(0, np.bool_)
_EMPTY = Columns(_NONE, _NO_FLOATS, _NO_FLOATS, _NO_FLAGS, _NO_FLAGS)
