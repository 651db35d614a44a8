"""A superuser changes the audit trail behind its triggers; verifying finds the first place and names it."""

from contextlib import closing

import pytest
from sqlalchemy import text

from models.database import Database
from models.queries.audit import audit_head, audit_page
from models.queries.audit_chain import verify_audit
from models.records.audit import AuditAnchor, AuditFault, AuditFilter

LINES = 12
# What only the owner of the server can do; the chain's own functions help to hide it.
UNGUARDED = "SET LOCAL session_replication_role = replica"
REWRITE = """
DO $$
DECLARE
    line app.audit_log;
    last bytea := decode(repeat('00', 32), 'hex');
BEGIN
    FOR line IN SELECT * FROM app.audit_log ORDER BY seq LOOP
        line.prev_hash := last;
        line.hash := sha256(last || app.audit_bytes(line));
        UPDATE app.audit_log SET prev_hash = line.prev_hash, hash = line.hash WHERE seq = line.seq;
        last := line.hash;
    END LOOP;
    UPDATE app.audit_head SET (seq, hash) = (SELECT max(seq), last FROM app.audit_log);
END $$
"""


@pytest.fixture(scope="module")
def written(database_server):
    """The name of a database whose trail has at least LINES lines; each test has a copy."""
    name = database_server.create()
    with closing(Database(database_server.url_of(name), "tests")) as database:
        for number in range(LINES):
            with database.transaction() as connection:
                connection.execute(
                    text("INSERT INTO app.ota_versions (version, firmware_url) VALUES (:number, 'u')"),
                    {"number": str(number)},
                )
    yield name
    database_server.drop(name)


@pytest.fixture
def database(database_server, written):
    name = database_server.create(source=written)
    with closing(Database(database_server.url_of(name), "tests")) as database:
        yield database
    database_server.drop(name)


@pytest.fixture
def trail(database):
    """`trail(…)` tampers with the trail as the server's owner."""

    def tamper(*statements):
        with database.transaction() as connection:
            connection.execute(text(UNGUARDED))
            for statement in statements:
                connection.execute(text(statement))

    return tamper


@pytest.fixture
def verdict(database):
    def verify(*anchors):
        with database.transaction() as connection:
            return verify_audit(connection, anchors)

    return verify


@pytest.fixture
def length(database, trail):
    with database.transaction() as connection:
        return audit_head(connection).seq


def test_a_trail_nobody_touched_is_whole(trail, verdict, length):
    found = verdict()
    assert (found.is_whole, found.rows, found.head.seq) == (True, length, length)


def test_an_empty_trail_is_whole(trail, verdict):
    trail(
        "DELETE FROM app.audit_log",
        "UPDATE app.audit_head SET seq = 0, hash = decode(repeat('00', 32), 'hex')",
    )
    assert (verdict().is_whole, verdict().rows) == (True, 0)


@pytest.mark.parametrize(
    "change",
    [
        "actor = 'somebody'",
        "at = at - interval '1 hour'",
        "at = 'infinity'",
        "workstation = ''",
        "person_id = 77",
        "station_id = 1",
        "client = '10.0.0.1'",
        "txid = 1",
        "op = 'DELETE'",
        "tbl = 'users'",
        "pk = '9'",
        "old = 'null'",
        "new = jsonb_set(new, '{version}', '\"7\"')",
        "new = NULL",
        "hash = sha256('x')",
    ],
)
def test_one_changed_line_is_found_and_named(trail, verdict, change):
    trail(f"UPDATE app.audit_log SET {change} WHERE seq = 5")
    broken = verdict().broken
    assert (broken.fault, broken.seq) == (AuditFault.CONTENT, 5)
    assert broken.text.startswith("Line 5 (")
    assert broken.text.endswith(") was changed after it was written.")


def test_the_finding_says_when_and_by_whom_the_line_was_written(database, trail, verdict):
    trail("UPDATE app.audit_log SET new = NULL WHERE seq = 5")
    with database.transaction() as connection:
        line = next(line for line in audit_page(connection, AuditFilter(), 100) if line.seq == 5)
    broken = verdict().broken
    assert (broken.at, broken.who) == (line.at, line.who)
    assert f"{line.at:%Y-%m-%d %H:%M:%S} UTC, {line.who}" in broken.text


def test_a_changed_line_with_its_hash_computed_anew_no_longer_fits_the_next(trail, verdict):
    trail(
        "UPDATE app.audit_log SET tbl = 'users' WHERE seq = 5",
        "UPDATE app.audit_log AS a SET hash = sha256(a.prev_hash || app.audit_bytes(a)) WHERE seq = 5",
    )
    broken = verdict().broken
    assert (broken.fault, broken.seq) == (AuditFault.LINK, 6)
    assert "does not follow from line 5, which was replaced" in broken.text


def test_a_link_turned_elsewhere_is_found(trail, verdict):
    trail("UPDATE app.audit_log SET prev_hash = sha256('x') WHERE seq = 5")
    assert (verdict().broken.fault, verdict().broken.seq) == (AuditFault.CONTENT, 5)


@pytest.mark.parametrize(
    ("gone", "words"), [("5", "Line 5 is missing"), ("5, 6", "Lines 5 to 6 are missing")]
)
def test_removed_lines_are_found_and_named(trail, verdict, gone, words):
    trail(f"DELETE FROM app.audit_log WHERE seq IN ({gone})")
    broken = verdict().broken
    assert (broken.fault, broken.seq) == (AuditFault.MISSING, 5)
    assert broken.text.startswith(f"{words}; the line before is 4 (")


def test_a_removed_first_line_is_found(trail, verdict):
    trail("DELETE FROM app.audit_log WHERE seq = 1")
    assert verdict().broken.text == "Line 1 is missing."


def test_removed_lines_whose_numbers_were_closed_up_are_found(trail, verdict):
    trail(
        "DELETE FROM app.audit_log WHERE seq = 5",
        "UPDATE app.audit_log SET seq = seq + 1000 WHERE seq > 5",
        "UPDATE app.audit_log SET seq = seq - 1001 WHERE seq > 1000",
    )
    assert (verdict().broken.fault, verdict().broken.seq) == (AuditFault.CONTENT, 5)


@pytest.mark.parametrize("seq", [0, 5])
def test_an_added_line_is_found(trail, verdict, seq):
    trail(
        f"UPDATE app.audit_log SET seq = seq + 1000 WHERE seq >= {seq} AND {seq} > 0",
        "UPDATE app.audit_log SET seq = seq - 999 WHERE seq > 1000",
        "INSERT INTO app.audit_log (seq, at, actor, workstation, txid, op, prev_hash, hash) "
        f"VALUES ({seq}, now(), 'x', '', 1, 'INSERT', sha256('a'), sha256('b'))",
    )
    assert verdict().broken.seq == seq
    assert verdict().broken.fault in (AuditFault.STRAY, AuditFault.CONTENT)


def test_a_line_added_after_the_end_is_found(trail, verdict, length):
    trail(
        "INSERT INTO app.audit_log (seq, at, actor, workstation, txid, op, prev_hash, hash) "
        "SELECT seq + 1, now(), 'x', '', 1, 'INSERT', hash, sha256('b') FROM app.audit_head",
        "UPDATE app.audit_log AS a SET hash = sha256(a.prev_hash || app.audit_bytes(a)) "
        f"WHERE seq = {length + 1}",
    )
    broken = verdict().broken
    assert (broken.fault, broken.seq) == (AuditFault.STRAY, length + 1)
    assert broken.text.endswith("was added by hand.")


def test_a_cut_off_end_is_found(trail, verdict, length):
    trail(f"DELETE FROM app.audit_log WHERE seq > {length - 3}")
    broken = verdict().broken
    assert (broken.fault, broken.seq) == (AuditFault.MISSING, length - 2)
    assert broken.text.startswith(
        f"Lines {length - 2} to {length} are missing; the line before is {length - 3} ("
    )


def test_a_trail_that_was_emptied_is_found(trail, verdict, length):
    trail("DELETE FROM app.audit_log")
    assert verdict().broken.text == f"Lines 1 to {length} are missing."


@pytest.mark.parametrize(
    "change", ["UPDATE app.audit_head SET hash = sha256('x')", "DELETE FROM app.audit_head"]
)
def test_an_end_that_does_not_match_is_found(trail, verdict, length, change):
    trail(change)
    assert (verdict().broken.fault, verdict().broken.seq) == (AuditFault.HEAD, length)


def test_an_end_set_back_together_with_the_lines_is_found_by_an_anchor(database, trail, verdict, length):
    with database.transaction() as connection:
        anchor = audit_head(connection)
    trail(
        f"DELETE FROM app.audit_log WHERE seq > {length - 3}",
        "UPDATE app.audit_head SET (seq, hash) = "
        "(SELECT seq, hash FROM app.audit_log ORDER BY seq DESC LIMIT 1)",
    )
    assert verdict().is_whole
    assert verdict(anchor).broken.fault is AuditFault.MISSING
    assert f"Lines {length - 2} to {length} are missing" in verdict(anchor).broken.text


def test_a_trail_rewritten_as_a_whole_is_found_by_an_anchor(database, trail, verdict, length):
    with database.transaction() as connection:
        anchor = audit_head(connection)
    trail("UPDATE app.audit_log SET actor = 'somebody' WHERE seq = 5", REWRITE)
    assert verdict().is_whole
    broken = verdict(anchor).broken
    assert (broken.fault, broken.seq) == (AuditFault.REWRITTEN, length)
    assert "is not the one this computer has seen there" in broken.text


def test_an_anchor_kept_after_the_rewriting_does_not_hide_the_one_before(database, trail, verdict, length):
    with database.transaction() as connection:
        before = audit_head(connection)
    trail("UPDATE app.audit_log SET actor = 'somebody' WHERE seq = 5", REWRITE)
    with database.transaction() as connection:
        after = audit_head(connection)
    assert verdict(before, after).broken.fault is AuditFault.REWRITTEN
    assert verdict(after).is_whole


def test_anchors_that_fit_are_counted(database, trail, verdict):
    with database.transaction() as connection:
        anchors = [
            AuditAnchor(line.seq, line.hash)
            for line in audit_page(connection, AuditFilter(), 100)
            if line.seq % 2 == 0
        ]
    found = verdict(*anchors)
    assert (found.is_whole, found.anchors) == (True, len(anchors))


def test_functions_the_database_answers_with_are_not_believed(trail, verdict):
    trail(
        "UPDATE app.audit_log SET actor = 'somebody' WHERE seq = 5",
        "CREATE OR REPLACE FUNCTION app.audit_bytes(line app.audit_log) RETURNS bytea "
        "LANGUAGE sql STABLE RETURN line.hash",
        "CREATE FUNCTION app.octet_length(text) RETURNS int LANGUAGE sql RETURN 0",
        "CREATE FUNCTION public.octet_length(text) RETURNS int LANGUAGE sql RETURN 0",
        "SET search_path = app, public, pg_catalog",
    )
    assert verdict().broken.seq == 5


@pytest.mark.parametrize(
    ("change", "table"),
    [
        ("ALTER TABLE app.devices DISABLE TRIGGER audit_changed", "devices"),
        ("DROP TRIGGER audit_added_or_removed ON app.users", "users"),
        ("ALTER TABLE app.audit_log DISABLE TRIGGER USER", "audit_log"),
        ("ALTER TABLE app.audit_pending DISABLE TRIGGER USER", "audit_pending"),
        ("ALTER TABLE app.alert_events DISABLE TRIGGER audit_added", "alert_events"),
    ],
)
def test_a_table_that_is_no_longer_watched_is_named(trail, verdict, change, table):
    trail(change)
    assert (verdict().unwatched, verdict().broken, verdict().is_whole) == ((table,), None, False)


def test_every_change_of_a_large_transaction_is_linked_and_read(database, trail, verdict, length):
    # Read in blocks of 2,000 lines: here are three of them, the last one not full.
    with database.transaction() as connection:
        connection.execute(
            text(
                "INSERT INTO app.ota_versions (version, firmware_url) "
                "SELECT 'v' || i, 'u' FROM generate_series(1, 5000) AS i"
            )
        )
    found = verdict()
    assert (found.rows, found.is_whole) == (length + 5_000, True)
    trail(f"UPDATE app.audit_log SET pk = '0' WHERE seq = {length + 4_999}")
    assert verdict().broken.seq == length + 4_999
