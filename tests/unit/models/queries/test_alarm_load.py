"""The figures of a period against plain SQL over the same rows; and whose rows they are."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from models.queries.alarm_load import load_alarm_load
from models.queries.catalogue import import_devices, load_devices, load_thresholds
from models.records.alarm_load import FigureKey
from models.records.device_entry import DeviceEntry
from models.records.person import Role
from models.records.threshold import Severity
from tests.unit.models.queries.journal_rows import add_alert, add_many

UNTIL = datetime(2026, 3, 10, 6, tzinfo=UTC)
SINCE = UNTIL - timedelta(days=2)
K = FigureKey

# Plain SQL, written for itself: what each figure says, asked the slow way.
ASKED = "FROM app.alert_events AS e WHERE e.is_annunciated AND e.at >= :since AND e.at < :until"
PLAIN = {
    K.PER_HOUR: f"SELECT count(*) / 48.0 {ASKED}",
    K.BUSY_10_MIN: "SELECT 100.0 * avg((n > 10)::int) FROM (SELECT (SELECT count(*) FROM app.alert_events e"
    " WHERE e.is_annunciated AND e.at >= b AND e.at < b + interval '10 min') AS n FROM generate_series("
    "CAST(:since AS timestamptz), CAST(:until AS timestamptz) - interval '10 min', interval '10 min') AS b)"
    " AS bins",
    K.MOST_IN_10_MIN: "SELECT max((SELECT count(*) FROM app.alert_events AS o WHERE o.is_annunciated "
    f"AND o.at >= e.at AND o.at < e.at + interval '10 min' AND o.at < :until)) {ASKED}",
    K.TOP_TEN: "SELECT 100.0 * sum(n) FILTER (WHERE place <= 10) / sum(n) FROM (SELECT count(*) AS n, "
    f"row_number() OVER (ORDER BY count(*) DESC) AS place {ASKED} GROUP BY e.threshold_id) AS c",
    K.FLEETING: "SELECT count(DISTINCT a.threshold_id) FROM app.alerts AS a WHERE a.hidden_by = '' "
    "AND a.cleared_at - a.triggered_at <= interval '10 s' AND a.acknowledged_at >= a.cleared_at",
    K.CRITICAL_SHARE: "SELECT 100.0 * avg((a.severity = 'critical')::int) FROM app.alerts AS a "
    "WHERE a.hidden_by = ''",
    K.STANDING: "SELECT sum(extract(epoch FROM least(a.cleared_at, :until) - a.triggered_at)) / 172800 "
    "FROM app.alerts AS a WHERE a.hidden_by = ''",
    K.SUPPRESSED: "SELECT count(*) FROM app.alerts WHERE hidden_by <> ''",
    K.ACKNOWLEDGED_P50: "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM "
    "a.acknowledged_at - a.triggered_at)) FROM app.alerts AS a WHERE a.hidden_by = ''",
    K.ACKNOWLEDGED_P95: "SELECT percentile_cont(0.95) WITHIN GROUP (ORDER BY extract(epoch FROM "
    "a.acknowledged_at - a.triggered_at)) FROM app.alerts AS a WHERE a.hidden_by = ''",
}


@pytest.fixture(scope="module")
def filled(shared_database, module_make):
    """Fourteen thresholds of seven devices, and two days of alerts; taken back afterwards."""
    with shared_database.transaction() as conn:
        import_devices(
            conn,
            [
                DeviceEntry(
                    module_make.device(f"D-{n}"),
                    (
                        module_make.threshold(),
                        module_make.threshold("rpm", Severity.CRITICAL, max_value=900.0),
                    ),
                )
                for n in range(7)
            ],
        )
        conn.execute(text("UPDATE app.devices SET created_at = :at"), {"at": SINCE - timedelta(days=9)})
        person = conn.execute(text("SELECT min(id) FROM app.users")).scalar_one()
        add_many(conn, [threshold.id for threshold in load_thresholds(conn)], UNTIL, 400, person)
        yield conn
        conn.get_transaction().rollback()


@pytest.fixture(scope="module")
def module_make():
    from tests.unit.models import conftest

    class Make:
        device = staticmethod(conftest.device)
        threshold = staticmethod(conftest.threshold)

    return Make


@pytest.fixture(scope="module")
def load(filled):
    return load_alarm_load(filled, SINCE, UNTIL)


@pytest.mark.parametrize("key", PLAIN)
def test_a_figure_is_what_plain_sql_says(filled, load, key):
    used = {name: value for name, value in (("since", SINCE), ("until", UNTIL)) if f":{name}" in PLAIN[key]}
    plain = filled.execute(text(PLAIN[key]), used).scalar_one()
    assert float(plain) > 0
    assert load.figure(key).value == pytest.approx(float(plain), rel=1e-6)


def test_the_counts_of_each_ten_minutes_are_all_annunciations(filled, load):
    plain = filled.execute(text(f"SELECT count(*) {ASKED}"), {"since": SINCE, "until": UNTIL}).scalar_one()
    assert (sum(load.counts), len(load.counts), load.annunciations) == (plain, 288, plain)
    assert load.floods


def test_sources_are_named_by_device_and_limit(load):
    assert {(source.name, source.label) for source in load.sources} >= {
        ("Device D-0", "Temperature above 70\N{NO-BREAK SPACE}°C"),
        ("Device D-0", "Speed above 900\N{NO-BREAK SPACE}rpm"),
    }


def test_what_was_before_anything_was_recorded_is_not_counted(connection, stored_device):
    now = datetime.now(UTC)
    load = load_alarm_load(connection, now - timedelta(days=30), now)
    added = connection.execute(text("SELECT min(created_at) FROM app.devices")).scalar_one()
    assert load.since_unix == pytest.approx(added.timestamp(), abs=1)
    assert load.asked_since_unix == pytest.approx((now - timedelta(days=30)).timestamp())
    assert not load.is_verdict


def test_a_site_without_devices_has_no_figures(connection):
    now = datetime.now(UTC)
    load = load_alarm_load(connection, now - timedelta(days=1), now)
    assert (load.is_empty, load.figures) == (True, ())


def test_lines_from_before_annunciations_were_noted_count_as_asked(connection, stored_threshold):
    at = datetime.now(UTC) - timedelta(hours=1)
    alert = add_alert(connection, stored_threshold.id, at, is_hidden=True)
    connection.execute(text("SET LOCAL session_replication_role = replica"))
    connection.execute(
        text("UPDATE app.alert_events SET is_annunciated = NULL WHERE alert_id = :id"), {"id": alert}
    )
    load = load_alarm_load(connection, at - timedelta(hours=1), datetime.now(UTC))
    assert load.annunciations == 1


def test_alerts_of_a_threshold_that_was_removed_are_counted_and_say_so(connection, stored_threshold):
    at = datetime.now(UTC) - timedelta(hours=1)
    add_alert(connection, stored_threshold.id, at, stood_s=60, acknowledged_s=70)
    connection.execute(
        text("DELETE FROM app.alert_thresholds WHERE id = :id"), {"id": int(stored_threshold.id)}
    )
    load = load_alarm_load(connection, at - timedelta(hours=1), datetime.now(UTC))
    assert [(s.threshold, s.label) for s in load.sources] == [
        (None, "Temperature: limit (threshold removed)")
    ]


def test_time_on_the_shelf_ends_when_its_time_has_run_out(connection, stored_threshold):
    now = datetime.now(UTC)
    person = connection.execute(text("SELECT min(id) FROM app.users")).scalar_one()
    connection.execute(
        text(
            "INSERT INTO app.alert_shelves (device_id, threshold_id, user_id, reason, shelved_at, until) "
            "VALUES (:device, :threshold, :person, 'valve', :at, :until)"
        ),
        {
            "device": stored_threshold.device,
            "threshold": stored_threshold.id,
            "person": person,
            "at": now - timedelta(hours=2),
            "until": now - timedelta(hours=1),
        },
    )
    connection.execute(text("UPDATE app.devices SET created_at = :at"), {"at": now - timedelta(days=1)})
    load = load_alarm_load(connection, now - timedelta(hours=4), now)
    assert load.figure(K.SHELVED).value == pytest.approx(0.25, abs=1e-3)


def test_an_engineers_report_is_about_own_devices(newest_site, module_make):
    engineer = newest_site.add(Role.USER)
    with newest_site.owner.transaction() as conn:
        entries = [DeviceEntry(module_make.device(name), (module_make.threshold(),)) for name in "AB"]
        import_devices(conn, entries)
        mine = next(device for device in load_devices(conn) if device.device_id == "A")
        conn.execute(
            text("UPDATE app.devices SET user_id = :person WHERE id = :id"),
            {"person": engineer.id, "id": mine.id},
        )
        at = datetime.now(UTC) - timedelta(minutes=30)
        conn.execute(text("UPDATE app.devices SET created_at = :at"), {"at": at - timedelta(hours=1)})
        for threshold in load_thresholds(conn):
            add_alert(conn, threshold.id, at)
    with newest_site.signed_in(engineer).transaction() as conn:
        load = load_alarm_load(conn, at - timedelta(hours=1), datetime.now(UTC))
    assert [source.device for source in load.sources] == [mine.id]
