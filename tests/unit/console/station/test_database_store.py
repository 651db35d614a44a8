"""The real store, by a station's own login: what it writes says under which lease it was recorded."""

import time
from urllib.parse import quote

import pytest
from sqlalchemy import text

from console.station.store import DatabaseStore, Load
from models.database import Database
from models.errors import NotAllowed
from models.queries.catalogue import import_devices
from models.records.device import Device, DeviceId
from models.records.device_entry import DeviceEntry
from models.records.reading import Reading

PASSWORD = "a long enough word"


@pytest.fixture
def station_login(database, database_url):
    """A station's own way to a database with one device (id 1)."""
    device = Device(DeviceId(0), "A", "A", "drive", "Hall A", "", {}, 1.0, ())
    with database.transaction() as connection:
        name = connection.execute(text("SELECT 'st_' || current_database()")).scalar_one()
        connection.execute(text(f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}' IN ROLE console_station"))
        connection.execute(text("INSERT INTO app.stations (name, db_role) VALUES ('A', :n)"), {"n": name})
        import_devices(connection, [DeviceEntry(device, ())])
    owner = database_url.split("//")[1].split("@")[0]
    opened = Database(database_url.replace(f"//{owner}@", f"//{name}:{quote(PASSWORD)}@"), "tests")
    yield opened
    opened.close()


def load(*seconds_ago, epoch=0):
    now = time.time()
    return Load(readings=[Reading(DeviceId(1), now - ago, (1.0,) * 6, 0, epoch) for ago in seconds_ago])


def entered(store):
    """Begin as a station, and return the epoch of the device's lease."""
    identity = store.enter()
    return store.renew(identity.incarnation, (), None, "", ()).leases[0].epoch


def epochs(database):
    with database.transaction() as connection:
        return connection.execute(text("SELECT epoch FROM app.sensor_readings ORDER BY id")).scalars().all()


def test_every_reading_names_the_lease_under_which_it_was_recorded(database, station_login):
    store = DatabaseStore(station_login)
    first = entered(store)
    store.write(load(0, epoch=first))
    second = entered(store)
    store.write(load(0, epoch=second))
    assert epochs(database) == [first, second]
    assert first < second


def test_reading_without_a_lease_is_fenced_and_counted(database, station_login):
    assert DatabaseStore(station_login).write(load(5, epoch=77)).fenced == 1
    assert epochs(database) == []


def test_a_station_that_works_is_seen_to_live(database, station_login):
    DatabaseStore(station_login).refresh_rollups()
    with database.transaction() as connection:
        seen = connection.execute(text("SELECT now() - last_seen < interval '1 minute' FROM app.stations"))
        assert seen.scalars().all() == [True]


def test_whoever_set_the_server_up_records_without_a_station_name(database, station_login):
    DatabaseStore(database).write(load(1))
    assert epochs(database) == [0]


def test_a_station_that_was_switched_off_stores_nothing(database, station_login):
    store = DatabaseStore(station_login)
    with database.transaction() as connection:
        connection.execute(text("UPDATE app.stations SET is_enabled = false"))
    with pytest.raises(NotAllowed, match="only a station may do this"):
        store.write(load(1))
    assert epochs(database) == []
