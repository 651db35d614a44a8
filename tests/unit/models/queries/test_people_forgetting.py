"""Anonymised: nobody signs in, and neither name nor address stands anywhere."""

import pytest
from sqlalchemy import text

from models.errors import Rejected, SignInRefused, StorageError
from models.queries.audit_chain import verify_audit
from models.queries.people import accounts, anonymise_person, current_person, rename_person, set_person_active
from models.records.person import Role

NAME = "Zoë (Zed) van Quux"
EMAIL = "zoe.quux@example.com"

ALERT = """
WITH device AS (
    INSERT INTO app.devices (device_id, name, type, location) VALUES ('d', 'Press', 'press', 'Hall')
    RETURNING id
), alert AS (
    INSERT INTO app.alerts (device_id, severity, message, triggered_at, acknowledged_by)
    SELECT id, 'info', 'ask ' || :email || ', not zoe', now(), :person FROM device RETURNING id, device_id
)
INSERT INTO app.alert_events (alert_id, device_id, kind, at, user_id, comment)
SELECT id, device_id, 'acknowledged', now(), :person,
       'seen by ' || :name || '. Write to ' || upper(:email) || '; Zoë (Zed) van Quuxington is another'
FROM alert
"""


@pytest.fixture
def person(site):
    site.add(Role.ADMIN)
    made = site.add(Role.OPERATOR, EMAIL, NAME)
    with site.owner.transaction() as connection:
        connection.execute(text(ALERT), {"person": made.id, "name": NAME, "email": EMAIL})
    return made


def forget(site, person):
    with site.owner.transaction() as connection:
        return anonymise_person(connection, person.id)


def test_an_anonymised_person_cannot_sign_in_and_is_put_out(site, person):
    session = site.signed_in(person)
    ended = []

    def work():
        with session.transaction() as connection:
            assert current_person(connection) == person
            ended.append(forget(site, person))
            current_person(connection)

    with pytest.raises(StorageError):
        work()
    assert ended == [1]
    with pytest.raises(SignInRefused):
        work()


def test_neither_name_nor_address_is_left_in_any_table(site, person):
    assert NAME in site.all_text()
    forget(site, person)
    everything = site.all_text().casefold()
    assert f"former person {person.id}" in everything
    assert EMAIL not in everything
    assert NAME.casefold() not in everything.replace("quuxington", "")


def test_words_that_only_begin_like_the_name_stay(site, person):
    forget(site, person)
    with site.owner.transaction() as connection:
        comment = connection.execute(text("SELECT comment FROM app.alert_events")).scalar_one()
        message = connection.execute(text("SELECT message FROM app.alerts")).scalar_one()
    assert comment == (
        f"seen by Former person {person.id}. Write to Former person {person.id}; "
        "Zoë (Zed) van Quuxington is another"
    )
    assert message == f"ask Former person {person.id}, not zoe"


def test_the_row_stays_as_a_former_person_whom_nobody_changes(site, person):
    forget(site, person)
    with site.owner.transaction() as connection:
        (found,) = [account for account in accounts(connection) if account.id == person.id]
        alert = connection.execute(text("SELECT acknowledged_by FROM app.alerts")).scalar_one()
    assert (found.name, found.is_former, found.is_active, found.has_password) == (
        f"Former person {person.id}",
        True,
        False,
        False,
    )
    assert alert == person.id
    for change in (
        lambda c: rename_person(c, person.id, NAME),
        lambda c: set_person_active(c, person.id, is_active=True),
        lambda c: anonymise_person(c, person.id),
    ):
        with pytest.raises(Rejected, match="was anonymised at"), site.owner.transaction() as connection:
            change(connection)


def test_no_login_is_left(site, person):
    forget(site, person)
    with site.owner.transaction() as connection:
        login = text("SELECT count(*) FROM pg_roles WHERE rolname = app.login_of(:email)")
        assert connection.execute(login, {"email": EMAIL}).scalar_one() == 0


def test_a_login_that_left_something_behind_is_closed_for_good(site, person):
    with site.signed_in(person).transaction() as connection:
        connection.execute(text("ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC"))
    forget(site, person)
    with pytest.raises(SignInRefused), site.signed_in(person).transaction() as connection:
        current_person(connection)
    again = site.add(Role.USER, EMAIL, "Somebody else")
    with site.signed_in(again).transaction() as connection:
        assert current_person(connection) == again


def test_the_audit_trail_stays_whole(site, person):
    with site.owner.transaction() as connection:
        rename_person(connection, person.id, NAME + " junior")
    forget(site, person)
    with site.owner.transaction() as connection:
        verify_audit(connection)
        trail = connection.execute(
            text("SELECT string_agg(l::text, ' ') FROM app.audit_log AS l")
        ).scalar_one()
    assert f"users,{person.id}" in trail
    assert "Quux" not in trail


def test_the_journal_is_still_append_only_for_everybody(site, person):
    for statement in (
        "UPDATE app.alert_events SET comment = ''",
        "DELETE FROM app.alert_events",
        "SET LOCAL ROLE console_tables; UPDATE app.alert_events SET kind = 'resolved', comment = 'x'",
    ):
        with pytest.raises(StorageError, match="append-only"), site.owner.transaction() as connection:
            connection.exec_driver_sql(statement)
