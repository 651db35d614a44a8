"""Signals are stored, condensed and asked for as the six metrics are: each value here is stored as both."""

import time
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import text

from models.queries.back_test_samples import Column, minute_bounds, samples
from models.queries.history import history
from models.queries.readings import insert_readings, iter_readings, raw_series, recent_window
from models.queries.signals import add_signals, latest_signals
from models.records.signal import Signal, SignalSample
from models.upkeep.rollups import rebuild_rollups, refresh_rollups

HOUR, DAY = 3600, 86400
FLOW = Signal("flow", "Flow", "m³/h", 1, (0.0, 1e6), (0.0, 50.0))
LEVEL = Signal("level", "Level", "%", 0, (0.0, 100.0), (0.0, 100.0))


@pytest.fixture
def now():
    return float(int(time.time()))


@pytest.fixture
def flow(connection):
    return add_signals(connection, [FLOW])[0]


def twin(make, device, signal, at, value):
    """A reading whose metrics and signal all have one value."""
    quality = 63 if value is None else 0
    return replace_signals(make.reading(device.id, at, value, quality), SignalSample(signal.id, value))


def replace_signals(reading, *samples):
    return type(reading)(
        reading.device, reading.recorded_unix, reading.values, reading.quality, reading.epoch, samples
    )


def put(connection, make, device, signal, since, until, period):
    """Readings with every seventh value missing."""
    moments = np.arange(since, until, period).tolist()
    insert_readings(
        connection,
        [twin(make, device, signal, at, None if i % 7 == 3 else at - since) for i, at in enumerate(moments)],
    )


def rows(connection, table):
    return connection.execute(text(f"SELECT count(*) FROM app.{table}")).scalar_one()


def assert_alike(connection, device, since, until, points):
    rpm, flow = history(connection, device.id, ["rpm", "flow"], since, until, points)
    assert (rpm.metric, flow.metric, rpm.step_s) == ("rpm", "flow", flow.step_s)
    assert len(rpm.times) > 10
    for name in ("times", "low", "high", "mean"):
        np.testing.assert_array_equal(getattr(flow, name), getattr(rpm, name))


def test_a_repeated_batch_changes_nothing(connection, stored_device, make, flow, now):
    batch = [twin(make, stored_device, flow, now + i, float(i)) for i in range(3)]
    assert [insert_readings(connection, batch) for _ in range(2)] == [3, 0]
    assert rows(connection, "signal_readings") == 3


def test_the_newest_value_of_each_signal_is_kept_apart_whatever_the_order(
    connection, stored_device, make, flow, now
):
    [level] = add_signals(connection, [LEVEL])
    newest = replace_signals(
        make.reading(stored_device.id, now), SignalSample(flow.id, 5.0), SignalSample(level.id, None)
    )
    insert_readings(connection, [newest, twin(make, stored_device, flow, now - 5, 1.0)])
    insert_readings(connection, [twin(make, stored_device, flow, now - 2, 2.0)])
    found = {one.signal: (one.recorded_unix, one.value) for one in latest_signals(connection)}
    assert found == {flow.id: (now, 5.0), level.id: (now, None)}
    assert latest_signals(connection, []) == []


def test_a_late_value_makes_the_partition_it_needs(connection, stored_device, make, flow, now):
    insert_readings(connection, [twin(make, stored_device, flow, now - 40 * DAY, 1.0)])
    assert rows(connection, "signal_readings") == 1


def test_signals_are_append_only(connection, stored_device, make, flow, now):
    insert_readings(connection, [twin(make, stored_device, flow, now, 1.0)])
    with pytest.raises(Exception, match="append-only"):
        connection.execute(text("UPDATE app.signal_readings SET value = 2"))


def test_charts_of_an_hour_and_of_days_show_a_signal_as_they_show_a_metric(
    connection, stored_device, make, flow, now
):
    put(connection, make, stored_device, flow, now - 8 * DAY, now - 2 * DAY, HOUR)
    put(connection, make, stored_device, flow, now - 2 * DAY, now - HOUR, 120)
    put(connection, make, stored_device, flow, now - HOUR, now, 5)
    connection.execute(
        text(
            "UPDATE app.rollup_progress SET (closed_before, rolled_before, hours_before) = "
            "(SELECT at, at, at FROM to_timestamp(:at) AS at)"
        ),
        {"at": (now - 8 * DAY) // HOUR * HOUR},
    )
    refresh_rollups(connection)
    assert rows(connection, "signal_1m") == rows(connection, "readings_1m") > 0
    assert rows(connection, "signal_1h") == rows(connection, "readings_1h") > 0
    assert_alike(connection, stored_device, now - 8 * DAY, now, 150)
    assert_alike(connection, stored_device, now - 2 * DAY, now, 500)
    assert_alike(connection, stored_device, now - HOUR, now, 100)
    since, until = now - 2 * DAY, now
    rpm, of_flow = (minute_bounds(connection, stored_device.id, key, since, until) for key in ("rpm", "flow"))
    for name in ("low", "high", "is_blank"):
        np.testing.assert_array_equal(getattr(of_flow, name), getattr(rpm, name))


def test_late_values_are_condensed_again(connection, stored_device, make, flow, now):
    put(connection, make, stored_device, flow, now - 3 * HOUR, now - HOUR, 60)
    refresh_rollups(connection)
    put(connection, make, stored_device, flow, now - 2 * HOUR + 30, now - 1.5 * HOUR, 60)
    refresh_rollups(connection)
    assert_alike(connection, stored_device, now - 10 * HOUR, now, 300)


def test_rollups_of_signals_are_rebuilt_with_the_others(connection, stored_device, make, flow, now):
    put(connection, make, stored_device, flow, now - 2 * HOUR, now, 60)
    hour = datetime.fromtimestamp(now // HOUR * HOUR, UTC)
    rebuild_rollups(connection, hour - timedelta(hours=2), hour + timedelta(hours=1))
    assert rows(connection, "signal_1m") == rows(connection, "readings_1m") > 100


def test_what_a_back_test_reads_of_a_signal_is_what_it_reads_of_a_metric(
    connection, stored_device, make, flow, now
):
    put(connection, make, stored_device, flow, now - 100, now, 1)
    spans = np.array([now - 90, now - 50]), np.array([now - 70, now - 10])
    for column in Column:
        rpm, of_flow = (samples(connection, stored_device.id, key, column, *spans) for key in ("rpm", "flow"))
        np.testing.assert_array_equal(of_flow, rpm)
    rpm, of_flow = (
        raw_series(connection, stored_device.id, key, now - 100, now - 20) for key in ("rpm", "flow")
    )
    np.testing.assert_array_equal(of_flow.values, rpm.values)


def test_readings_come_back_with_their_signals(connection, stored_device, make, flow, now):
    stored = [twin(make, stored_device, flow, now - 2, 4.0), twin(make, stored_device, flow, now - 1, None)]
    bare = make.reading(stored_device.id, now)
    insert_readings(connection, [*stored, bare])
    assert recent_window(connection, [stored_device.id], now - 60) == [*stored, bare]


def test_an_export_has_the_signals_asked_for_beside_the_metrics(connection, stored_device, make, flow, now):
    [level] = add_signals(connection, [LEVEL])
    insert_readings(
        connection, [twin(make, stored_device, flow, now - 1, 4.0), make.reading(stored_device.id, now)]
    )
    span = datetime.fromtimestamp(now - 60, UTC), datetime.fromtimestamp(now + 60, UTC)
    rows_with = list(iter_readings(connection, [stored_device.id], *span, [level.id, flow.id]))
    assert [row.signals for row in rows_with] == [(None, 4.0), (None, None)]
    rows_without = list(iter_readings(connection, [stored_device.id], *span))
    assert [row.values for row in rows_without] == [row.values for row in rows_with]
