"""Decimation keeps what an operator looks for: extremes and gaps."""

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from console.widgets.decimate import envelope, min_max_columns, strokes, window

SAMPLES = st.lists(
    st.tuples(
        st.floats(0.001, 5.0),
        st.one_of(st.just(float("nan")), st.floats(-1e6, 1e6)),
    ),
    min_size=1,
    max_size=200,
)


def series_of(samples: list[tuple[float, float]]) -> tuple[np.ndarray, np.ndarray]:
    steps = np.array([step for step, _ in samples], np.float64)
    values = np.array([value for _, value in samples], np.float64)
    return 1_763_822_000.0 + np.cumsum(steps), values


@given(SAMPLES, st.floats(0.05, 20.0))
@settings(max_examples=150, deadline=None)
def test_every_column_keeps_its_lowest_and_highest_sample(samples, column_s):
    times, values = series_of(samples)
    columns = min_max_columns(times, values, values, column_s)
    good = np.isfinite(values)
    number = np.floor(times[good] / column_s).astype(np.int64)
    assert columns.number.tolist() == sorted(set(number.tolist()))
    for index, column in enumerate(columns.number):
        inside = values[good][number == column]
        assert columns.low[index] == inside.min()
        assert columns.high[index] == inside.max()


@given(SAMPLES, st.floats(0.05, 20.0))
@settings(max_examples=150, deadline=None)
def test_a_gap_between_two_columns_is_a_break_and_nothing_else_is(samples, column_s):
    times, values = series_of(samples)
    columns = min_max_columns(times, values, values, column_s)
    good = np.flatnonzero(np.isfinite(values))
    number = np.floor(times / column_s).astype(np.int64)
    expected = [False] * min(1, good.size) + [
        bool(right - left > 1) for left, right in pairwise(good) if number[left] != number[right]
    ]
    assert columns.breaks.tolist() == expected


@given(SAMPLES, st.floats(0.05, 20.0))
@settings(max_examples=100, deadline=None)
def test_the_envelope_touches_both_extremes_and_lifts_at_every_break(samples, column_s):
    times, values = series_of(samples)
    columns = min_max_columns(times, values, values, column_s)
    position, value, starts = envelope(columns)
    pairs = value.reshape(-1, 2)
    assert position.size == value.size == 2 * columns.number.size
    assert np.array_equal(pairs.min(axis=1), columns.low)
    assert np.array_equal(pairs.max(axis=1), columns.high)
    assert starts.tolist() == [2 * index for index in np.flatnonzero(columns.breaks)]


@given(SAMPLES)
@settings(max_examples=100, deadline=None)
def test_strokes_are_the_runs_of_good_samples(samples):
    times, values = series_of(samples)
    moments, kept, starts = strokes(times, values)
    runs = np.ma.clump_unmasked(np.ma.masked_invalid(values))
    edges = [0, *starts.tolist(), kept.size]
    found = [kept[first:last].tolist() for first, last in pairwise(edges) if last > first]
    assert found == [values[run].tolist() for run in runs]
    assert moments.size == kept.size


def test_a_single_spike_among_many_samples_survives():
    times = np.arange(6000) / 10.0
    values = np.zeros(6000)
    values[3217] = 99.0
    assert min_max_columns(times, values, values, 1.5).high.max() == 99.0


def test_a_silence_longer_than_allowed_is_a_gap_without_any_nan():
    times = np.array([0.0, 1.0, 2.0, 60.0, 61.0])
    values = np.ones(5)
    assert strokes(times, values, gap_s=30.0)[2].tolist() == [3]
    assert min_max_columns(times, values, values, 1.0, gap_s=30.0).breaks.tolist() == [
        False,
        False,
        False,
        True,
        False,
    ]


def test_a_band_counts_as_a_gap_where_either_edge_is_missing():
    times = np.array([0.0, 1.0, 2.0])
    low, high = np.array([1.0, np.nan, 1.0]), np.array([2.0, 2.0, 3.0])
    columns = min_max_columns(times, low, high, 1.0)
    assert columns.number.tolist() == [0, 2]
    assert columns.breaks.tolist() == [False, True]


def test_a_window_reaches_one_sample_beyond_either_edge():
    times = np.arange(10.0)
    assert times[window(times, 2.5, 5.5)].tolist() == [2.0, 3.0, 4.0, 5.0, 6.0]
    assert times[window(times, -5.0, 50.0)].size == 10


def test_nothing_is_reduced_to_nothing():
    nothing = np.zeros(0)
    assert min_max_columns(nothing, nothing, nothing, 1.0).number.size == 0
    assert strokes(nothing, nothing)[0].size == 0
    assert nothing[window(nothing, 0.0, 1.0)].size == 0
