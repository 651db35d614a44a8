"""What the tests of models share: devices to write about, and a transaction that is taken back."""

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import text
from sqlalchemy.engine import Connection

from models.database import Database
from models.metrics import METRIC_COUNT
from models.queries.catalogue import import_devices, load_devices, load_thresholds
from models.records.device import Device, DeviceId, Tag
from models.records.device_entry import DeviceEntry
from models.records.reading import Reading
from models.records.threshold import Severity, Threshold, ThresholdId


@pytest.fixture
def connection(shared_database: Database) -> Iterator[Connection]:
    """A transaction on a migrated database without devices; taken back after the test."""
    with shared_database.transaction() as opened:
        yield opened
        opened.get_transaction().rollback()


@pytest.fixture(scope="session")
def shared_connection(shared_database: Database) -> Iterator[Connection]:
    """A connection for tests that only compute and write nothing."""
    with shared_database.autocommit() as opened:
        yield opened


def device(name: str = "DRIVE-01", **changes) -> Device:
    facts = {
        "id": DeviceId(0),
        "device_id": name,
        "name": f"Device {name}",
        "type": "drive",
        "location": "Hall A",
        "driver": "modbus-tcp",
        "connection": {"host": "127.0.0.1", "port": 1502, "unit": 2},
        "period_s": 1.0,
        "tags": (Tag("rpm", "holding:3202:int16"), Tag("temperature", "holding:3205:uint16", 0.1)),
    }
    return Device(**(facts | changes))


def threshold(metric: str = "temperature", severity: Severity = Severity.WARNING, **changes) -> Threshold:
    facts = {
        "id": ThresholdId(0),
        "device": DeviceId(0),
        "metric": metric,
        "min_value": None,
        "max_value": 70.0,
        "severity": severity,
        "deadband": 0.5,
        "on_delay_s": 2.0,
    }
    return Threshold(**(facts | changes))


def reading(of: int, at: float, value: float | None = 20.0, quality: int = 0, epoch: int = 0) -> Reading:
    """A reading with `value` in every metric."""
    return Reading(DeviceId(of), at, (value,) * METRIC_COUNT, quality, epoch)


@pytest.fixture
def make():
    """The builders above: `make.device("A")`, `make.threshold(max_value=3)`, `make.reading(1, at)`."""

    class Make:
        device = staticmethod(device)
        threshold = staticmethod(threshold)
        reading = staticmethod(reading)

    return Make


def _store(opened: Connection) -> Device:
    import_devices(opened, [DeviceEntry(device(), (threshold(),))])
    return load_devices(opened)[0]


@pytest.fixture
def stored_device(connection: Connection) -> Device:
    """A device with one threshold, as `connection` sees it."""
    return _store(connection)


@pytest.fixture
def stored_threshold(connection: Connection, stored_device: Device) -> Threshold:
    """The threshold of `stored_device`."""
    return load_thresholds(connection)[0]


@pytest.fixture
def committed_device(database: Database) -> Device:
    """A device with one threshold, committed to `database`."""
    with database.transaction() as opened:
        return _store(opened)


def _make_past(url: str, fill: Callable[[Connection], None]) -> str:
    with closing(Database(url, "tests")) as database, database.transaction() as opened:
        opened.execute(text("DROP SCHEMA IF EXISTS app CASCADE"))
        opened.execute(text("CREATE SCHEMA app"))
        fill(opened)
    return str(conninfo_to_dict(url)["dbname"])


@pytest.fixture(scope="module")
def newest_past(database_server, fill_past) -> Iterator[str]:
    """A database of an older release on the newest server; `fill_past` is the module's."""
    name = database_server.create(is_empty=True)
    yield _make_past(database_server.url_of(name), fill_past)
    database_server.drop(name)


@pytest.fixture(scope="module")
def oldest_past(oldest_database_server, fill_past) -> Iterator[str]:
    """The same on the oldest server."""
    with oldest_database_server.database() as url:
        yield _make_past(url, fill_past)


@pytest.fixture
def newest_before_url(database_server, newest_past: str) -> Iterator[str]:
    """The address of a copy of it; removed after the test."""
    name = database_server.create(source=newest_past)
    yield database_server.url_of(name)
    database_server.drop(name)


@pytest.fixture
def oldest_before_url(oldest_database_server, oldest_past: str) -> Iterator[str]:
    """The same on the oldest server."""
    with oldest_database_server.database(oldest_past) as url:
        yield url


@pytest.fixture(params=["newest", "oldest"])
def before_url(request: pytest.FixtureRequest) -> str:
    """The address of a database of the release before, with data; on the newest and the oldest server."""
    return str(request.getfixturevalue(f"{request.param}_before_url"))
