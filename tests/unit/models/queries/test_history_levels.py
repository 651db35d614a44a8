"""Which data a chart of which span is made of: each level holds another value here, so a curve tells."""

import time
from contextlib import closing

import pytest
from sqlalchemy import text

from models.database import Database
from models.queries.catalogue import import_devices, load_devices
from models.queries.history import history
from models.queries.readings import insert_readings
from models.records.device_entry import DeviceEntry
from models.upkeep.rollups import refresh_rollups
from tests.unit.models.conftest import device, reading

HOUR, DAY = 3600, 86_400
RAW, MINUTES, HOURS = 1.0, 60.0, 3600.0


@pytest.fixture(scope="module")
def filled(database_server):
    """A database, its one device, and the present; 40 days back a reading every half an hour, condensed."""
    name = database_server.create()
    with closing(Database(database_server.url_of(name), "tests")) as database:
        moment = time.time()
        with database.transaction() as connection:
            import_devices(connection, [DeviceEntry(device(), ())])
            stored = load_devices(connection)[0].id
            fill(connection, stored, moment)
        yield database, stored, moment
    database_server.drop(name)


def fill(connection, stored, moment):
    start = (moment - 40 * DAY) // HOUR * HOUR
    connection.execute(
        text(
            "UPDATE app.rollup_progress SET (closed_before, rolled_before, hours_before) = "
            "(SELECT at, at, at FROM to_timestamp(:at) AS at)"
        ),
        {"at": start},
    )
    moments = range(0, int(moment - start) + 1, HOUR // 2)
    insert_readings(connection, [reading(stored, start + at, RAW) for at in moments])
    refresh_rollups(connection)
    connection.execute(text("UPDATE app.readings_1m SET rpm_high = :value"), {"value": MINUTES})
    connection.execute(text("UPDATE app.readings_1h SET rpm_high = :value"), {"value": HOURS})


@pytest.fixture
def curve(filled):
    """`curve(span_s, points)` is a chart that ends now; `curve(…, value)` with one more reading before."""
    database, stored, now = filled

    def drawn(span_s, points, value=None):
        with database.transaction() as connection:
            newest = [] if value is None else [reading(stored, now - 1, value)]
            insert_readings(connection, newest)
            (band,) = history(connection, stored, ["rpm"], now - span_s, now, points)
            connection.get_transaction().rollback()
        return band

    return drawn


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
def test_the_coarsest_level_that_still_fills_the_chart_is_read(curve, filled, span_s, points, level):
    band = curve(span_s, points)
    # No rollup may hold the last two hours yet.
    before = band.times < filled[2] - 2 * HOUR
    assert set(band.high[before].tolist()) == {level}


@pytest.mark.parametrize("span_s", [HOUR, DAY, 7 * DAY, 39 * DAY])
def test_the_newest_reading_is_in_a_chart_of_every_span(curve, span_s):
    assert curve(span_s, 1000, 9999.0).high[-1] == 9999.0
