import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.bridge.series_buffer import KEPT_S, Samples, SeriesBuffer, capacity_from_period
from models.metrics import METRIC_COUNT


def table(count: int, value: float = 1.0) -> np.ndarray:
    return np.full((count, METRIC_COUNT), value)


def put(buffer: SeriesBuffer, rows: list[int], times: list[float], value: float = 1.0) -> list[bool]:
    return buffer.insert(np.array(rows), np.array(times), table(len(rows), value)).tolist()


@pytest.mark.parametrize("period_s", [0.1, 0.5, 1.0, 5.0])
def test_ring_holds_ten_minutes_at_its_own_period(period_s: float):
    buffer = SeriesBuffer([period_s])
    times = np.arange(0, 2 * KEPT_S, period_s)
    for time in times:
        put(buffer, [0], [float(time) + 1])
    held = buffer.samples(0).times
    assert held[-1] - held[0] >= KEPT_S - period_s


def test_a_thousand_devices_at_one_second_need_less_than_35_megabytes():
    assert SeriesBuffer([1.0] * 1000).memory_bytes < 35e6


def test_a_sample_not_newer_than_the_newest_is_left_out():
    buffer = SeriesBuffer([1.0])
    assert put(buffer, [0], [5.0]) == [True]
    assert put(buffer, [0, 0, 0], [5.0, 4.0, 6.0]) == [False, False, True]
    assert buffer.samples(0).times.tolist() == [5.0, 6.0]


def test_a_device_that_occurs_twice_in_a_batch_keeps_both_in_order():
    buffer = SeriesBuffer([1.0, 1.0])
    put(buffer, [0, 1, 0], [2.0, 1.0, 1.0])
    assert buffer.samples(0).times.tolist() == [1.0, 2.0]
    assert buffer.samples(1).times.tolist() == [1.0]


def test_history_goes_before_what_is_live_and_leaves_live_samples_alone():
    buffer = SeriesBuffer([1.0])
    put(buffer, [0], [10.0], value=7.0)
    buffer.merge(0, Samples(np.array([8.0, 9.0, 10.0]), table(3, 1.0)))
    times, values = buffer.column(0, 0)
    assert times.tolist() == [8.0, 9.0, 10.0]
    assert values.tolist() == [1.0, 1.0, 7.0]


def test_samples_from_a_moment_on_include_that_moment():
    buffer = SeriesBuffer([1.0])
    put(buffer, [0, 0, 0], [1.0, 2.0, 3.0])
    assert buffer.samples(0, 2.0).times.tolist() == [2.0, 3.0]


def test_rebuilding_keeps_the_samples_of_devices_that_stay():
    buffer = SeriesBuffer([1.0, 1.0])
    put(buffer, [0, 1], [1.0, 2.0])
    new = buffer.rebuilt([5.0, 1.0, 1.0], {2: 1})
    assert [new.samples(row).times.tolist() for row in range(3)] == [[], [], [2.0]]
    assert put(new, [2], [2.0]) == [False]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 40)), max_size=150),
    st.integers(1, 7),
)
def test_rings_hold_the_same_as_plain_lists(samples: list[tuple[int, int]], batch: int):
    buffer = SeriesBuffer([10.0] * 3)
    plain: list[list[float]] = [[], [], []]
    for start in range(0, len(samples), batch):
        part = samples[start : start + batch]
        put(buffer, [row for row, _ in part], [float(time) for _, time in part])
        for row, time in sorted(part, key=lambda pair: pair[1]):
            plain[row] += [float(time)] * (not plain[row] or time > plain[row][-1])
    most = capacity_from_period(10.0)
    assert [buffer.samples(row).times.tolist() for row in range(3)] == [run[-most:] for run in plain]
