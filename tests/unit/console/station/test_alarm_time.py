"""Telling the database the time: again and again, and never in the writer's way."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from console.station.alarm_time import AlarmTime
from console.station.health import LoopHealth
from console.station.store import DatabaseStore
from models.errors import DatabaseAway, NotAllowed
from models.queries.catalogue import import_devices
from models.records.device_entry import DeviceEntry


class Store:
    """Answers as told."""

    def __init__(self) -> None:
        self.told = 0
        self.error: Exception | None = None

    def pass_time(self) -> int:
        self.told += 1
        if self.error is not None:
            raise self.error
        return 0


@pytest.fixture
def health() -> LoopHealth:
    return LoopHealth()


@pytest.fixture
def told_store(tuning, health):
    """A store that is told the time every few milliseconds."""
    store = Store()
    time = AlarmTime(store, replace(tuning, judge_s=0.005, refused_s=60.0), health)  # type: ignore[arg-type]
    time.start()
    yield store
    time.stop()


@pytest.fixture
def committed_device_with_shelf(database, make_device, make_threshold):
    with database.transaction() as connection:
        import_devices(connection, [DeviceEntry(make_device(), (make_threshold(),))])
        connection.execute(
            text(
                "INSERT INTO app.alert_shelves (device_id, threshold_id, user_id, reason, shelved_at, until) "
                "SELECT t.device_id, t.id, t.user_id, 'work', now() - interval '2 min', "
                "  now() - interval '1 min' FROM app.alert_thresholds AS t"
            )
        )


def test_the_database_is_told_again_and_again_also_after_it_was_away(told_store, health, wait_until):
    wait_until(lambda: told_store.told > 3)
    told_store.error = DatabaseAway("gone")
    wait_until(lambda: health.failures > 2)
    told_store.error = None
    passed = health.passes
    wait_until(lambda: health.passes > passed + 2)


def test_a_database_that_refuses_is_not_asked_every_second(tuning, health):
    store = Store()
    store.error = NotAllowed("not a station")
    time = AlarmTime(store, replace(tuning, judge_s=1.0, refused_s=300.0), health)  # type: ignore[arg-type]
    assert time.tell() == 300.0
    store.error = None
    assert time.tell() == 1.0


def test_a_shelf_runs_out_by_the_station_telling_the_time(database, committed_device_with_shelf):
    assert DatabaseStore(database).pass_time() == 1
    with database.transaction() as connection:
        why = connection.execute(text("SELECT ended_why FROM app.alert_shelves")).scalar_one()
    assert why == "expired"


def test_a_database_from_before_shelves_is_told_nothing(database):
    with database.transaction() as connection:
        connection.execute(text("DROP FUNCTION app.pass_time()"))
    assert DatabaseStore(database).pass_time() == 0
