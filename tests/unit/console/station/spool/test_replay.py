"""The way back into a real PostgreSQL, with a death at every step of it."""

import shutil
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from console.station.store import DatabaseStore
from models.database import Database
from models.queries.catalogue import import_devices, load_devices
from models.records.device import DeviceId
from models.records.device_entry import DeviceEntry
from models.records.reading import Reading

COUNT = 2000


@pytest.fixture
def device(database: Database, make_device) -> DeviceId:
    with database.transaction() as connection:
        import_devices(connection, [DeviceEntry(make_device(), ())])
        return load_devices(connection)[0].id


@pytest.fixture
def waiting(make_bench, device: DeviceId) -> list[Reading]:
    """Readings that an earlier run left in the spool."""
    began = float(int(time.time()) - COUNT)
    made = [Reading(device, began + place, (1.5, None, 2.0, None, 0.0, -1.0), 10) for place in range(COUNT)]
    bench = make_bench(batch=100)
    bench.store.is_away = True
    bench.start()
    bench.outbox.put_readings(made)
    bench.stop()
    return made


def rows(database: Database) -> list[float]:
    statement = "SELECT extract(epoch FROM recorded_at)::double precision FROM app.sensor_readings ORDER BY 1"
    with database.transaction() as connection:
        return list(connection.execute(text(statement)).scalars())


def test_everything_that_waited_is_in_the_database_once(
    make_bench, database: Database, waiting: list[Reading], wait_until
) -> None:
    bench = make_bench(at=DatabaseStore(database)).start()
    wait_until(lambda: bench.counts.stored == COUNT)
    assert rows(database) == [reading.recorded_unix for reading in waiting]
    assert (bench.counts.taken, bench.counts.waiting) == (COUNT, 0)


def test_death_between_the_database_and_the_disk_doubles_nothing(
    make_bench, database: Database, waiting: list[Reading], tmp_path: Path, wait_until
) -> None:
    # What a death at this instant leaves: all of it in the database, and still on the disk.
    shutil.copytree(tmp_path / "spool", tmp_path / "after death")
    bench = make_bench(at=DatabaseStore(database)).start()
    wait_until(lambda: bench.counts.stored == COUNT)
    bench.stop()
    later = make_bench(at=DatabaseStore(database), folder=tmp_path / "after death").start()
    wait_until(lambda: later.counts.stored == COUNT)
    assert rows(database) == [reading.recorded_unix for reading in waiting]
