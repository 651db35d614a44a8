"""History and live samples make one curve."""

import numpy as np
import pytest

from console.widgets.pen import Pen
from console.widgets.trace import KEEP_S, Trace

NAN = float("nan")


@pytest.fixture
def trace() -> Trace:
    return Trace(Pen("1/temperature", "Drive 1", "°C", gap_s=10.0))


def test_appended_samples_are_kept_in_order_and_late_ones_ignored(trace):
    for at, value in ((1.0, 10.0), (2.0, 11.0), (1.5, 99.0), (3.0, 12.0)):
        trace.append(at, value)
    assert trace.times.tolist() == [1.0, 2.0, 3.0]
    assert trace.values.tolist() == [10.0, 11.0, 12.0]


def test_appending_never_writes_into_the_arrays_that_were_given(trace):
    times, values = np.arange(3.0), np.ones(3)
    trace.set_live(times, values)
    trace.append(3.0, 5.0)
    assert times.size == values.size == 3
    assert trace.values.tolist() == [1.0, 1.0, 1.0, 5.0]


def test_a_trace_fed_for_long_forgets_what_is_older_than_it_keeps(trace):
    for at in range(0, 4 * int(KEEP_S), 2):
        trace.append(float(at), 1.0)
    assert trace.times.size * 2 < 3 * KEEP_S
    assert trace.times[-1] - trace.times[0] >= KEEP_S


def test_the_newest_good_sample_counts_not_the_newest_gap(trace):
    trace.set_live(np.array([1.0, 2.0, 3.0]), np.array([5.0, 6.0, NAN]))
    assert trace.last_unix == 2.0
    assert trace.last_value() is None


def test_a_value_holds_until_the_next_but_not_across_a_gap(trace):
    trace.set_live(np.array([0.0, 1.0, 50.0, 51.0]), np.array([1.0, 2.0, 3.0, NAN]))
    assert trace.value_at(0.9) == 1.0
    assert trace.value_at(5.0) == 2.0
    assert trace.value_at(30.0) is None
    assert trace.value_at(51.5) is None
    assert trace.value_at(-1.0) is None


def test_history_ends_where_live_begins_and_the_line_is_joined(trace):
    times = np.arange(0.0, 100.0, 5.0)
    trace.set_history(times, times - 1, times + 1, times)
    trace.set_live(np.array([52.0, 53.0]), np.array([60.0, 61.0]))
    line, band = trace.history_strokes(0.0, 100.0, 1.0)
    assert line.position[-1] == 52.0
    assert line.value[-1] == 60.0
    assert line.starts.size == 0
    assert band.position.max() == 50.0


def test_missing_buckets_of_history_are_a_gap(trace):
    times = np.array([0.0, 5.0, 10.0, 15.0, 60.0, 65.0])
    trace.set_history(times, times, times, times)
    line, band = trace.history_strokes(0.0, 100.0, 1.0)
    assert line.starts.tolist() == [4]
    assert band.starts.tolist() == [4]


def test_history_answers_for_the_past_and_live_for_the_present(trace):
    times = np.arange(0.0, 50.0, 5.0)
    trace.set_history(times, times, times, times * 2)
    trace.set_live(np.array([50.0, 51.0]), np.array([7.0, 8.0]))
    assert trace.value_at(12.0) == 20.0
    assert trace.value_at(51.0) == 8.0


def test_few_samples_are_drawn_as_they_are_and_many_by_columns(trace):
    times = np.arange(0.0, 600.0, 0.1)
    trace.set_live(times, np.sin(times))
    assert trace.live_strokes(0.0, 600.0, 1.5).position.size <= 2 * 402
    assert np.allclose(trace.live_strokes(0.0, 10.0, 0.1).position * 0.1, times[:102], atol=1e-6)


def test_the_head_begins_at_the_last_settled_sample(trace):
    trace.set_live(np.arange(10.0), np.arange(10.0))
    head = trace.head_strokes(6.0, 1.0)
    assert head.value.tolist() == [6.0, 7.0, 8.0, 9.0]
