"""Every change of persons and stations is announced, so that windows and stations look again; no more."""

import threading

import pytest
from sqlalchemy import text

from models.queries.people import (
    anonymise_person,
    change_email,
    change_my_password,
    create_person,
    create_station,
    rename_person,
    reset_password,
    set_person_active,
    set_person_role,
    set_station_enabled,
)
from models.records.person import Role
from tests.account_parts import stored

CHANGES = {
    "a new person": lambda c, person: create_person(c, "new@example.com", "New", Role.USER, stored()),
    "another role": lambda c, person: set_person_role(c, person.id, Role.USER),
    "disabled": lambda c, person: set_person_active(c, person.id, is_active=False),
    "another name": lambda c, person: rename_person(c, person.id, "Renamed"),
    "another address": lambda c, person: change_email(c, person.id, "other@example.com"),
    "another password": lambda c, person: reset_password(c, person.id, stored()),
    "anonymised": lambda c, person: anonymise_person(c, person.id),
    "a new station": lambda c, person: create_station(c, "Hall 3", stored().verifier),
}


@pytest.fixture
def heard(shared_site):
    """What is announced after a piece of work: `heard(work, database)` returns the channels."""
    stop = threading.Event()
    notifications = shared_site.owner.listen(("people", "end"), stop)
    for _ in range(2):
        next(notifications)

    def run(work, database=None):
        with (database or shared_site.owner).transaction() as connection:
            work(connection)
        with shared_site.owner.transaction() as connection:
            connection.execute(text("SELECT pg_notify('end', '')"))
        told = []
        while (channel := next(notifications).channel) != "end":
            told.append(channel)
        return told

    yield run
    stop.set()
    notifications.close()


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_is_announced(shared_site, heard, change):
    person = shared_site.add()
    heard(lambda connection: None)
    assert heard(lambda connection: change(connection, person)) == ["people"]


def test_one_s_own_new_password_is_announced(shared_site, heard):
    person = shared_site.add()
    session = shared_site.signed_in(person)
    heard(lambda connection: None)
    assert heard(lambda connection: change_my_password(connection, stored()), session) == ["people"]


def test_what_changes_nothing_is_not_announced(shared_site, heard):
    person = shared_site.add(Role.USER)
    heard(lambda connection: None)
    assert heard(lambda connection: set_person_role(connection, person.id, Role.USER)) == []


def test_a_station_s_signs_of_life_are_not_announced(shared_site, heard):
    with shared_site.owner.transaction() as connection:
        station = create_station(connection, "Hall 4", stored().verifier)
    heard(lambda connection: None)
    beat = text("UPDATE app.stations SET last_seen = now(), incarnation = incarnation + 1, version = '2'")
    assert heard(lambda connection: connection.execute(beat)) == []
    assert heard(lambda c: set_station_enabled(c, station.id, is_enabled=False)) == ["people"]
