"""Which data a chart of which span is made of: each level holds another value here, so a curve tells."""

import time

import pytest
from sqlalchemy import text

from models.queries.history import history
from models.queries.readings import insert_readings
from models.upkeep.rollups import refresh_rollups

HOUR, DAY = 3600, 86_400
RAW, MINUTES, HOURS = 1.0, 60.0, 3600.0


@pytest.fixture
def now(connection, stored_device, make):
    """The present; 40 days back there is a reading every half an hour, condensed."""
    moment = time.time()
    start = (moment - 40 * DAY) // HOUR * HOUR
    connection.execute(
        text(
            "UPDATE app.rollup_progress SET (closed_before, rolled_before, hours_before) = "
            "(SELECT at, at, at FROM to_timestamp(:at) AS at)"
        ),
        {"at": start},
    )
    readings = [
        make.reading(stored_device.id, start + at, RAW) for at in range(0, int(moment - start) + 1, HOUR // 2)
    ]
    insert_readings(connection, readings)
    refresh_rollups(connection)
    connection.execute(text("UPDATE app.readings_1m SET rpm_high = :value"), {"value": MINUTES})
    connection.execute(text("UPDATE app.readings_1h SET rpm_high = :value"), {"value": HOURS})
    return moment


def highest(connection, device, now, span_s, points):
    """What a chart shows before its last two hours, which no rollup may hold yet."""
    (band,) = history(connection, device.id, ["rpm"], now - span_s, now, points)
    return set(band.high[band.times < now - 2 * HOUR].tolist())


@pytest.mark.parametrize(
    ("span_s", "points", "level"),
    [
        (5 * HOUR, 1000, RAW),
        (7 * HOUR, 1000, MINUTES),
        (7 * DAY, 1000, MINUTES),
        (7 * DAY, 150, HOURS),
        (39 * DAY, 900, HOURS),
        (39 * DAY, 4000, MINUTES),
    ],
)
def test_the_coarsest_level_that_still_fills_the_chart_is_read(
    connection, stored_device, now, span_s, points, level
):
    assert highest(connection, stored_device, now, span_s, points) == {level}


def test_the_newest_reading_is_in_a_chart_of_every_span(connection, stored_device, now, make):
    insert_readings(connection, [make.reading(stored_device.id, now - 1, 9999.0)])
    for span_s in (HOUR, DAY, 7 * DAY, 39 * DAY):
        (band,) = history(connection, stored_device.id, ["rpm"], now - span_s, now, 1000)
        assert band.high[-1] == 9999.0
