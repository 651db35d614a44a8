import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from models.errors import Rejected
from models.queries.readings import insert_readings, iter_readings, latest_hour, raw_series, recent_window
from models.records.reading import Reading


@pytest.fixture
def now():
    return float(int(time.time()))


def count(connection):
    return connection.execute(text("SELECT count(*) FROM app.sensor_readings")).scalar_one()


def test_a_reading_comes_back_as_it_was_stored(connection, stored_device, now):
    given = Reading(stored_device.id, now - 0.123456, (1.5, None, -3.25, 0.0, 1e7, 1500.0), 2)
    assert insert_readings(connection, [given]) == 1
    (stored,) = latest_hour(connection, stored_device.id)
    assert (stored.values, stored.quality) == (given.values, 2)
    assert stored.recorded_unix == pytest.approx(given.recorded_unix, abs=1e-6)


def test_storing_a_batch_again_stores_nothing(connection, stored_device, make, now):
    batch = [make.reading(stored_device.id, now - i) for i in range(50)]
    assert [insert_readings(connection, batch) for _ in range(2)] == [50, 0]


def test_the_same_moment_twice_in_a_batch_is_stored_once(connection, stored_device, make, now):
    assert insert_readings(connection, [make.reading(stored_device.id, now)] * 2) == 1


def test_nothing_to_store_stores_nothing(connection):
    assert insert_readings(connection, []) == 0


@pytest.mark.parametrize("nonsense", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_is_stored_as_null(connection, stored_device, make, now, nonsense):
    insert_readings(connection, [make.reading(stored_device.id, now, nonsense)])
    assert latest_hour(connection, stored_device.id)[0].values == (None,) * 6


def test_a_missing_partition_is_made_on_the_way(connection, stored_device, make, now):
    ago = now - 40 * 86400
    assert insert_readings(connection, [make.reading(stored_device.id, at) for at in (ago, now)]) == 2
    day = f"sensor_readings_{datetime.fromtimestamp(ago, UTC):%Y%m%d}"
    assert connection.execute(text("SELECT to_regclass(:name)"), {"name": f"app.{day}"}).scalar_one()


def test_a_time_far_from_now_is_refused_and_makes_no_partition(database, committed_device, make):
    with pytest.raises(Rejected, match="1970-01-01 is too far from the present; check the clock"):
        with database.transaction() as connection:
            insert_readings(connection, [make.reading(committed_device.id, 1000.0)])
    with database.transaction() as connection:
        assert (
            connection.execute(text("SELECT to_regclass('app.sensor_readings_19700101')")).scalar_one()
            is None
        )


def test_a_reading_of_an_unknown_device_is_refused(database, make, now):
    with (
        pytest.raises(Rejected, match="the database does not know"),
        database.transaction() as connection,
    ):
        insert_readings(connection, [make.reading(4711, now)])
    with database.transaction() as connection:
        assert count(connection) == 0


def test_the_latest_reading_is_kept_whatever_order_they_come_in(connection, stored_device, make, now):
    insert_readings(connection, [make.reading(stored_device.id, now - i, float(i)) for i in (3, 1, 2)])
    insert_readings(connection, [make.reading(stored_device.id, now - 9, 9.0)])
    latest = connection.execute(
        text("SELECT extract(epoch FROM recorded_at), rpm FROM app.device_latest")
    ).one()
    assert (float(latest[0]), latest[1]) == (now - 1, 1.0)


def test_a_batch_larger_than_one_statement_is_stored_whole(connection, stored_device, make, now):
    batch = [make.reading(stored_device.id, now - i / 1000) for i in range(20_001)]
    assert insert_readings(connection, batch) == count(connection) == 20_001


def test_the_last_hour_is_newest_first_and_limited(connection, stored_device, make, now):
    insert_readings(connection, [make.reading(stored_device.id, now - i * 30) for i in range(130)])
    limited = latest_hour(connection, stored_device.id)
    assert (len(limited), limited[0].recorded_unix, limited[99].recorded_unix) == (100, now, now - 99 * 30)
    assert len(latest_hour(connection, stored_device.id, limit=None)) in (119, 120)


def test_a_series_runs_from_since_to_just_before_until_with_gaps_as_nan(connection, stored_device, make, now):
    values = {0: 5.0, 1: None, 2: 7.0, 3: 8.0}
    insert_readings(connection, [make.reading(stored_device.id, now + at, v) for at, v in values.items()])
    series = raw_series(connection, stored_device.id, "pressure", now, now + 3)
    assert series.times.tolist() == [now, now + 1, now + 2]
    assert str(series.values.tolist()) == "[5.0, nan, 7.0]"


def test_a_series_without_readings_is_empty(connection, stored_device, now):
    assert raw_series(connection, stored_device.id, "rpm", now - 9, now).times.tolist() == []


def test_a_window_holds_the_devices_asked_for_oldest_first(connection, stored_device, make, now):
    batch = [make.reading(stored_device.id, now - i, None if i == 2 else float(i)) for i in (4, 2, 1)]
    insert_readings(connection, batch)
    window = recent_window(connection, [stored_device.id], now - 3)
    assert [(r.recorded_unix, r.values[0]) for r in window] == [(now - 2, None), (now - 1, 1.0)]
    assert recent_window(connection, [], now - 3) == []


def test_an_export_yields_every_row_of_the_span_with_names(connection, stored_device, make, now):
    insert_readings(connection, [make.reading(stored_device.id, now - i) for i in range(5)])
    moment = datetime.fromtimestamp(now, UTC)
    rows = list(iter_readings(connection, [stored_device.id], moment - timedelta(seconds=3), moment))
    assert [row.recorded_at for row in rows] == [moment - timedelta(seconds=i) for i in (3, 2, 1)]
    assert {(row.hardware_id, row.device_name) for row in rows} == {("DRIVE-01", "Device DRIVE-01")}
    assert len({row.id for row in rows}) == 3
