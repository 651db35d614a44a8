"""What the audit trail records of every table, and what it keeps to itself."""

import json
import threading
import time
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from models.database import Database
from models.errors import NotAllowed, StorageError
from models.queries.audit import (
    audit_head,
    audit_page,
    audited_tables,
    export_audit,
    note_refusal,
    note_sign_in,
)
from models.queries.audit_chain import verify_audit
from models.queries.device_states import write_states
from models.queries.people import current_person
from models.queries.readings import insert_readings
from models.records.audit import AuditChange, AuditFilter, AuditOperation
from models.records.device import DeviceState, DeviceStatus

EVERYTHING = AuditFilter()
TABLES = {"alert_thresholds", "alerts", "devices", "ota_deployments", "ota_versions", "stations", "users"}

# One row of each table, what is changed in it, and the column that then differs with its two values.
CHANGES = {
    "users": (
        "INSERT INTO app.users (email, password_hash, name, role) VALUES ('n@x.org', '!', 'Nina', 'user')",
        "UPDATE app.users SET role = 'operator' WHERE email = 'n@x.org'",
        ("role", "user", "operator"),
    ),
    "stations": (
        "INSERT INTO app.stations (name, db_role) VALUES ('North', 'st_north')",
        "UPDATE app.stations SET is_enabled = false",
        ("is_enabled", True, False),
    ),
    "devices": (
        "INSERT INTO app.devices (device_id, name, type, location) VALUES ('X', 'Press', 'drive', 'Hall')",
        "UPDATE app.devices SET name = 'Saw' WHERE device_id = 'X'",
        ("name", "Press", "Saw"),
    ),
    "alert_thresholds": (
        "INSERT INTO app.alert_thresholds (device_id, user_id, metric_type, max_value, severity) "
        "SELECT min(id), 1, 'rpm', 5, 'info' FROM app.devices",
        "UPDATE app.alert_thresholds SET max_value = 7 WHERE metric_type = 'rpm'",
        ("max_value", 5, 7),
    ),
    "alerts": (
        "INSERT INTO app.alerts (device_id, severity, message, triggered_at) "
        "SELECT min(id), 'info', 'hot', now() FROM app.devices",
        "UPDATE app.alerts SET status = 'resolved'",
        ("status", "active", "resolved"),
    ),
    "ota_versions": (
        "INSERT INTO app.ota_versions (version, firmware_url) VALUES ('1.0.0', 'https://x')",
        "UPDATE app.ota_versions SET firmware_url = 'https://y'",
        ("firmware_url", "https://x", "https://y"),
    ),
    "ota_deployments": (
        "WITH v AS (INSERT INTO app.ota_versions (version, firmware_url) VALUES ('2', 'u') RETURNING id) "
        "INSERT INTO app.ota_deployments (device_id, version_id) "
        "SELECT (SELECT min(id) FROM app.devices), v.id FROM v",
        "UPDATE app.ota_deployments SET status = 'in_progress'",
        ("status", "pending", "in_progress"),
    ),
}


def run(database, *statements):
    with database.transaction() as connection:
        for statement in statements:
            connection.execute(text(statement))


def page(database, chosen=EVERYTHING, limit=100, after=None):
    with database.transaction() as connection:
        return audit_page(connection, chosen, limit, after)


def verdict(database):
    with database.transaction() as connection:
        return verify_audit(connection)


def test_the_tables_that_are_recorded_are_known_by_name(connection):
    assert set(audited_tables(connection)) >= TABLES | {"alert_events"}


def test_no_column_of_a_recorded_table_escapes_but_what_programs_touch_all_day(connection):
    escaping = connection.execute(
        text(
            "SELECT c.relname || '.' || a.attname "
            "FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid "
            "JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
            # A trigger that lists no columns watches all.
            "WHERE t.tgname = 'audit_changed' AND t.tgattr::text <> '' AND a.attnum <> ALL(t.tgattr) "
            "AND a.attname <> 'updated_at'"
        )
    )
    assert set(escaping.scalars()) == {
        *(f"devices.{name}" for name in ("status", "status_detail", "last_seen")),
        *(f"stations.{name}" for name in ("last_seen", "incarnation", "version")),
        # Who polls what stands in lease_history; people only choose.
        *(f"device_leases.{name}" for name in ("device_id", "station_id", "epoch", "since")),
        *(f"station_leases.{name}" for name in ("station_id", "incarnation", "lease_until", "renewed_at")),
        *(f"station_leases.{name}" for name in ("witness", "report")),
        # Who conducts a rollout changes by itself; how far a station has come with a device has a journal of
        # its own, ota_events. What became of the device (status, outcome, error, when) is recorded here.
        *(f"ota_rollouts.conductor_{name}" for name in ("id", "incarnation", "epoch", "until")),
        *(f"ota_deployments.{name}" for name in ("step", "step_deadline", "attempt", "next_attempt_at")),
        *(f"ota_deployments.{name}" for name in ("progress_percent", "bytes_sent", "waits_for")),
        *(f"ota_deployments.{name}" for name in ("driver_epoch", "serial", "from_version")),
        *(f"ota_deployments.{name}" for name in ("observed_version", "flipped_at", "flip_words")),
    }


@pytest.mark.parametrize("table", CHANGES)
def test_a_change_is_recorded_with_who_when_where_before_and_after(database, committed_device, table):
    add, change, (column, before, after) = CHANGES[table]
    started = time.time()
    run(database, add)
    run(database, change)
    changed, added = page(database, AuditFilter(table=table))[:2]
    with database.transaction() as connection:
        me = current_person(connection)
    assert (added.operation, changed.operation) == (AuditOperation.ADDED, AuditOperation.CHANGED)
    assert added.after["id"] == int(added.key) == int(changed.key)
    assert (changed.before, changed.after) == ({column: before}, {column: after})
    assert (changed.actor, changed.person_id, changed.who) == ("console_owner", me.id, me.name)
    assert (changed.workstation, changed.client) == ("tests", "")
    assert started - 60 < added.at.timestamp() <= changed.at.timestamp() < time.time() + 60
    assert changed.seq == added.seq + 1
    assert changed.txid > added.txid


def test_a_removed_row_stays_written(database, committed_device):
    run(database, "DELETE FROM app.alert_thresholds")
    (removed, _) = page(database, AuditFilter(table="alert_thresholds"))
    assert (removed.operation, removed.before["max_value"], removed.after) == (AuditOperation.REMOVED, 70, {})


def test_what_emptied_a_table_is_recorded(database):
    run(database, "TRUNCATE app.ota_deployments")
    assert [(line.operation, line.table) for line in page(database, limit=1)] == [
        (AuditOperation.EMPTIED, "ota_deployments")
    ]


def test_heartbeats_and_readings_are_not_recorded(database, committed_device, make):
    before = page(database, limit=1)
    with database.transaction() as connection:
        write_states(
            connection, [DeviceState(committed_device.id, DeviceStatus.ONLINE, "", datetime.now(UTC))]
        )
        insert_readings(connection, [make.reading(committed_device.id, time.time())])
    run(database, "UPDATE app.devices SET name = name, status = 'error'")
    assert page(database, limit=1) == before


def test_names_e_mails_and_hashes_of_persons_are_never_copied(database):
    secret = "$2b$12$" + "x" * 53
    run(database, CHANGES["users"][0])
    run(
        database,
        f"UPDATE app.users SET name = 'Olga', email = 'o@x.org', password_hash = '{secret}' "
        "WHERE email = 'n@x.org'",
    )
    changed, added = page(database, AuditFilter(table="users"))[:2]
    hidden = {"name", "email", "password_hash"}
    assert changed.after == changed.before == dict.fromkeys(hidden, "(changed)")
    assert not hidden & set(added.after)
    written = json.dumps([dict(line.after) for line in page(database)])
    assert not [word for word in ("Nina", "Olga", "x.org", secret) if word in written]


def test_a_sealed_value_stays_sealed(database, committed_device):
    sealed = {"connection": {"password": {"$sealed": {"key": "1", "text": "abc"}}}}
    # Whether it is sealed with the present key is another's question.
    run(database, "ALTER TABLE app.devices DISABLE TRIGGER guard_secrets")
    with database.transaction() as connection:
        connection.execute(text("UPDATE app.devices SET metadata = :it"), {"it": json.dumps(sealed)})
    assert page(database, limit=1)[0].after["metadata"] == sealed


def test_who_was_anonymised_is_nameless_in_what_was_written_before(database):
    run(database, CHANGES["ota_versions"][0])
    run(database, "UPDATE app.users SET name = 'Former person 1' WHERE id = 1")
    assert {line.who for line in page(database)} == {"Former person 1"}
    assert verdict(database).is_whole


def test_what_was_rolled_back_leaves_nothing(database):
    before = page(database, limit=1)
    with pytest.raises(StorageError):
        run(database, CHANGES["ota_versions"][0], "SELECT 1 / 0")
    run(database, CHANGES["ota_versions"][0])
    assert page(database, limit=1)[0].seq == before[0].seq + 1


def test_what_was_taken_back_to_a_savepoint_leaves_nothing(database, committed_device):
    with database.transaction() as connection:
        connection.execute(text("UPDATE app.devices SET name = 'kept'"))
        with connection.begin_nested() as savepoint:
            connection.execute(text("UPDATE app.devices SET name = 'lost'"))
            savepoint.rollback()
    assert [line.after for line in page(database, limit=1)] == [{"name": "kept"}]
    assert verdict(database).is_whole


def test_constraints_checked_at_once_do_not_break_the_chain(database, committed_device):
    with database.transaction() as connection:
        connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        for name in ("one", "two"):
            connection.execute(text(f"UPDATE app.devices SET name = '{name}'"))
        with connection.begin_nested() as savepoint:
            connection.execute(text("UPDATE app.devices SET name = 'lost'"))
            savepoint.rollback()
        connection.execute(text("UPDATE app.devices SET name = 'three'"))
    assert [line.after["name"] for line in page(database, limit=3)] == ["three", "two", "one"]
    assert verdict(database).is_whole


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE app.audit_log SET actor = 'nobody'",
        "DELETE FROM app.audit_log",
        "TRUNCATE app.audit_log",
        "DELETE FROM app.audit_head",
    ],
)
def test_the_trail_is_append_only_even_for_its_owner(database, statement):
    with pytest.raises(NotAllowed, match="append-only"):
        run(database, statement)


def test_pages_follow_each_other_without_a_gap(database):
    for number in range(7):
        run(database, f"INSERT INTO app.ota_versions (version, firmware_url) VALUES ('{number}', 'u')")
    whole = [line.seq for line in page(database)]
    first = [line.seq for line in page(database, limit=4)]
    assert first + [line.seq for line in page(database, limit=100, after=first[-1])] == whole


@pytest.mark.parametrize(
    ("chosen", "names"),
    [
        (AuditFilter(table="ota_versions", key="1"), ["a_%", "a_%"]),
        (AuditFilter(table="ota_versions", operation=AuditOperation.ADDED), ["B", "a_%"]),
        (AuditFilter(text="A_%"), ["a_%"]),
        (AuditFilter(text="'; DROP TABLE app.users --"), []),
        (AuditFilter(person_id=999), []),
        (AuditFilter(station_id=1), []),
    ],
)
def test_lines_are_found_by_what_is_asked_for(database, chosen, names):
    for name in ("a_%", "B"):
        run(database, f"INSERT INTO app.ota_versions (version, firmware_url) VALUES ('{name}', 'u')")
    run(database, "UPDATE app.ota_versions SET firmware_url = 'v' WHERE id = 1")
    found = page(database, chosen)
    assert [line.after.get("version", "a_%") for line in found] == names


def test_a_span_of_time_begins_with_its_first_moment_and_ends_before_its_last(database):
    for number in range(3):
        run(database, f"INSERT INTO app.ota_versions (version, firmware_url) VALUES ('{number}', 'u')")
    last, middle, first = page(database, AuditFilter(table="ota_versions"))
    assert page(database, AuditFilter(since=first.at, until=last.at)) == [middle, first]


def test_an_export_has_every_line_oldest_first(database):
    for number in range(3):
        run(database, f"INSERT INTO app.ota_versions (version, firmware_url) VALUES ('{number}', 'u')")
    with database.transaction() as connection:
        exported = list(export_audit(connection, EVERYTHING))
    assert exported == list(reversed(page(database)))
    assert [line.seq for line in exported] == list(range(1, len(exported) + 1))


def test_a_line_tells_its_changes_column_by_column(database, committed_device):
    run(database, "UPDATE app.devices SET name = 'Saw', deleted_at = NULL, user_id = 1")
    (line,) = page(database, limit=1)
    assert line.changes == [
        AuditChange("name", committed_device.name, "Saw"),
        AuditChange("user_id", "", "1"),
    ]


def test_that_somebody_commented_is_recorded_without_the_words_and_what_a_station_found_is_not_twice(
    database, committed_device
):
    run(
        database,
        CHANGES["alerts"][0],
        "INSERT INTO app.alert_events (alert_id, device_id, kind, at, user_id, comment) "
        "SELECT id, device_id, kind, now(), person, 'pump exchanged' FROM app.alerts, "
        "(VALUES ('raised', NULL), ('acknowledged', 1)) AS told (kind, person)",
    )
    (told,) = page(database, AuditFilter(table="alert_events"))
    assert (told.after["kind"], told.after["user_id"]) == ("acknowledged", 1)
    assert "comment" not in told.after


def test_refusals_are_written_until_there_are_too_many(database):
    for number in range(30):
        with database.transaction() as connection:
            note_refusal(connection, f"attempt {number} \x00" + "x" * 1000)
    lines = page(database, AuditFilter(operation=AuditOperation.REFUSED))
    assert len(lines) == 21
    assert lines[0].after == {"more": "further ones within this minute are not written"}
    assert lines[-1].after["what"].startswith("attempt 0 x")
    assert len(lines[-1].after["what"]) == 500


def test_refusals_in_one_transaction_are_counted_too(database):
    with database.transaction() as connection:
        for _ in range(30):
            note_refusal(connection, "again")
    assert len(page(database, AuditFilter(operation=AuditOperation.REFUSED))) == 21


def test_a_sign_in_tells_how_many_failed_before(database):
    with database.transaction() as connection:
        note_sign_in(connection, 3)
    (line,) = page(database, limit=1)
    assert (line.operation, line.after, line.table) == (AuditOperation.SIGNED_IN, {"failed_before": 3}, "")


def test_eight_writers_at_once_leave_a_whole_chain(database_url, committed_device):
    each, threads_of, failures = 25, 8, []

    def write(number):
        own = Database(database_url, f"writer {number}", pool_size=1)
        try:
            for turn in range(each):
                run(
                    own,
                    f"INSERT INTO app.ota_versions (version, firmware_url) VALUES ('{number}-{turn}', 'u')",
                    f"UPDATE app.ota_versions SET firmware_url = 'v' WHERE version = '{number}-{turn}'",
                )
        except Exception as error:  # noqa: BLE001 - shown by the assertion below
            failures.append(error)
        finally:
            own.close()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(threads_of)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    own = Database(database_url, "reader")
    lines = page(own, AuditFilter(table="ota_versions"), limit=1000)
    found = verdict(own)
    own.close()
    assert len(lines) == 2 * each * threads_of
    # The two changes of a transaction lie side by side, whoever wrote meanwhile.
    assert [line.txid for line in lines[::2]] == [line.txid for line in lines[1::2]]
    assert found.is_whole


def test_the_end_of_the_chain_is_the_newest_line(database):
    run(database, CHANGES["ota_versions"][0])
    (newest,) = page(database, limit=1)
    with database.transaction() as connection:
        end = audit_head(connection)
    assert (end.seq, end.hash) == (newest.seq, newest.hash)
