"""The seam between history and live: nothing missing, nothing twice, whatever overlaps."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from console.panels.curves.join import Curve, clip, curve_of_samples, join, merge_samples, with_gaps

START = 1_750_000_000.0
MICROSECOND = 1e-6


def _value_of(times: np.ndarray) -> np.ndarray:
    return np.round(np.sin(times) * 100, 3)


@given(
    count=st.integers(1, 200),
    stored_until=st.integers(0, 200),
    live_from=st.integers(0, 200),
    jitter=st.lists(st.floats(0, 0.4), min_size=200, max_size=200),
)
def test_every_reading_that_either_side_knows_appears_exactly_once(count, stored_until, live_from, jitter):
    times = np.round(START + np.arange(count) + np.array(jitter[:count]), 6)
    stored, live = times[:stored_until], times[live_from:]
    # The database's way through a timestamp may differ in the last bit of the float.
    stored_seen = stored + np.where(np.arange(stored.size) % 2, MICROSECOND / 4, 0.0)

    joined, values = merge_samples(stored_seen, _value_of(stored), live, _value_of(live))

    expected = np.union1d(stored, live)
    assert joined.size == expected.size
    assert np.allclose(joined, expected, rtol=0, atol=MICROSECOND)
    assert np.array_equal(values, _value_of(expected))


@given(
    bucket_count=st.integers(0, 30),
    sample_count=st.integers(0, 120),
    overlap_s=st.integers(0, 300),
    joint_minute=st.integers(0, 30),
)
def test_buckets_and_samples_never_speak_for_the_same_moment(
    bucket_count, sample_count, overlap_s, joint_minute
):
    bucket_times = START + 60.0 * np.arange(bucket_count)
    buckets = Curve(bucket_times, bucket_times * 0, bucket_times * 0 + 2, bucket_times * 0 + 1)
    joint = START + 60.0 * joint_minute
    sample_times = joint - overlap_s + 1.0 * np.arange(sample_count)

    curve = join(buckets, joint, sample_times, np.full(sample_count, 7.0))

    assert np.all(np.diff(curve.times) > 0)
    assert np.all(curve.mean[curve.times < joint] == 1.0)
    assert np.all(curve.mean[curve.times >= joint] == 7.0)
    assert np.count_nonzero(curve.times < joint) == min(bucket_count, joint_minute)
    assert np.count_nonzero(curve.times >= joint) == np.count_nonzero(sample_times >= joint)


def test_what_the_ring_missed_comes_from_the_database():
    stored = START + np.arange(100.0)
    live = np.concatenate((START + np.arange(20.0), [START + 23.0], START + np.arange(60.0, 120.0)))
    live_values = np.concatenate((np.zeros(20), [np.nan], np.zeros(60)))

    times, values = merge_samples(stored, np.ones(100), live, live_values)

    assert np.array_equal(times, START + np.arange(120.0))
    assert np.array_equal(values == 1.0, (times >= START + 20) & (times < START + 60))


def test_a_gap_of_the_live_side_stays_where_the_database_knows_no_better():
    live = START + np.arange(10.0)
    values = np.where(np.arange(10) == 8, np.nan, 5.0)

    _, joined = merge_samples(live[:5], np.full(5, 5.0), live, values)

    assert np.isnan(joined).tolist() == np.isnan(values).tolist()


def test_no_line_is_drawn_across_missing_rows():
    times = np.concatenate((START + np.arange(10.0), START + 100 + np.arange(10.0)))
    curve = with_gaps(curve_of_samples(times, np.ones(20)), START, period_s=1.0)

    gap = np.isnan(curve.mean)
    assert gap.sum() == 1
    assert times[9] < curve.times[gap][0] < times[10]


def test_rows_at_their_usual_distance_get_no_gap_on_either_side_of_the_joint():
    buckets = START + 60.0 * np.arange(10)
    samples = START + 600.0 + np.arange(60.0)
    curve = join(curve_of_samples(buckets, np.ones(10)), START + 600, samples, np.ones(60))

    assert not np.isnan(with_gaps(curve, START + 600, period_s=1.0).mean).any()


def test_clip_keeps_both_ends():
    curve = curve_of_samples(START + np.arange(10.0), np.arange(10.0))

    assert clip(curve, START + 2, START + 5).mean.tolist() == [2.0, 3.0, 4.0, 5.0]
