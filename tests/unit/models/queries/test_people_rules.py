"""What account functions refuse: the last administrator, oneself, names and addresses that do not do."""

import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from models.errors import NotAllowed, Rejected, StorageError
from models.passwords import NewPassword
from models.queries.people import (
    accounts,
    anonymise_person,
    change_my_password,
    create_person,
    create_station,
    current_person,
    rename_person,
    set_person_active,
    set_person_role,
)
from models.records.person import Role
from tests.account_parts import stored

REFUSED_NAMES = {
    "empty": "",
    "blanks": "  \u00a0 ",
    "nothing but a zero-width space": "\u200b",
    "zero-width space": "An\u200bna",
    "zero-width joiner between Latin letters": "An\u200dna",
    "zero-width joiner after a blank": "Anna \u200dBerg",
    "byte order mark": "\ufeffAnna",
    "soft hyphen": "An\u00adna",
    "right-to-left override": "\u202egreB annA",
    "isolate": "\u2067Anna\u2069",
    "line break": "Anna\nBerg",
    "terminal escape": "\x1b[31mAnna",
    "C1 control": "Anna\x9b31m",
    "tag characters": "Anna\U000e0041",
    "Hangul filler": "\u3164",
    "braille blank": "\u2800",
    "NUL": "Anna\0Berg",
    "half a pair": "Anna\ud83d",
    "10,000 characters": "x" * 10_000,
    "256 characters": "x" * 256,
}
ACCEPTED_NAMES = (
    "'; DROP TABLE app.users; --",
    '"Anna" \\ %s %(name)s {0} $$ :id',
    "X",
    "ü" * 255,
    "😀 Ünïcødé 李明 नमस्ते",
    "👩\u200d🔧 family 👨\u200d👩\u200d👧\u200d👦 ❤️",
    "محمد بن راشد",
    "علی\u200cرضا می\u200cخواهم",
    "דוד בן־גוריון",
    "O’Brien-Smith, jr.",
)
REFUSED_EMAILS = {
    "empty": "",
    "no @": "anna",
    "two @": "anna@berg@example.com",
    "blank inside": "anna berg@example.com",
    "SQL": "x@example.com'; DROP TABLE app.users; --",
    "line break": "anna\n@example.com",
    "accent": "änna@example.com",
    "a capital that is no ASCII": "anna@\u212aelvin.com",
    "emoji": "😀@example.com",
    "zero-width": "an\u200bna@example.com",
    "NUL": "an\0na@example.com",
    "too long": "a@" + ".".join(["x" * 60] * 5),
    "10,000 characters": "a@" + "x" * 10_000,
    "a former person's": "former-7@invalid",
}


@pytest.fixture
def connection(shared_database):
    with shared_database.transaction() as opened:
        yield opened
        opened.get_transaction().rollback()


@pytest.mark.parametrize("name", REFUSED_NAMES.values(), ids=REFUSED_NAMES)
def test_a_name_that_shows_nothing_or_something_else_is_refused(connection, name):
    with pytest.raises(Rejected, match=r"(?i)a name|character"):
        create_person(connection, "a@example.com", name, Role.USER, stored())


@pytest.mark.parametrize("name", ACCEPTED_NAMES)
def test_a_name_of_any_script_is_stored_unharmed(connection, name):
    made = create_person(connection, "a@example.com", name, Role.USER, stored())
    assert {account.id: account.name for account in accounts(connection)}[made] == name


@pytest.mark.parametrize("name", REFUSED_NAMES.values(), ids=REFUSED_NAMES)
def test_a_station_has_a_name_that_can_be_read(connection, name):
    with pytest.raises(Rejected):
        create_station(connection, name, stored().verifier)


def test_two_stations_cannot_have_one_name(connection):
    create_station(connection, "Hall 3", stored().verifier)
    with pytest.raises(Rejected, match="station of this name already"):
        create_station(connection, "HALL 3", stored().verifier)


@pytest.mark.parametrize("email", REFUSED_EMAILS.values(), ids=REFUSED_EMAILS)
def test_what_is_no_address_is_refused(connection, email):
    with pytest.raises(Rejected, match="e-mail address"):
        create_person(connection, email, "Anna", Role.USER, stored())


@pytest.mark.parametrize("email", ["o'brien+x@a-b.example", "zed@localhost", "  A@B.c ", "x" * 64 + "@a.b"])
def test_an_address_is_stored_in_lower_case(connection, email):
    made = create_person(connection, email, "Anna", Role.USER, stored())
    found = {account.id: account.email for account in accounts(connection)}[made]
    assert found == email.strip().lower()


@pytest.mark.parametrize("email", ["anna@example.com", "ANNA@EXAMPLE.COM", " Anna@example.com"])
def test_an_address_belongs_to_one_person_whatever_its_capitals(connection, email):
    create_person(connection, "Anna@Example.com", "Anna", Role.USER, stored())
    with pytest.raises(Rejected, match="has an account already"):
        create_person(connection, email, "Other", Role.USER, stored())


@pytest.mark.parametrize(
    "verifier",
    [
        "plain password",
        "",
        "md5" + "0" * 32,
        stored().verifier.replace("$4096:", "$1:"),
        stored().verifier + "x",
        stored().verifier[:-3],
        "SCRAM-SHA-256$4096:c2hvcnQ=$" + stored().verifier.rpartition("$")[2],
        stored().verifier + "' SUPERUSER --",
    ],
)
def test_a_password_reaches_the_database_only_as_a_verifier(connection, verifier):
    with pytest.raises(Rejected, match="SCRAM-SHA-256"):
        create_person(
            connection, "a@example.com", "Anna", Role.USER, NewPassword(verifier, stored().password_hash)
        )


@pytest.mark.parametrize(
    "hashed", ["!", "", "x", "$2b$04$" + "a" * 53, "$2b$31$" + "a" * 53, "$2a$12$" + "a" * 53]
)
def test_a_hash_that_is_guessed_too_fast_is_refused(connection, hashed):
    with pytest.raises(Rejected, match="bcrypt of cost 12"):
        create_person(connection, "a@example.com", "Anna", Role.USER, NewPassword(stored().verifier, hashed))


@pytest.mark.parametrize(
    "change",
    [
        lambda c, person: set_person_role(c, person, Role.OPERATOR),
        lambda c, person: set_person_active(c, person, is_active=False),
        lambda c, person: anonymise_person(c, person),
    ],
)
def test_the_last_administrator_stays_one_even_to_the_server_s_owner(site, change):
    last = site.add(Role.ADMIN)
    disabled = site.add(Role.ADMIN)
    with site.owner.transaction() as connection:
        set_person_active(connection, disabled.id, is_active=False)
    with pytest.raises(Rejected, match="last administrator"), site.owner.transaction() as connection:
        change(connection, last.id)
    site.add(Role.ADMIN)
    with site.owner.transaction() as connection:
        change(connection, last.id)


@pytest.mark.parametrize(
    "change",
    [
        lambda c, person: set_person_active(c, person, is_active=False),
        lambda c, person: anonymise_person(c, person),
    ],
)
def test_nobody_locks_themselves_out(newest_site, change):
    admin = newest_site.add(Role.ADMIN)
    newest_site.add(Role.ADMIN)
    with (
        pytest.raises(Rejected, match="ask another administrator"),
        newest_site.signed_in(admin).transaction() as connection,
    ):
        change(connection, admin.id)


@pytest.mark.parametrize(
    "change",
    [
        lambda c, person: set_person_role(c, person, Role.OPERATOR),
        lambda c, person: set_person_active(c, person, is_active=False),
    ],
)
def test_of_two_administrators_who_remove_each_other_exactly_one_succeeds(site, change):
    persons = [site.add(Role.ADMIN), site.add(Role.ADMIN)]
    databases = [site.signed_in(person) for person in persons]
    started = threading.Barrier(2)
    results = []

    def remove(database, other):
        try:
            with database.transaction() as connection:
                current_person(connection)
                started.wait(10)
                change(connection, other.id)
            results.append("done")
        except StorageError as error:
            results.append(error)

    threads = [
        threading.Thread(target=remove, args=pair, name="remover")
        for pair in zip(databases, reversed(persons), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    with site.owner.transaction() as connection:
        left = [a for a in accounts(connection) if a.role is Role.ADMIN and a.is_active and a.has_password]
    assert (results.count("done"), len(left)) == (1, 1)


@pytest.mark.parametrize("isolation", ["REPEATABLE READ", "SERIALIZABLE"])
def test_nobody_is_changed_by_a_transaction_that_looks_into_the_past(site, isolation):
    person = site.add()
    with site.owner.transaction() as connection:
        connection.execute(text(f"SET TRANSACTION ISOLATION LEVEL {isolation}"))
        with pytest.raises(Rejected, match="READ COMMITTED"):
            rename_person(connection, person.id, "Renamed")
        connection.get_transaction().rollback()


def test_nobody_keeps_an_administrator_from_putting_them_out(site):
    admin, other = site.add(Role.ADMIN), site.add(Role.ADMIN)
    holding = site.signed_in(other).transaction()
    connection = holding.__enter__()
    connection.exec_driver_sql("SET idle_in_transaction_session_timeout = 0; SET CONSTRAINTS ALL IMMEDIATE")
    change_my_password(connection, stored())
    rename_person(connection, admin.id, "Held")
    with site.signed_in(admin).transaction() as deciding:
        deciding.execute(text("SET LOCAL lock_timeout = '5s'"))
        assert set_person_active(deciding, other.id, is_active=False) == 1
    with pytest.raises(StorageError):
        holding.__exit__(None, None, None)


def test_a_refused_change_puts_nobody_out(site):
    last, other = site.add(Role.ADMIN), site.add()
    with site.signed_in(last).transaction() as of_last, site.signed_in(other).transaction() as of_other:
        for change in (
            lambda c: set_person_active(c, last.id, is_active=False),
            lambda c: anonymise_person(c, other.id, datetime(2020, 1, 1, tzinfo=UTC)),
        ):
            current_person(of_last)
            current_person(of_other)
            with pytest.raises(Rejected), site.owner.transaction() as connection:
                change(connection)
        assert current_person(of_last).id == last.id
        assert current_person(of_other).id == other.id


def test_whoever_was_demoted_while_waiting_is_refused(site):
    first, second = site.add(Role.ADMIN), site.add(Role.ADMIN)
    site.add(Role.ADMIN)
    waiting = site.signed_in(second)
    with waiting.transaction() as connection:
        process = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    failure = []

    def rename():
        try:
            with waiting.transaction() as connection:
                rename_person(connection, first.id, "Renamed by nobody")
        except StorageError as error:
            failure.append(error)

    thread = threading.Thread(target=rename, name="renamer")
    with site.signed_in(first).transaction() as connection:
        set_person_role(connection, second.id, Role.USER)
        thread.start()
        waits = text("SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = :pid")
        with site.owner.autocommit() as looking:
            while not looking.execute(waits, {"pid": process}).scalar_one():
                pass
    thread.join(30)
    assert [type(error) for error in failure] == [NotAllowed]
