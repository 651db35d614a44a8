"""Alerts found while the database is away arrive later: all of them, in order, each with its own time."""

import time
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from console.station.alerts.alert_book import AlertBook
from console.station.clocks.clock import SystemClock
from console.station.evaluator import Evaluator
from console.station.health import LoopHealth
from console.station.outbox import Outbox
from console.station.store import DatabaseStore
from console.station.writer import Writer
from models.database import Database
from models.queries.catalogue import import_devices, load_devices, load_thresholds
from models.records.device_entry import DeviceEntry

VALUES = (80.0, 60.0, 85.0, 50.0, 90.0)


class Line:
    """One device on its way to the database, as in the station."""

    def __init__(self, database: Database, tuning) -> None:
        with database.transaction() as connection:
            device, thresholds = load_devices(connection)[0], load_thresholds(connection)
        self.evaluator = Evaluator(device, thresholds, ())
        self.book = AlertBook()
        self.outbox = Outbox(10_000, 100)
        store = DatabaseStore(database)
        self.writer = Writer(store, self.outbox, SystemClock(), tuning, LoopHealth())

    def judge(self, reading) -> None:
        self.outbox.put_transitions(self.book.admit(self.evaluator.judge(reading)))


@pytest.fixture
def line(database, tuning, make_device, make_threshold) -> Iterator[Line]:
    with database.transaction() as connection:
        import_devices(connection, [DeviceEntry(make_device(), (make_threshold(),))])
    made = Line(database, tuning)
    made.writer.start()
    yield made
    made.writer.stop()


def events(database: Database) -> list[tuple[str, float]]:
    with database.transaction() as connection:
        rows = connection.execute(
            text("SELECT kind, extract(epoch FROM at)::double precision FROM app.alert_events ORDER BY id")
        )
        return [(row[0], row[1]) for row in rows]


def test_alerts_found_while_the_database_is_away_arrive_in_order_with_their_own_times(
    line: Line, database, database_server, make_reading, wait_until
) -> None:
    with database.transaction() as connection:
        name = connection.execute(text("SELECT current_database()")).scalar_one()
    began = round(time.time() - 3600.0, 3)
    readings = [make_reading(value, began + 60.0 * place) for place, value in enumerate(VALUES)]
    line.judge(readings[0])
    wait_until(lambda: len(events(database)) == 1)
    database_server.run(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
    database_server.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    line.judge(readings[1])
    wait_until(lambda: bool(line.writer.trouble))
    for reading in readings[2:]:
        line.judge(reading)
    database_server.run(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    wait_until(lambda: not line.writer.trouble)
    wait_until(lambda: len(events(database)) == len(VALUES))
    found = events(database)
    assert [kind for kind, _ in found] == ["raised", "cleared", "reoccurred", "cleared", "reoccurred"]
    assert [at for _, at in found] == pytest.approx([reading.recorded_unix for reading in readings])
