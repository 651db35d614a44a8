"""History and live as one curve: buckets, then stored samples, then the live ring, with no seam.

    buckets          stored samples        live ring
    ├────────────────┼─────────────────────┤              from the database, asked for once
    since          joint            ├──────────────────▶  grows by itself
                                 the ring's first

The station stamps a reading once, in whole microseconds, so the same reading has the same moment in the
database and in the ring. Buckets end at the joint by construction of the question; from there on single
samples are merged by their moments, so an overlap is never drawn twice, and what the ring missed (the window
was opened late, the feed was cut) is filled from the database.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SAME_MOMENT_S = 0.0005
"""Two samples of one device nearer than this are one reading: float64 rounds microseconds, no device is
polled a thousand times a second."""

_GAP_PERIODS = 2.5


@dataclass(frozen=True, slots=True)
class Curve:
    """One pen's samples, or buckets of samples.

    Attributes:
        times: float64, shape (n,), Unix seconds, strictly ascending.
        low: float64, shape (n,), smallest value of the bucket; NaN = gap.
        high: float64, shape (n,), largest value of the bucket; NaN = gap.
        mean: float64, shape (n,), mean of the bucket; equals `low` and `high` for single samples.
    """

    times: Floats
    low: Floats
    high: Floats
    mean: Floats


def empty_curve() -> Curve:
    """Make a curve without samples."""
    return Curve(np.empty(0), np.empty(0), np.empty(0), np.empty(0))


def curve_of_samples(times: Floats, values: Floats) -> Curve:
    """Make a curve of single samples: low, high and mean are one and the same."""
    return Curve(times, values, values, values)


def merge_samples(
    stored_times: Floats, stored_values: Floats, live_times: Floats, live_values: Floats
) -> tuple[Floats, Floats]:
    """Unite what the database and the live ring know of one device's metric.

    Args:
        stored_times: float64, shape (n,), Unix seconds, ascending.
        stored_values: float64, shape (n,), NaN = no good value.
        live_times: float64, shape (m,), Unix seconds, ascending.
        live_values: float64, shape (m,), NaN = no good value.

    Returns:
        Times, strictly ascending, and values: every reading that either side knows, once. Where both know
        it, the live side's value is taken. A gap of the live side counts only where the database knows no
        better.
    """
    if stored_times.size and live_times.size:
        is_filled = np.isnan(live_values) & (live_times < stored_times[-1])
        live_times, live_values = live_times[~is_filled], live_values[~is_filled]
    is_new = np.ones(stored_times.size, dtype=bool)
    if live_times.size:
        after = np.searchsorted(live_times, stored_times)
        to_next = np.abs(live_times[np.minimum(after, live_times.size - 1)] - stored_times)
        to_last = np.abs(live_times[np.maximum(after - 1, 0)] - stored_times)
        is_new = np.minimum(to_next, to_last) > SAME_MOMENT_S
    times = np.concatenate((stored_times[is_new], live_times))
    values = np.concatenate((stored_values[is_new], live_values))
    order = np.argsort(times, kind="stable")
    return times[order], values[order]


def join(buckets: Curve, joint_unix: float, sample_times: Floats, sample_values: Floats) -> Curve:
    """Put single samples behind buckets at the joint.

    Args:
        buckets: From the rollups; each row speaks for the time up to the next row or the joint.
        joint_unix: Unix seconds; buckets begin before it, samples are taken from it on.
        sample_times: float64, shape (n,), Unix seconds, strictly ascending.
        sample_values: float64, shape (n,), NaN = gap.

    Returns:
        One curve, strictly ascending, in which no moment is spoken for twice.
    """
    last = int(np.searchsorted(buckets.times, joint_unix, side="left"))
    first = int(np.searchsorted(sample_times, joint_unix, side="left"))
    values = sample_values[first:]
    return Curve(
        np.concatenate((buckets.times[:last], sample_times[first:])),
        np.concatenate((buckets.low[:last], values)),
        np.concatenate((buckets.high[:last], values)),
        np.concatenate((buckets.mean[:last], values)),
    )


def with_gaps(curve: Curve, joint_unix: float, period_s: float) -> Curve:
    """Mark by a NaN row every stretch without rows, so that no line is drawn across what nobody measured.

    Args:
        curve: As `join` returns it.
        joint_unix: Rows before it are buckets, whose usual distance is taken from the rows themselves.
        period_s: The device's poll period in seconds, the usual distance of samples.
    """
    if curve.times.size < 2:
        return curve
    steps = np.diff(curve.times)
    is_bucket = curve.times[:-1] < joint_unix
    bucket_s = float(np.median(steps[is_bucket])) if is_bucket.any() else 0.0
    longest = np.where(is_bucket, _GAP_PERIODS * max(bucket_s, period_s), max(_GAP_PERIODS * period_s, 3.0))
    after = np.flatnonzero(steps > longest)
    if after.size == 0:
        return curve
    moments = curve.times[after] + np.minimum(steps[after] / 2, longest[after])
    return Curve(
        np.insert(curve.times, after + 1, moments),
        np.insert(curve.low, after + 1, np.nan),
        np.insert(curve.high, after + 1, np.nan),
        np.insert(curve.mean, after + 1, np.nan),
    )


def clip(curve: Curve, since_unix: float, until_unix: float) -> Curve:
    """Return the part of a curve within [since, until], both in Unix seconds and inclusive."""
    first = int(np.searchsorted(curve.times, since_unix, side="left"))
    last = int(np.searchsorted(curve.times, until_unix, side="right"))
    return Curve(
        curve.times[first:last], curve.low[first:last], curve.high[first:last], curve.mean[first:last]
    )
