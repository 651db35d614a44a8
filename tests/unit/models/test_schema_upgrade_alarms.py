"""The release before this one goes on raising, acknowledging and editing limits while 0014 arrives."""

import threading
from contextlib import closing

import pytest
from sqlalchemy import text

from models.alarm_states import AlarmState
from models.database import Database
from models.queries.alerts import alert_history, open_alerts
from models.queries.audit_chain import verify_audit
from models.queries.catalogue import load_thresholds
from models.records.alert import AlertStatus
from models.records.shelf import HiddenBy
from models.records.threshold import RuleKind
from models.schema_guard import migrate, upgrade_schema

BEFORE = "0013"
DATA = """
INSERT INTO app.users (email, password_hash, name, role, db_role)
SELECT 'root@localhost', '!', 'Owner', 'admin', session_user
WHERE NOT EXISTS (SELECT FROM app.users WHERE db_role = session_user);
INSERT INTO app.devices (device_id, name, type, location, metadata)
SELECT 'D' || i, 'Device ' || i, 'drive', 'Hall', '{}' FROM generate_series(1, 40) AS i;
INSERT INTO app.alert_thresholds (device_id, user_id, metric_type, max_value, severity)
SELECT d.id, (SELECT min(id) FROM app.users), 'rpm', 70, 'warning' FROM app.devices AS d;
UPDATE app.alert_thresholds SET enabled = false WHERE device_id = 40;
"""
# As the programs of that release say it, station and window.
RAISE = """
SELECT app.apply_transition(:kind, t.device_id, t.id, 'warning', clock_timestamp(), 71, 70, 'hot')
FROM app.alert_thresholds AS t WHERE t.device_id = :device
"""
ACKNOWLEDGE = (
    "SELECT * FROM app.acknowledge_alerts(ARRAY(SELECT id FROM app.alerts WHERE device_id = :device))"
)
EDIT = """
UPDATE app.alert_thresholds SET metric_type = 'rpm', min_value = NULL, max_value = 71, severity = 'warning',
    enabled = true, deadband = 1, on_delay_s = 0, off_delay_s = 0 WHERE device_id = :device
"""
LIFE = (
    (RAISE, {"kind": "raised"}),
    (ACKNOWLEDGE, {}),
    (EDIT, {}),
    (RAISE, {"kind": "cleared"}),
)


@pytest.fixture(scope="module")
def fill_past():
    """Put the release before and its data into an empty schema."""

    def fill(connection):
        migrate(connection, BEFORE)
        connection.exec_driver_sql(DATA)
        for device in (1, 2):
            connection.execute(text(RAISE), {"kind": "raised", "device": device})
        connection.execute(text(ACKNOWLEDGE), {"device": 2})

    return fill


@pytest.fixture
def before(before_url):
    with closing(Database(before_url, "tests")) as database:
        yield database


def live(database, device):
    """One alarm's life, as the release before lives it."""
    for statement, values in LIFE:
        with database.transaction() as connection:
            connection.execute(text(statement), {"device": device, **values})


def test_what_was_open_before_is_open_after_and_in_the_state_it_was_in(before):
    upgrade_schema(before)
    with before.transaction() as connection:
        found = {alert.device_name: alert for alert in open_alerts(connection)}
        rules = {threshold.rule for threshold in load_thresholds(connection)}
    assert {name: alert.state for name, alert in found.items()} == {
        "Device 1": AlarmState.UNACKNOWLEDGED,
        "Device 2": AlarmState.ACKNOWLEDGED,
    }
    assert {alert.hidden_by for alert in found.values()} == {HiddenBy.NOTHING}
    assert rules == {RuleKind.LIMIT}


def test_the_release_before_lives_its_alarms_through_the_upgrade_and_after(before, before_url):
    started, done, lived, failures = threading.Event(), threading.Event(), [], []

    def go_on():
        with closing(Database(before_url, "the release before", pool_size=1)) as own:
            for device in range(3, 38):
                try:
                    live(own, device)
                except Exception as error:  # noqa: BLE001 - shown by the assertion below
                    failures.append(error)
                    return
                lived.append((device, done.is_set()))
                started.set()
                if device > 20:
                    done.wait(60)

    writer = threading.Thread(target=go_on)
    writer.start()
    assert started.wait(10)
    upgrade_schema(before)
    done.set()
    writer.join(60)
    assert failures == []
    assert {is_after for _device, is_after in lived} == {False, True}
    with before.transaction() as connection:
        ended = [alert for alert in alert_history(connection, 100) if alert.device > 2]
        assert len(ended) == 35
        assert {alert.status for alert in ended} == {AlertStatus.RESOLVED}
        assert verify_audit(connection).is_whole


def test_a_threshold_that_was_switched_off_before_is_out_of_service_after(before):
    upgrade_schema(before)
    with before.transaction() as connection:
        values = {"kind": "raised", "device": 40}
        assert connection.execute(text(RAISE), values).scalar_one() is False


def test_the_same_finding_told_before_and_after_the_upgrade_is_one(before):
    again = RAISE.replace("clock_timestamp()", "'2026-01-01T00:00Z'")
    with before.transaction() as connection:
        assert connection.execute(text(again), {"kind": "raised", "device": 5}).scalar_one()
    upgrade_schema(before)
    with before.transaction() as connection:
        assert not connection.execute(text(again), {"kind": "raised", "device": 5}).scalar_one()
