import time

import pytest
from sqlalchemy import text

from models.queries.readings import insert_readings
from models.upkeep.rollups import refresh_rollups

HOUR = 3600


@pytest.fixture
def start(connection):
    """The beginning of an hour two hours ago; the rollups have come that far."""
    moment = (time.time() // HOUR - 2) * HOUR
    connection.execute(
        text(
            "UPDATE app.rollup_progress SET (closed_before, rolled_before, hours_before) = "
            "(SELECT at, at, at FROM to_timestamp(:at) AS at)"
        ),
        {"at": moment},
    )
    return moment


def rows(connection, table, start):
    found = connection.execute(
        text(
            "SELECT extract(epoch FROM bucket)::float8 - :start, rpm_low, rpm_high, rpm_mean, rpm_last, "
            f"rpm_count FROM app.{table} ORDER BY 1"
        ),
        {"start": start},
    )
    return [tuple(row) for row in found]


def put(connection, make, device, values, start):
    insert_readings(connection, [make.reading(device.id, start + at, value) for at, value in values.items()])


def test_a_minute_keeps_low_high_mean_last_and_count(connection, stored_device, make, start):
    put(connection, make, stored_device, {0: 4.0, 20: 10.0, 40: 1.0, 60: 7.0}, start)
    refresh_rollups(connection)
    assert rows(connection, "readings_1m", start) == [
        (0, 1.0, 10.0, 5.0, 1.0, 3),
        (60, 7.0, 7.0, 7.0, 7.0, 1),
    ]


def test_missing_values_are_not_counted_and_an_empty_minute_says_so(connection, stored_device, make, start):
    put(connection, make, stored_device, {0: 4.0, 20: None, 60: None}, start)
    refresh_rollups(connection)
    assert rows(connection, "readings_1m", start) == [
        (0, 4.0, 4.0, 4.0, None, 1),
        (60, None, None, None, None, 0),
    ]


def test_an_hour_is_made_of_its_minutes_by_weight(connection, stored_device, make, start):
    put(connection, make, stored_device, {0: 1.0, 10: 1.0, 20: 1.0, 600: 9.0}, start)
    refresh_rollups(connection)
    assert rows(connection, "readings_1h", start) == [(0, 1.0, 9.0, 3.0, 9.0, 4)]


def test_nothing_new_is_nothing_to_do(connection, stored_device, make, start):
    put(connection, make, stored_device, {0: 1.0}, start)
    assert refresh_rollups(connection) > 0
    assert refresh_rollups(connection) == 0


def test_a_late_reading_corrects_its_minute_and_its_hour(connection, stored_device, make, start):
    put(connection, make, stored_device, {0: 4.0, 120: 5.0}, start)
    refresh_rollups(connection)
    put(connection, make, stored_device, {30: 100.0}, start)
    refresh_rollups(connection)
    assert rows(connection, "readings_1m", start)[0] == (0, 4.0, 100.0, 52.0, 100.0, 2)
    assert rows(connection, "readings_1h", start) == [(0, 4.0, 100.0, pytest.approx(109 / 3), 5.0, 3)]


def test_a_reading_of_months_ago_gets_its_rollup(connection, stored_device, make, start):
    put(connection, make, stored_device, {0: 3.0}, start - 100 * 86400)
    refresh_rollups(connection)
    assert rows(connection, "readings_1h", start - 100 * 86400) == [(0, 3.0, 3.0, 3.0, 3.0, 1)]


def test_the_rollup_stays_behind_the_present(connection, stored_device, make, start):
    put(connection, make, stored_device, {0: 3.0}, time.time())
    refresh_rollups(connection)
    assert rows(connection, "readings_1m", start) == []


def test_a_reading_written_while_minutes_are_closed_is_not_lost(database, committed_device, make):
    moment = (time.time() // HOUR - 1) * HOUR
    with database.transaction() as connection:
        connection.execute(
            text(
                "UPDATE app.rollup_progress SET (closed_before, rolled_before) = "
                "(SELECT at, at FROM to_timestamp(:at) AS at)"
            ),
            {"at": moment},
        )
    with database.transaction() as writer:
        insert_readings(writer, [make.reading(committed_device.id, moment + 1, 5.0)])
        with database.autocommit() as connection:
            refresh_rollups(connection)  # waits for the writer half a second, then leaves it for later
    with database.autocommit() as connection:
        refresh_rollups(connection)
    with database.transaction() as connection:
        assert rows(connection, "readings_1m", moment) == [(0, 5.0, 5.0, 5.0, 5.0, 1)]
