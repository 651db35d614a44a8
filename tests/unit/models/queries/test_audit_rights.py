"""Who may see and write the audit trail, asked by real logins, on the newest and the oldest server."""

import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from models.errors import NotAllowed
from models.passwords import new_password
from models.queries.audit import audit_head, audit_page, note_refusal, note_sign_in
from models.queries.audit_chain import verify_audit
from models.queries.people import create_station, rename_person
from models.records.audit import AuditFilter, AuditOperation
from models.records.person import Role
from tests.account_parts import PASSWORD

WRITING = [
    "INSERT INTO app.audit_log (seq, at, actor, workstation, txid, op, prev_hash, hash) "
    "VALUES (99, now(), 'x', '', 1, 'INSERT', '', '')",
    "UPDATE app.audit_log SET actor = 'x'",
    "DELETE FROM app.audit_log",
    "TRUNCATE app.audit_log",
    "UPDATE app.audit_head SET seq = 0",
    "INSERT INTO app.audit_pending (op) VALUES ('INSERT')",
    "DELETE FROM app.audit_pending",
    "ALTER TABLE app.devices DISABLE TRIGGER ALL",
    "SET session_replication_role = replica",
    "SELECT app.audit_note('REFUSED', '{}')",
    "SELECT app.audit_table('app.devices')",
]


@pytest.fixture
def admin(site):
    return site.add(Role.ADMIN, name="Ada")


@pytest.fixture
def station(site):
    """A station's own way to the database."""
    with site.owner.transaction() as connection:
        login = create_station(connection, "North", new_password(PASSWORD, email="", name="").verifier).login
    opened = site.owner.with_login(login, PASSWORD, "station")
    yield opened
    opened.close()


def lines(site, **chosen):
    with site.owner.transaction() as connection:
        return audit_page(connection, AuditFilter(**chosen), 100)


def test_an_administrator_reads_and_verifies_it(site, admin):
    with site.signed_in(admin).transaction() as connection:
        (added, *_) = audit_page(connection, AuditFilter(table="users"), 10)
        assert verify_audit(connection).is_whole
        assert audit_head(connection).seq >= added.seq


def test_what_an_administrator_does_has_their_name_on_it(site, admin):
    operator = site.add(Role.OPERATOR)
    with site.signed_in(admin).transaction() as connection:
        rename_person(connection, operator.id, "Olga")
    (line, *_) = lines(site, table="users")
    assert (line.who, line.person_id, line.actor[:2], line.key) == ("Ada", admin.id, "u_", str(operator.id))
    assert line.after == {"name": "(changed)"}


def refused(database, statements):
    """Return the statements that the server refuses for want of a right."""
    found = []
    with database.transaction() as connection:
        for statement in statements:
            with pytest.raises(DBAPIError) as caught, connection.begin_nested():
                connection.execute(text(statement))
            found += [statement] * (caught.value.orig.sqlstate == "42501")
    return found


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.USER])
def test_nobody_else_reads_it(shared_site, role):
    asked = [f"SELECT * FROM app.{table}" for table in ("audit_log", "audit_head", "audit_pending")]
    assert refused(shared_site.signed_in(shared_site.add(role)), asked) == asked


@pytest.mark.parametrize("role", list(Role))
def test_nobody_writes_it(shared_site, role):
    assert refused(shared_site.signed_in(shared_site.add(role)), WRITING) == WRITING


def test_a_setting_of_the_session_does_not_keep_a_change_out_of_the_trail(site, admin):
    with site.signed_in(admin).transaction() as connection:
        connection.execute(text("SELECT set_config('app.chaining', '1', false)"))
        connection.execute(text("SET LOCAL application_name = ''"))
        connection.execute(text("INSERT INTO app.ota_versions (version, firmware_url) VALUES ('1', 'u')"))
    (line,) = lines(site, table="ota_versions")
    assert (line.who, line.workstation) == ("Ada", "")


def test_a_station_reads_the_end_of_the_chain_and_nothing_more(site, station):
    with station.transaction() as connection:
        assert audit_head(connection).seq > 0
    with pytest.raises(NotAllowed):
        with station.transaction() as connection:
            audit_page(connection, AuditFilter(), 1)


@pytest.mark.parametrize("role", list(Role))
def test_a_refusal_and_a_sign_in_are_written_in_the_persons_own_name(shared_site, role):
    person = shared_site.add(role)
    with shared_site.signed_in(person).transaction() as connection:
        note_sign_in(connection, 2)
        note_refusal(connection, "SELECT of audit_log")
    attempt, signed_in = lines(shared_site, person_id=person.id)[:2]
    assert (attempt.operation, attempt.after, attempt.who) == (
        AuditOperation.REFUSED,
        {"what": "SELECT of audit_log"},
        person.name,
    )
    assert (signed_in.operation, signed_in.after["failed_before"]) == (AuditOperation.SIGNED_IN, 2)


def test_a_stations_refusal_names_the_station(site, station):
    with station.transaction() as connection:
        note_refusal(connection, "x")
    assert lines(site, operation=AuditOperation.REFUSED)[0].who == "North"


def test_writers_at_once_leave_a_whole_chain(site, admin):
    own, failures = site.signed_in(admin), []

    def write(number):
        try:
            for turn in range(10):
                with own.transaction() as connection:
                    connection.execute(
                        text("INSERT INTO app.ota_versions (version, firmware_url) VALUES (:it, 'u')"),
                        {"it": f"{number}-{turn}"},
                    )
        except Exception as error:  # noqa: BLE001 - shown by the assertion below
            failures.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with own.transaction() as connection:
        assert (failures, verify_audit(connection).is_whole) == ([], True)
    assert len(lines(site, table="ota_versions")) == 40


@pytest.mark.parametrize("change", ["actor = 'x'", "seq = seq + 1000"])
def test_a_line_a_superuser_changed_is_found_by_an_administrator(site, admin, change):
    with site.owner.transaction() as connection:
        connection.execute(text("ALTER TABLE app.audit_log DISABLE TRIGGER USER"))
        connection.execute(text(f"UPDATE app.audit_log SET {change} WHERE seq = 2"))
        connection.execute(text("ALTER TABLE app.audit_log ENABLE TRIGGER USER"))
    with site.signed_in(admin).transaction() as connection:
        assert verify_audit(connection).broken.seq == 2
