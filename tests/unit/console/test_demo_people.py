from dataclasses import replace

from console import site_clock
from console.demo_people import (
    _HASH,
    PASSWORD,
    PERSONS,
    DemoDoor,
    add_missing,
    demo_person,
    restore,
    shared_out,
)
from console.settings import Settings
from models.database import Database
from models.passwords import NewPassword, check_password, scram_verifier, verify_password
from models.queries.alarm_settings import load_alarm_settings, save_alarm_settings
from models.queries.people import accounts, has_hash, reset_password, set_person_active
from models.records.device_entry import DeviceEntry
from models.records.person import Role
from tests.unit.console.bridge.bridge_parts import device


def test_there_is_one_person_of_each_role():
    assert sorted(person.role for person in PERSONS) == sorted(Role)
    assert [demo_person(person.key) for person in PERSONS] == list(PERSONS)
    assert demo_person("boss") is None


def test_the_stored_hash_is_of_the_password():
    assert verify_password(PASSWORD, _HASH)
    check_password(PASSWORD)


def test_whoever_is_missing_is_added_and_nobody_twice(database: Database):
    for _ in range(2):
        with database.transaction() as connection:
            add_missing(connection)
    with database.transaction() as connection:
        added = {account.email: account.role for account in accounts(connection) if account.has_password}
    assert added == {person.email: person.role for person in PERSONS}


def test_a_new_site_goes_by_this_computers_clock_until_somebody_chooses_another(
    database: Database, monkeypatch
):
    monkeypatch.setattr(site_clock, "local_zone_name", lambda: "Asia/Kolkata")
    zones: list[str] = []
    with database.transaction() as connection:
        add_missing(connection)
        zones.append(load_alarm_settings(connection).time_zone)
        save_alarm_settings(connection, replace(load_alarm_settings(connection), time_zone="UTC"))
        add_missing(connection)
        zones.append(load_alarm_settings(connection).time_zone)
    assert zones == ["Asia/Kolkata", "UTC"]


def test_every_third_device_is_the_engineers(database: Database):
    entries = [DeviceEntry(replace(device(number), user_id=None), ()) for number in range(1, 7)]
    with database.transaction() as connection:
        add_missing(connection)
        shared = shared_out(connection, entries)
        engineer = next(each.id for each in accounts(connection) if each.role is Role.USER)
    assert [entry.device.user_id for entry in shared] == [None, None, engineer, None, None, engineer]


def test_each_of_them_gets_in_and_nobody_is_asked_for_a_first_administrator(tmp_path):
    door = DemoDoor(Settings(tmp_path, station_name="tests"))
    try:
        site = door.open()
        entered = [site.sign_in(person.email, PASSWORD, "tests").person for person in PERSONS]
        assert [(each.role, each.name) for each in entered] == [(each.role, each.name) for each in PERSONS]
        assert not site.needs_first_admin
    finally:
        door.close()
        door.close()


def test_whoever_was_disabled_or_given_another_password_is_let_in_at_the_next_start(database: Database):
    with database.transaction() as connection:
        add_missing(connection)
        engineer = next(each.id for each in accounts(connection) if each.role is Role.USER)
        reset_password(connection, engineer, NewPassword(scram_verifier("another one"), f"{_HASH[:-1]}n"))
        set_person_active(connection, engineer, is_active=False)
        assert not has_hash(connection, engineer, _HASH)

        restore(connection)

        assert has_hash(connection, engineer, _HASH)
        assert next(each for each in accounts(connection) if each.id == engineer).is_active
