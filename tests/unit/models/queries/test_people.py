"""The life of an account, on the newest and the oldest server, with real logins."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from models.errors import AlreadyDone, NotAllowed, Rejected, SignInRefused, StorageError
from models.passwords import scram_verifier, verify_password
from models.queries.people import (
    accounts,
    anonymise_person,
    change_email,
    change_my_password,
    create_person,
    create_station,
    current_person,
    end_sessions,
    my_record,
    needs_first_admin,
    person_export,
    rename_person,
    reset_password,
    reset_station_password,
    set_person_active,
    set_person_role,
    set_station_enabled,
    stations,
)
from models.records.person import Person, Role
from tests.account_parts import PASSWORD, stored

NEW = "another battery staple"


@pytest.fixture
def admin(site):
    return site.add(Role.ADMIN)


@pytest.fixture
def by_admin(site, admin):
    """Runs one query as the administrator signed in: `by_admin(rename_person, 3, "New name")`."""
    database = site.signed_in(admin)

    def run(query, *arguments, **named):
        with database.transaction() as connection:
            return query(connection, *arguments, **named)

    return run


def run_as(database, query, *arguments, **named):
    with database.transaction() as connection:
        return query(connection, *arguments, **named)


def ended_while_open(session, by_admin, query, *arguments, **named):
    """Run a query while `session` is open; return what it returned, once the session was found ended."""
    answers = []

    def work():
        with session.transaction() as connection:
            current_person(connection)
            answers.append(by_admin(query, *arguments, **named))
            connection.execute(text("SELECT 1"))

    with pytest.raises(StorageError):
        work()
    return answers[0]


def account_of(by_admin, person):
    return {account.id: account for account in by_admin(accounts)}[person.id]


@pytest.mark.parametrize("role", Role)
def test_a_person_signs_in_with_their_own_login(site, role):
    person = site.add(role, "Anna.Berg@Example.com", "Anna Berg")
    found = run_as(site.signed_in("anna.berg@example.com"), current_person)
    assert found == Person(person.id, "Anna Berg", "anna.berg@example.com", role)


def test_a_wrong_password_lets_nobody_in(site):
    person = site.add()
    with pytest.raises(SignInRefused):
        run_as(site.signed_in(person, NEW), current_person)


def test_an_administrator_adds_a_person(site, by_admin):
    made = by_admin(create_person, "new@example.com", "  New One ", Role.OPERATOR, stored())
    assert run_as(site.signed_in("new@example.com"), current_person) == Person(
        made, "New One", "new@example.com", Role.OPERATOR
    )


def test_the_list_tells_what_an_administrator_must_know(site, admin, by_admin, make):
    operator = site.add()
    by_admin(set_person_active, operator.id, is_active=False)
    owner, *_ = by_admin(accounts)[-1:]
    listed = {account.id: account for account in by_admin(accounts)}
    assert listed[admin.id].person == admin
    assert (listed[admin.id].has_password, listed[admin.id].is_active) == (True, True)
    assert listed[operator.id].is_active is False
    assert owner.has_password is False


def test_owned_devices_are_counted(site, admin, by_admin):
    by_admin(
        lambda connection: connection.execute(
            text(
                "INSERT INTO app.devices (device_id, name, type, location, user_id) "
                "VALUES ('a', 'b', 'c', 'd', :id)"
            ),
            {"id": admin.id},
        )
    )
    assert account_of(by_admin, admin).devices_owned == 1


def test_the_first_administrator_is_wanted_until_one_has_a_password(site):
    assert run_as(site.owner, needs_first_admin)
    site.add(Role.OPERATOR)
    assert run_as(site.owner, needs_first_admin)
    site.add(Role.ADMIN)
    assert not run_as(site.owner, needs_first_admin)


def test_an_own_record_signs_in_while_the_database_is_away(site):
    person = site.add()
    record = run_as(site.signed_in(person), my_record)
    assert record.person == person
    assert verify_password(PASSWORD, record.password_hash)
    assert "$2b$" not in repr(record)


def test_a_new_role_counts_in_sessions_already_open(site, by_admin):
    person = site.add(Role.OPERATOR)
    other = site.add(Role.OPERATOR)
    session = site.signed_in(person)
    with pytest.raises(NotAllowed):
        run_as(session, accounts)
    by_admin(set_person_role, person.id, Role.ADMIN)
    run_as(session, rename_person, other.id, "Renamed")
    by_admin(set_person_role, person.id, Role.USER)
    with pytest.raises(NotAllowed):
        run_as(session, accounts)
    assert run_as(session, current_person).role is Role.USER


def test_disabling_ends_open_sessions_at_once(site, by_admin):
    person = site.add()
    session = site.signed_in(person)
    assert ended_while_open(session, by_admin, set_person_active, person.id, is_active=False) == 1
    with pytest.raises(SignInRefused):
        run_as(session, current_person)


def test_a_session_that_slips_in_while_disabling_is_not_yet_committed_can_do_nothing(site, by_admin, admin):
    person = site.add()
    session = site.signed_in(person)
    with site.signed_in(admin).transaction() as disabling:
        set_person_active(disabling, person.id, is_active=False)
        slipped = session.transaction()
        connection = slipped.__enter__()
        assert current_person(connection) == person
    with pytest.raises(Exception, match="permission denied"):
        connection.execute(text("SELECT * FROM app.devices"))
    slipped.__exit__(None, None, None)


def test_an_enabled_person_has_their_role_and_password_again(site, by_admin):
    person = site.add(Role.ADMIN)
    by_admin(set_person_active, person.id, is_active=False)
    by_admin(set_person_role, person.id, Role.USER)
    by_admin(set_person_active, person.id, is_active=True)
    assert run_as(site.signed_in(person), current_person).role is Role.USER
    with pytest.raises(NotAllowed):
        run_as(site.signed_in(person), accounts)


def test_a_renamed_address_signs_in_with_the_same_password(site, by_admin):
    person = site.add(Role.USER, "old@example.com")
    open_session = site.signed_in(person)
    run_as(open_session, current_person)
    by_admin(change_email, person.id, "New@Example.com")
    assert run_as(site.signed_in("new@example.com"), current_person).id == person.id
    assert run_as(open_session, current_person).email == "new@example.com"
    with pytest.raises(SignInRefused):
        run_as(site.signed_in("old@example.com"), current_person)


def test_an_address_given_up_can_be_taken_by_somebody_else(site, by_admin):
    person = site.add(email="shared@example.com")
    by_admin(change_email, person.id, "moved@example.com")
    other = site.add(email="shared@example.com")
    assert run_as(site.signed_in("shared@example.com"), current_person).id == other.id


def test_nobody_changes_the_address_they_are_signed_in_with(admin, by_admin):
    with pytest.raises(Rejected, match="ask another administrator"):
        by_admin(change_email, admin.id, "other@example.com")


def test_a_reset_password_ends_sessions_and_replaces_the_old_one(site, by_admin):
    person = site.add()
    assert ended_while_open(site.signed_in(person), by_admin, reset_password, person.id, stored(NEW)) == 1
    with pytest.raises(SignInRefused):
        run_as(site.signed_in(person), current_person)
    assert run_as(site.signed_in(person, NEW), current_person) == person


def test_whoever_came_in_during_a_reset_is_put_out_afterwards(site, by_admin, admin):
    person = site.add()
    with site.signed_in(admin).transaction() as resetting:
        reset_password(resetting, person.id, stored(NEW))
        slipped = site.signed_in(person).transaction()
        connection = slipped.__enter__()
        connection.execute(text("SELECT 1"))
    assert by_admin(end_sessions, person.id) == 1
    with pytest.raises(Exception, match=r"terminat|closed"):
        connection.execute(text("SELECT 1"))
    with pytest.raises(StorageError):
        slipped.__exit__(None, None, None)


def test_an_own_password_is_changed_without_ending_the_session(site):
    person = site.add()
    session = site.signed_in(person)
    with session.transaction() as connection:
        process = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        change_my_password(connection, stored(NEW))
        assert connection.execute(text("SELECT pg_backend_pid()")).scalar_one() == process
    with session.transaction() as connection:
        assert connection.execute(text("SELECT pg_backend_pid()")).scalar_one() == process
        assert verify_password(NEW, my_record(connection).password_hash)
    with pytest.raises(SignInRefused):
        run_as(site.signed_in(person), current_person)
    assert run_as(site.signed_in(person, NEW), current_person) == person


def test_two_administrators_who_edit_one_person_do_not_overwrite_each_other(site, by_admin):
    person = site.add()
    seen_at = account_of(by_admin, person).updated_at
    by_admin(rename_person, person.id, "First", seen_at)
    with pytest.raises(AlreadyDone, match=r"changed by somebody else at .* look again"):
        by_admin(rename_person, person.id, "Second", seen_at)
    for change, value in ((set_person_role, Role.USER), (change_email, "x@example.com")):
        with pytest.raises(AlreadyDone):
            by_admin(change, person.id, value, seen_at)
    with pytest.raises(AlreadyDone):
        by_admin(set_person_active, person.id, is_active=False, seen_at=seen_at - timedelta(days=1))
    assert account_of(by_admin, person).name == "First"
    by_admin(rename_person, person.id, "Third", account_of(by_admin, person).updated_at)


def test_the_owner_of_the_database_is_only_renamed(site, by_admin):
    owner = run_as(site.owner, current_person)
    by_admin(rename_person, owner.id, "The owner")
    for change in (
        lambda c: set_person_active(c, owner.id, is_active=False),
        lambda c: set_person_role(c, owner.id, Role.USER),
        lambda c: reset_password(c, owner.id, stored()),
        lambda c: change_email(c, owner.id, "x@example.com"),
        lambda c: anonymise_person(c, owner.id),
    ):
        with pytest.raises(Rejected, match="owner of the database"):
            by_admin(change)
    with pytest.raises(Rejected, match="without a password"):
        run_as(site.owner, change_my_password, stored())


def test_nobody_is_changed_who_is_not_there(by_admin):
    with pytest.raises(Rejected, match="no person with number 4711"):
        by_admin(rename_person, 4711, "Nobody")


def test_a_person_takes_home_what_is_stored_about_them(site, by_admin):
    person = site.add(Role.USER, "export@example.com", "Ex Port")
    session = site.signed_in(person)
    with session.transaction() as connection:
        device = connection.execute(
            text(
                "INSERT INTO app.devices (device_id, name, type, location, user_id) "
                "VALUES ('HW-9', 'Press', 'press', 'Hall', :id) RETURNING id"
            ),
            {"id": person.id},
        ).scalar_one()
        connection.execute(
            text(
                "INSERT INTO app.alert_thresholds (device_id, user_id, metric_type, max_value, severity) "
                "VALUES (:device, :id, 'rpm', 5, 'info')"
            ),
            {"device": device, "id": person.id},
        )
    own = run_as(session, person_export, person.id)
    assert (own["person"]["email"], own["person"]["name"]) == ("export@example.com", "Ex Port")
    assert [entry["device_id"] for entry in own["devices"]] == ["HW-9"]
    assert [entry["metric_type"] for entry in own["thresholds"]] == ["rpm"]
    assert "$2b$" not in str(own)
    assert {entry["tbl"] for entry in own["audit_log"]} == {"devices", "alert_thresholds"}
    assert by_admin(person_export, person.id).keys() == own.keys()


def test_somebody_elses_record_is_not_handed_out(site):
    curious, other = site.add(), site.add()
    with pytest.raises(NotAllowed, match="Only an administrator"):
        run_as(site.signed_in(curious), person_export, other.id)


def test_a_station_has_a_login_that_can_be_closed_and_renewed(site, by_admin):
    station = by_admin(create_station, "Hall 3", scram_verifier("st-password"))
    login = site.owner.with_login(station.login, "st-password", "tests")
    as_station = text("SELECT app.station_id()")
    assert run_as(login, lambda c: c.execute(as_station).scalar_one()) == station.id
    assert [(listed.name, listed.is_enabled) for listed in by_admin(stations)] == [("Hall 3", True)]
    assert by_admin(set_station_enabled, station.id, is_enabled=False) == 1
    with pytest.raises(SignInRefused):
        run_as(login, lambda c: c.execute(as_station))
    by_admin(set_station_enabled, station.id, is_enabled=True)
    by_admin(reset_station_password, station.id, scram_verifier("st-password-2"))
    renewed = site.owner.with_login(station.login, "st-password-2", "tests")
    assert run_as(renewed, lambda c: c.execute(as_station).scalar_one()) == station.id
    login.close()
    renewed.close()
