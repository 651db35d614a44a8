"""A database of the release before there were logins is upgraded, with data in it, while it is written to."""

import threading
from contextlib import closing

import pytest
from sqlalchemy import text

from models.database import Database
from models.errors import DatabaseAway
from models.migrations import REVISION
from models.queries.alerts import alert_history
from models.queries.audit import audit_page
from models.queries.audit_chain import verify_audit
from models.queries.catalogue import load_devices, load_thresholds
from models.queries.readings import latest_hour
from models.records.audit import AuditFilter
from models.schema_guard import check_schema, migrate, upgrade_schema

BEFORE = "0007"
DATA = """
INSERT INTO app.users (email, password_hash, name, role, db_role)
VALUES ('root@localhost', '!', 'Owner', 'admin', session_user);
INSERT INTO app.devices (device_id, name, type, location, user_id, metadata)
SELECT 'D' || i, 'Device ' || i, 'drive', 'Hall', 1, '{"driver": "modbus-tcp", "connection": {"host": "h"},
       "period_s": 1.0, "tags": []}' FROM generate_series(1, 3) AS i;
INSERT INTO app.alert_thresholds (device_id, user_id, metric_type, max_value, severity)
SELECT id, 1, 'rpm', 70, 'warning' FROM app.devices;
INSERT INTO app.sensor_readings (device_id, recorded_at, rpm)
SELECT d, t, 50 FROM generate_series(1, 3) AS d,
       generate_series(now() - interval '26 hours', now(), '1 minute') AS t;
INSERT INTO app.device_latest (device_id, recorded_at, rpm)
SELECT device_id, max(recorded_at), 50 FROM app.sensor_readings GROUP BY 1;
SELECT app.apply_transition('raised', d.id, t.id, 'warning', now(), 71, 70, 'hot')
FROM app.devices AS d JOIN app.alert_thresholds AS t ON t.device_id = d.id;
"""
# As the program of that release calls it.
STORE = """
SELECT app.store_readings(ARRAY[1::bigint], ARRAY[at], ARRAY[1.0], ARRAY[1.0], ARRAY[1.0], ARRAY[1.0],
                          ARRAY[1.0], ARRAY[1.0], ARRAY[0::smallint], at, ARRAY[1])
FROM clock_timestamp() AS at
"""


@pytest.fixture(scope="module")
def fill_past():
    """Put the release before and its data into an empty schema."""

    def fill(connection):
        migrate(connection, BEFORE)
        connection.exec_driver_sql(DATA)

    return fill


@pytest.fixture
def before(before_url):
    with closing(Database(before_url, "tests")) as database:
        yield database


def test_everything_that_was_there_is_there_and_from_now_on_recorded(before):
    assert upgrade_schema(before).endswith(f"was upgraded from revision {BEFORE} to {REVISION}.")
    assert check_schema(before).notice == ""
    with before.transaction() as connection:
        devices = load_devices(connection)
        assert [device.device_id for device in devices] == ["D1", "D2", "D3"]
        assert len(load_thresholds(connection)) == 3
        assert [alert.message for alert in alert_history(connection, 10)] == ["hot"] * 3
        assert len(latest_hour(connection, devices[0].id, None)) == 60
        connection.execute(text("UPDATE app.devices SET name = 'Saw' WHERE device_id = 'D1'"))
    with before.transaction() as connection:
        (line,) = audit_page(connection, AuditFilter(table="devices"), 10)
        assert (line.after, line.who) == ({"name": "Saw"}, "Owner")
        assert verify_audit(connection).is_whole


def test_the_program_before_goes_on_writing_while_the_database_is_upgraded(before, before_url):
    done, stored, failures = threading.Event(), [], []

    def write():
        with closing(Database(before_url, "the release before", pool_size=1)) as own:
            while not (done.is_set() and stored[-1] > stored[0] + 20):
                try:
                    with own.transaction() as connection:
                        count = connection.exec_driver_sql(STORE).scalar_one()
                except Exception as error:  # noqa: BLE001 - shown by the assertion below
                    failures.append(error)
                    return
                stored.append((stored[-1] if stored else 0) + count)
                started.set()

    started = threading.Event()
    writer = threading.Thread(target=write)
    writer.start()
    assert started.wait(10)
    upgrade_schema(before)
    done.set()
    writer.join(30)
    with before.transaction() as connection:
        found = connection.execute(
            text("SELECT count(*) FROM app.sensor_readings WHERE temperature = 1.0")
        ).scalar_one()
    assert failures == []
    assert found == stored[-1] > 20


def test_two_upgrades_at_once_upgrade_once(before_url):
    told, together = [], threading.Barrier(2)

    def upgrade():
        with closing(Database(before_url, "upgrade")) as own:
            together.wait(10)
            told.append(upgrade_schema(own))

    threads = [threading.Thread(target=upgrade) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted("was upgraded" in sentence for sentence in told) == [False, True]


def test_a_report_that_stays_open_is_not_waited_for_for_ever_and_holds_up_nobody(before, before_url):
    pauses = []
    with closing(Database(before_url, "report")) as reports, reports.transaction() as report:
        report.execute(text("SELECT count(*) FROM app.devices"))

        def pause(seconds):
            # What others do between two attempts: the queue behind the upgrade is gone.
            pauses.append(seconds)
            with before.transaction() as connection:
                connection.execute(text("SET LOCAL lock_timeout = '100ms'"))
                connection.exec_driver_sql(STORE)

        with pytest.raises(
            DatabaseAway, match=r"not upgraded, and nothing in it changed: .* main\.py db upgrade"
        ):
            upgrade_schema(before, pause)
    assert len(pauses) == 9
    with before.transaction() as connection:
        assert connection.execute(text("SELECT version_num FROM app.schema_revision")).scalar_one() == BEFORE


def test_an_upgrade_succeeds_as_soon_as_the_report_is_closed(before, before_url):
    with closing(Database(before_url, "report")) as reports:
        report = reports.transaction()
        report.__enter__().execute(text("SELECT count(*) FROM app.devices"))
        said = upgrade_schema(before, lambda _: report.__exit__(None, None, None))
    assert "was upgraded" in said
