"""Several stations at once, and readings that come late from a spool: days and rollups end up right."""

import random
import threading
import time

import pytest
from sqlalchemy import text

from models.database import Database
from models.metrics import METRIC_COUNT
from models.queries.catalogue import import_devices, load_devices
from models.queries.readings import insert_readings
from models.queries.storage_facts import storage_facts
from models.records.device_entry import DeviceEntry
from models.records.reading import Reading
from models.upkeep.partitions import ensure_partitions
from models.upkeep.rollups import rebuild_rollups, refresh_rollups

HOUR, DAY = 3600, 86_400
STATIONS = 4


@pytest.fixture
def devices(database, make):
    with database.transaction() as connection:
        import_devices(connection, [DeviceEntry(make.device(f"D{number}"), ()) for number in range(STATIONS)])
        return load_devices(connection)


@pytest.fixture
def at_once(database_url):
    """`at_once(work)` runs `work(database, number)` for every station at once; returns what failed."""

    def run(work):
        failures, together = [], threading.Barrier(STATIONS)

        def station(number):
            own = Database(database_url, f"station {number}", pool_size=1)
            try:
                together.wait(10)
                work(own, number)
            except Exception as error:  # noqa: BLE001 - returned
                failures.append(error)
            finally:
                own.close()

        threads = [threading.Thread(target=station, args=(number,)) for number in range(STATIONS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return failures

    return run


def put(database, readings):
    with database.transaction() as connection:
        return insert_readings(connection, readings)


def rollups(database):
    with database.transaction() as connection:
        return [
            [
                tuple(None if value is None else round(value, 9) for value in row)
                for row in connection.execute(
                    text(
                        "SELECT device_id, extract(epoch FROM bucket)::float8, rpm_low, rpm_high, rpm_mean, "
                        f"rpm_last, rpm_count, pressure_mean FROM app.{table} ORDER BY 1, 2"
                    )
                )
            ]
            for table in ("readings_1m", "readings_1h")
        ]


def test_days_nobody_made_are_made_by_whoever_writes_first(database, devices, at_once, make):
    before = time.time() - 40 * DAY
    with database.transaction() as connection:
        made_before = storage_facts(connection).partitions

    def write(own, number):
        # Each begins with another day, so that they meet.
        for day in range(6):
            moment = before + ((day + number) % 6) * DAY
            put(own, [make.reading(devices[number].id, moment + second) for second in range(10)])

    assert at_once(write) == []
    with database.transaction() as connection:
        assert connection.execute(text("SELECT count(*) FROM app.sensor_readings")).scalar_one() == (
            STATIONS * 6 * 10
        )
        assert storage_facts(connection).partitions - made_before in (6, 7)


def test_days_ahead_are_made_while_all_write(database, devices, at_once, make):
    now = time.time()

    def work(own, number):
        for turn in range(10):
            with own.transaction() as connection:
                ensure_partitions(connection, ahead_days=8 + turn)
            put(own, [make.reading(devices[number].id, now + turn * DAY)])

    assert at_once(work) == []
    with database.transaction() as connection:
        assert connection.execute(text("SELECT count(*) FROM app.sensor_readings")).scalar_one() == (
            STATIONS * 10
        )


def test_rollups_are_right_after_shuffled_and_repeated_deliveries_while_all_condense(
    database, devices, at_once
):
    end = (time.time() - 60) // HOUR * HOUR  # the last half minute is condensed later
    start = end - 5 * HOUR
    with database.transaction() as connection:
        connection.execute(
            text(
                "UPDATE app.rollup_progress SET (closed_before, rolled_before, hours_before) = "
                "(SELECT at, at, at FROM to_timestamp(:at) AS at)"
            ),
            {"at": start},
        )

    def work(own, number):
        dice = random.Random(number)
        readings = [
            Reading(devices[number].id, start + at, (dice.choice((None, float(at % 700))),) * METRIC_COUNT, 0)
            for at in range(0, 5 * HOUR, 20)
        ]
        batches = [readings[first : first + 60] for first in range(0, len(readings), 60)]
        dice.shuffle(batches)
        for place, batch in enumerate(batches):
            put(own, batch)
            put(own, batches[dice.randrange(place + 1)])
            with own.autocommit() as connection:
                refresh_rollups(connection)

    assert at_once(work) == []
    with database.autocommit() as connection:
        refresh_rollups(connection)
    kept_up = rollups(database)
    with database.transaction() as connection:
        connection.execute(text("DELETE FROM app.readings_1m"))
        connection.execute(text("DELETE FROM app.readings_1h"))
        span = connection.execute(
            text("SELECT to_timestamp(:start), to_timestamp(:end)"), {"start": start, "end": end}
        ).one()
        rebuild_rollups(connection, *span)
    assert kept_up == rollups(database)
    assert [len(rows) for rows in kept_up] == [STATIONS * 300, STATIONS * 5]


def test_a_spool_that_comes_days_late_corrects_minutes_and_hours_already_condensed(database, devices, make):
    start = (time.time() // HOUR - 30) * HOUR
    first = [make.reading(devices[0].id, start + at, 1.0) for at in range(0, 2 * HOUR, 60)]
    late = [make.reading(devices[0].id, start + at + 30, 5.0) for at in range(0, 2 * HOUR, 60)]
    for readings in (first, late):
        put(database, readings)
        with database.autocommit() as connection:
            refresh_rollups(connection)
    minutes, hours = rollups(database)
    assert {row[2:7] for row in minutes} == {(1.0, 5.0, 3.0, 5.0, 2)}
    assert {row[2:7] for row in hours} == {(1.0, 5.0, 3.0, 5.0, 120)}
    assert (len(minutes), len(hours)) == (120, 2)
