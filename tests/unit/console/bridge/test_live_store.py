import math
from datetime import UTC, datetime

import numpy as np
import pytest

from console.bridge.catalogue import Catalogue
from console.bridge.live_store import LiveStore, ReadingArrays
from console.bridge.series_buffer import Samples
from models.metrics import METRIC_COUNT, METRICS
from models.records.device import DeviceId, DeviceState, DeviceStatus
from tests.unit.console.bridge.bridge_parts import NOW, device

ONE, TWO = DeviceId(1), DeviceId(2)


def readings(*rows: tuple[int, float, float]) -> ReadingArrays:
    """Rows of (device, Unix seconds, value of every metric)."""
    return ReadingArrays(
        np.array([row[0] for row in rows], dtype=np.int64),
        np.array([row[1] for row in rows]),
        np.repeat(np.array([[row[2]] for row in rows]), METRIC_COUNT, axis=1),
        np.zeros(len(rows), dtype=np.int16),
    )


@pytest.fixture
def store() -> LiveStore:
    made = LiveStore(lambda: NOW)
    made.set_catalogue(Catalogue([device(1), device(2, period_s=5.0)]))
    return made


def test_the_newest_reading_wins_whichever_came_first(store: LiveStore):
    assert store.add(readings((1, NOW, 20.0))) == {1}
    assert store.add(readings((1, NOW - 1, 10.0))) == frozenset()
    latest = store.latest(ONE)
    assert latest is not None
    assert (latest.values[0], latest.recorded_unix) == (20.0, NOW)


def test_two_readings_of_a_device_in_one_batch_leave_the_newer_one(store: LiveStore):
    store.add(readings((1, NOW, 20.0), (1, NOW - 1, 10.0)))
    latest = store.latest(ONE)
    assert latest is not None
    assert latest.values[0] == 20.0


def test_unknown_devices_are_left_out(store: LiveStore):
    assert store.add(readings((99, NOW, 1.0), (1, NOW, 2.0))) == {1}
    assert LiveStore(lambda: NOW).add(readings((1, NOW, 2.0))) == frozenset()


def test_a_missing_value_is_none_and_never_a_number(store: LiveStore):
    store.add(readings((1, NOW, float("nan"))))
    latest = store.latest(ONE)
    assert latest is not None
    assert latest.values == (None,) * METRIC_COUNT


@pytest.mark.parametrize(
    ("id", "age_s", "is_stale"), [(1, 3.0, False), (1, 3.1, True), (2, 15, False), (2, 15.1, True)]
)
def test_a_value_is_stale_after_three_periods_but_not_below_three_seconds(store, id, age_s, is_stale):
    store.add(readings((id, NOW - age_s, 1.0)))
    assert store.is_stale(DeviceId(id), NOW) is is_stale


def test_a_device_without_readings_is_stale_and_has_no_age(store: LiveStore):
    assert store.is_stale(ONE, NOW)
    assert store.age_s(ONE, NOW) is None
    assert store.latest(ONE) is None


def test_only_a_reading_with_a_good_value_in_it_is_a_good_one(store: LiveStore):
    store.add(readings((1, NOW - 4, math.nan), (2, NOW - 4, 1.0)))
    assert (store.good_age_s(ONE, NOW), store.good_age_s(DeviceId(2), NOW)) == (None, 4.0)
    assert store.good_age_s(DeviceId(99), NOW) is None


def test_series_breaks_where_readings_are_missing(store: LiveStore):
    store.add(readings((1, NOW - 20, 1.0), (1, NOW - 10, 2.0), (1, NOW - 9, 3.0)))
    times, values = store.series(ONE, METRICS[0], NOW - 60)
    assert np.diff(times).min() > 0
    np.testing.assert_array_equal(values, [1.0, np.nan, 2.0, 3.0])


def test_history_fills_the_series_but_not_the_latest_value(store: LiveStore):
    store.add_history(ONE, Samples(np.array([NOW - 2]), np.full((1, METRIC_COUNT), 5.0)))
    assert store.latest(ONE) is None
    assert store.series(ONE, METRICS[0], NOW - 60)[1].tolist() == [5.0]


def test_another_catalogue_keeps_what_is_known_of_devices_that_stay(store: LiveStore):
    store.add(readings((1, NOW, 7.0), (2, NOW, 8.0)))
    store.set_catalogue(Catalogue([device(2, period_s=5.0), device(3)]))
    kept = store.latest(TWO)
    assert kept is not None
    assert kept.values[0] == 8.0
    assert store.latest(ONE) is None
    assert len(store.series(TWO, METRICS[0], 0.0)[0]) == 1


def test_a_station_whose_clock_was_set_back_is_heard_again(store: LiveStore):
    store.add(readings((1, NOW + 3600, 1.0)))
    assert store.add(readings((1, NOW, 2.0))) == {1}
    latest = store.latest(ONE)
    assert latest is not None
    assert latest.values[0] == 2.0


def test_only_states_that_changed_are_reported(store: LiveStore):
    online = DeviceState(ONE, DeviceStatus.ONLINE, "", datetime.fromtimestamp(NOW, UTC))
    assert store.set_states([online]) == {1}
    assert store.set_states([online]) == frozenset()
    assert store.state(ONE) == online
    assert store.state(TWO).status is DeviceStatus.OFFLINE
