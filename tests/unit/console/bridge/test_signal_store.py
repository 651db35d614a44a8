"""The site's own signals in the window: latest values and rings beside those of the six metrics."""

from dataclasses import replace

import numpy as np
import pytest

from console.bridge.catalogue import Catalogue
from console.bridge.feed_decoding import readings_from_batch
from console.bridge.live_store import LiveStore, ReadingArrays
from console.bridge.questions import samples_from_readings
from console.bridge.series_buffer import Samples, capacity_from_period
from console.bridge.signal_store import SignalArrays
from console.link.frames import FrameError
from console.link.messages import LiveBatch
from models.metrics import METRIC_COUNT, METRICS
from models.quantities import Quantities
from models.records.device import DeviceId, Tag
from models.records.reading import Reading
from models.records.signal import Signal, SignalId, SignalSample
from tests.unit.console.bridge.bridge_parts import device

FLOW = Signal("flow", "Flow", "m³/h", 1, (0.0, 500.0), (0.0, 100.0), SignalId(7))
PUMP = Signal("pump", "Pump", "", 0, (0.0, 2.0), (0.0, 2.0), SignalId(9), ((0, "Off"), (1, "Running")))
ONE, TWO = DeviceId(1), DeviceId(2)
NOW = 1_700_000_000.0


def _with(number: int, *signals: Signal):
    tags = (Tag("temperature", "holding:0"), *(Tag(signal.key, "holding:1") for signal in signals))
    return replace(device(number), tags=tags)


@pytest.fixture
def store() -> LiveStore:
    made = LiveStore(lambda: NOW)
    made.set_catalogue(Catalogue([_with(1, FLOW, PUMP), _with(2, FLOW)], (), Quantities([FLOW, PUMP])))
    return made


def _readings(at: float, *values: tuple[int, int, float], devices: tuple[int, ...] = (1, 2)) -> ReadingArrays:
    count = len(devices)
    return ReadingArrays(
        np.array(devices, dtype=np.int64),
        np.full(count, at),
        np.full((count, METRIC_COUNT), 20.0),
        np.zeros(count, dtype=np.int16),
        SignalArrays(
            np.array([row for row, _, _ in values], dtype=np.int64),
            np.array([signal for _, signal, _ in values], dtype=np.int64),
            np.array([value for _, _, value in values]),
        ),
    )


def test_each_device_has_its_own_newest_values(store) -> None:
    store.add(_readings(NOW, (0, 7, 12.5), (0, 9, 1.0), (1, 7, 3.0)))
    one, two = store.latest(ONE), store.latest(TWO)
    assert (one.value_of(FLOW), one.value_of(PUMP), two.value_of(FLOW)) == (12.5, 1.0, 3.0)


def test_a_value_that_is_not_good_is_none_and_breaks_the_line(store) -> None:
    store.add(_readings(NOW - 1, (0, 7, 12.5)))
    store.add(_readings(NOW, (0, 7, np.nan)))
    assert store.latest(ONE).value_of(FLOW) is None
    assert np.isnan(store.series(ONE, FLOW, 0.0)[1]).tolist() == [False, True]


def test_older_values_do_not_take_the_place_of_newer_ones(store) -> None:
    store.add(_readings(NOW, (0, 7, 12.5)))
    store.add(_readings(NOW - 5, (0, 7, 99.0)))
    assert store.latest(ONE).value_of(FLOW) == 12.5


def test_signals_that_nobody_configured_are_left_out(store) -> None:
    store.add(_readings(NOW, (0, 8, 1.0), (1, 9, 1.0)))
    assert (store.latest(ONE).signals, store.latest(TWO).signals) == ({7: None, 9: None}, {7: None})


def test_another_catalogue_keeps_what_stays(store) -> None:
    store.add(_readings(NOW, (0, 7, 12.5), (0, 9, 1.0), (1, 7, 3.0)))
    store.set_catalogue(Catalogue([_with(2, FLOW), _with(1, PUMP)], (), Quantities([FLOW, PUMP])))
    assert (store.latest(ONE).signals, store.latest(TWO).signals) == ({9: 1.0}, {7: 3.0})
    assert store.series(TWO, FLOW, 0.0)[1].tolist() == [3.0]


def test_a_device_that_is_asked_more_often_has_room_for_it(store) -> None:
    store.add(_readings(NOW, (0, 7, 12.5)))
    often = replace(_with(1, FLOW, PUMP), period_s=0.5)
    store.set_catalogue(Catalogue([often, _with(2, FLOW)], (), Quantities([FLOW, PUMP])))
    count = capacity_from_period(0.5)
    for step in range(1, count):
        store.add(_readings(NOW + step / 2, (0, 7, 1.0), devices=(1,)))
    assert store.series(ONE, FLOW, 0.0)[1][[0, -1]].tolist() == [12.5, 1.0]


def test_history_fills_the_ring_but_not_the_latest_value(store) -> None:
    readings = [
        Reading(ONE, NOW - 2 + step, (20.0,) * METRIC_COUNT, signals=(SignalSample(SignalId(7), 5.0 + step),))
        for step in range(2)
    ]
    store.add_history(ONE, samples_from_readings(readings)[ONE])
    assert store.series(ONE, FLOW, 0.0)[1].tolist() == [5.0, 6.0]
    assert store.latest(ONE) is None


def test_the_six_are_asked_for_the_same_way(store) -> None:
    store.add(_readings(NOW, (0, 7, 12.5)))
    assert store.latest(ONE).value_of(METRICS[0]) == 20.0
    assert store.series(ONE, METRICS[0], 0.0)[1].tolist() == [20.0]


def _batch(rows: list[int], signals: list[int], values: list[float], times: list[float]) -> LiveBatch:
    count = len(times)
    return LiveBatch(
        np.arange(1, count + 1, dtype="<i8").tobytes(),
        np.array(times, dtype="<f8").tobytes(),
        np.full((count, METRIC_COUNT), 20.0, dtype="<f8").tobytes(),
        np.zeros(count, dtype="<i2").tobytes(),
        np.array(rows, dtype="<i4").tobytes(),
        np.array(signals, dtype="<i4").tobytes(),
        np.array(values, dtype="<f8").tobytes(),
    )


def test_a_reading_without_a_time_takes_its_signals_with_it() -> None:
    arrays = readings_from_batch(_batch([0, 1], [7, 7], [1.0, 2.0], [np.nan, NOW])).signals
    assert (arrays.rows.tolist(), arrays.values.tolist()) == ([0], [2.0])


@pytest.mark.parametrize("rows", [[0, 2], [-1, 0], [0]])
def test_signals_that_belong_to_no_reading_make_the_batch_worthless(rows: list[int]) -> None:
    with pytest.raises(FrameError):
        readings_from_batch(_batch(rows, [7, 7], [1.0, 2.0], [NOW, NOW]))


def test_counter_beyond_four_billion_keeps_every_step(store) -> None:
    steps = np.arange(5.0)
    store.add_history(ONE, Samples(NOW - 5 + steps, np.full((5, METRIC_COUNT), 20.0), {7: 4e9 + steps}))
    for step in range(5):
        store.add(_readings(NOW + step, (0, 7, 4e9 + 5 + step)))
    # Another set of devices makes the rings anew.
    store.set_catalogue(Catalogue([_with(1, FLOW, PUMP)], (), Quantities([FLOW, PUMP])))

    _, values = store.series(ONE, FLOW, NOW - 60)
    assert values.tolist() == [4e9 + step for step in range(10)]
