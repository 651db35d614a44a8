"""The oldest PostgreSQL we support, where one is installed: migrations and main questions run there too."""

import pytest
from sqlalchemy import text

from models.database import Database
from models.queries.alerts import active_alerts, apply_transitions
from models.queries.catalogue import import_devices, load_devices, load_thresholds
from models.queries.history import history
from models.queries.overview import device_overview
from models.queries.readings import insert_readings, iter_readings, latest_hour, recent_window
from models.queries.storage_facts import storage_facts
from models.records.alert import Transition, TransitionKind
from models.records.device_entry import DeviceEntry
from models.schema_guard import check_schema, upgrade_schema
from models.upkeep.partitions import ensure_partitions
from models.upkeep.rollups import rebuild_rollups, refresh_rollups
from tests.system_postgres import needs_system_postgres, system_postgres

pytestmark = needs_system_postgres


@pytest.fixture(scope="module")
def oldest():
    """A migrated database on PostgreSQL 15."""
    with system_postgres() as server:
        server.start()
        database = Database(server.owner_url, "tests")
        upgrade_schema(database)
        yield database
        database.close()


@pytest.fixture
def connection(oldest):
    with oldest.transaction() as opened:
        yield opened
        opened.get_transaction().rollback()


def test_the_schema_is_accepted(oldest):
    check_schema(oldest)


def test_readings_are_stored_condensed_and_found_again(connection, make):
    import_devices(connection, [DeviceEntry(make.device(), (make.threshold(),))])
    (device,) = load_devices(connection)
    # The hour is that of the transaction, which began a moment, and perhaps a second, ago.
    now = float(int(connection.execute(text("SELECT extract(epoch FROM now())")).scalar_one()))
    batch = [make.reading(device.id, now - 600 * i, float(i)) for i in range(288)]
    assert insert_readings(connection, batch) == 288
    assert insert_readings(connection, batch) == 0
    assert refresh_rollups(connection) > 0
    assert len(latest_hour(connection, device.id)) == 6
    assert len(recent_window(connection, [device.id], now - 1800)) == 4
    (band,) = history(connection, device.id, ["rpm"], now - 2 * 86400 + 600, now + 1, 500)
    # The first interval begins before the span, and may hold a reading more.
    assert band.low.min() == 0.0
    assert band.high.max() in (286.0, 287.0)
    assert device_overview(connection)[0].values[0] == 0.0
    span = connection.execute(text("SELECT now() - interval '1 hour', now()")).one()
    assert len(list(iter_readings(connection, [device.id], *span))) == 6


def test_alerts_are_raised(connection, make):
    import_devices(connection, [DeviceEntry(make.device(), (make.threshold(),))])
    (known,) = load_thresholds(connection)
    found = Transition(
        TransitionKind.RAISED, known.device, known.id, known.severity, 1.7e9, 71.0, 70.0, "hot"
    )
    assert apply_transitions(connection, [found, found]) == 1
    assert [alert.message for alert in active_alerts(connection)] == ["hot"]


def test_upkeep_runs(connection):
    ensure_partitions(connection, ahead_days=14)
    hour = connection.execute(text("SELECT date_trunc('hour', now())")).scalar_one()
    assert rebuild_rollups(connection, hour, hour) == 0
    assert storage_facts(connection).partitions >= 15


def test_the_server_is_the_one_meant(oldest):
    with oldest.transaction() as connection:
        assert connection.execute(text("SHOW server_version_num")).scalar_one().startswith("15")
