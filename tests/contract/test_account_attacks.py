"""Somebody curious or worse, with a login of their own and any SQL they like."""

import threading
import time

import pytest
from sqlalchemy import text

from models.errors import NotAllowed, Rejected, StorageError
from models.passwords import scram_verifier
from models.queries.alerts import apply_transitions
from models.queries.people import (
    accounts,
    anonymise_person,
    change_email,
    create_person,
    create_station,
    end_sessions_in_the_way,
    rename_person,
)
from models.records.alert import Transition, TransitionKind
from models.records.device import DeviceId
from models.records.person import Role
from models.records.threshold import Severity, ThresholdId
from tests.account_parts import PASSWORD, stored

# Every function by which accounts are made and changed, and the parts they are built of.
ACCOUNT_FUNCTIONS = """
SELECT p.proname::text, format('SELECT app.%I(%s)', p.proname,
       (SELECT string_agg('NULL::' || format_type(t, NULL), ', ' ORDER BY n)
        FROM unnest(p.proargtypes) WITH ORDINALITY AS a (t, n)))
FROM pg_proc AS p
WHERE p.pronamespace = 'app'::regnamespace
  AND (p.proowner = 'console_accounts'::regrole
       OR p.proname IN ('accounts', 'forget_in_texts', 'without_name', 'last_sign_in_at'))
ORDER BY 1
"""
OWN = {"change_my_password"}
FOR_STATIONS = {"end_sessions_in_the_way"}
FOR_ADMINS = {
    *("accounts", "create_person", "set_person_role", "set_person_active", "rename_person", "change_email"),
    *("reset_password", "end_sessions", "anonymise_person", "create_station", "set_station_enabled"),
    "reset_station_password",
}
ESCALATIONS = {
    "own role": "UPDATE app.users SET role = 'admin'",
    "new person": "INSERT INTO app.users (email, password_hash, name, role) VALUES ('a', '!', 'A', 'admin')",
    "new station": "INSERT INTO app.stations (name, db_role) VALUES ('Mine', session_user)",
    "somebody gone": "DELETE FROM app.users",
    "hashes": "SELECT password_hash FROM app.users",
    "verifiers": "SELECT rolpassword FROM pg_authid",
    "group": "GRANT console_admin TO CURRENT_USER",
    "group of the tables": "SET ROLE console_tables",
    "group of the accounts": "SET ROLE console_accounts",
    "somebody else": "SET SESSION AUTHORIZATION DEFAULT; SET SESSION AUTHORIZATION console_tables",
    "superuser": "ALTER ROLE CURRENT_USER SUPERUSER",
    "new login": "CREATE ROLE friend LOGIN PASSWORD 'x'",
    "owner's function": "CREATE OR REPLACE FUNCTION app.person_role() RETURNS text LANGUAGE sql RETURN 'x'",
    "function of one's own": "CREATE FUNCTION app.mine() RETURNS text LANGUAGE sql RETURN 'admin'",
    "shadowed names": "CREATE TEMP TABLE users (id bigint)",
    "trigger off": "ALTER TABLE app.users DISABLE TRIGGER ALL",
    "replica": "SET session_replication_role = replica",
    "another's session": "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE pid <> pg_backend_pid() AND usename <> current_user",
    "the server's files": "SELECT pg_read_file('pg_hba.conf')",
}


def functions(site):
    with site.owner.transaction() as connection:
        return {row[0]: row[1] for row in connection.execute(text(ACCOUNT_FUNCTIONS))}


def sqlstate(database, statement):
    """Return the code with which the database refuses, None where it does not."""
    try:
        with database.transaction() as connection:
            connection.exec_driver_sql(statement)
    except StorageError as error:
        return error.__cause__.sqlstate
    return None


def test_the_list_of_functions_is_complete(newest_site):
    assert functions(newest_site).keys() > FOR_ADMINS | OWN
    assert len(functions(newest_site)) > 30


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.USER])
def test_nobody_but_administrators_calls_an_account_function_by_hand(site, role):
    session = site.signed_in(site.add(role))
    calls = {name: call for name, call in functions(site).items() if name not in OWN}
    assert {name: sqlstate(session, call) for name, call in calls.items()} == dict.fromkeys(calls, "42501")


def test_a_station_calls_no_account_function(site):
    with site.owner.transaction() as connection:
        login = create_station(connection, "Hall 3", scram_verifier(PASSWORD)).login
    session = site.owner.with_login(login, PASSWORD, "tests")
    calls = {name: call for name, call in functions(site).items() if name not in FOR_STATIONS}
    assert {name: sqlstate(session, call) for name, call in calls.items()} == dict.fromkeys(calls, "42501")
    session.close()


def test_an_administrator_calls_the_whole_functions_and_none_of_their_parts(site):
    session = site.signed_in(site.add(Role.ADMIN))
    refused = {name for name, call in functions(site).items() if sqlstate(session, call) == "42501"}
    assert refused == functions(site).keys() - FOR_ADMINS - OWN


def test_a_disabled_administrator_is_none_even_in_the_same_session(site):
    admin = site.add(Role.ADMIN)
    site.add(Role.ADMIN)
    with site.signed_in(admin).autocommit() as connection:
        accounts(connection)
        with site.owner.transaction() as owner:
            owner.execute(text("UPDATE app.users SET is_active = false WHERE id = :id"), {"id": admin.id})
        with pytest.raises(NotAllowed):
            accounts(connection)


@pytest.mark.parametrize("role", Role)
def test_no_statement_makes_somebody_more_than_they_are(newest_site, role):
    session = newest_site.signed_in(newest_site.add(role))
    with newest_site.signed_in(newest_site.add()).transaction() as other:
        other.execute(text("SELECT 1"))
        answers = {what: sqlstate(session, statement) for what, statement in ESCALATIONS.items()}
        assert answers == dict.fromkeys(ESCALATIONS, "42501")
        other.execute(text("SELECT 1"))


@pytest.mark.parametrize(
    "setting",
    [
        "SET standard_conforming_strings = off",
        "SET search_path = pg_temp, public, app",
        "SET transform_null_equals = on",
        "SET bytea_output = escape",
        "SET TimeZone = 'Pacific/Kiritimati'",
    ],
)
def test_a_session_s_settings_loosen_no_check(site, setting):
    with site.signed_in(site.add(Role.ADMIN)).autocommit() as connection:
        connection.execute(text(setting))
        for email, name in (("no address", "A"), ("a@example.com", "A\u200bB")):
            with pytest.raises(Rejected):
                create_person(connection, email, name, Role.ADMIN, stored())
        with pytest.raises(Rejected, match="SCRAM"):
            connection_refuses_a_plain_password(connection)
        made = create_person(connection, "fine@example.com", "A \\' B", Role.ADMIN, stored())
        assert {a.id: a.name for a in accounts(connection)}[made] == "A \\' B"


def connection_refuses_a_plain_password(connection):
    from models.passwords import NewPassword

    plain = NewPassword("x' SUPERUSER PASSWORD 'y", stored().password_hash)
    create_person(connection, "plain@example.com", "Plain", Role.ADMIN, plain)


def test_sql_in_a_name_or_address_is_a_name_or_no_address(site):
    attack = "x'); DROP TABLE app.users; ALTER ROLE console_accounts SUPERUSER; --"
    person = site.add(name=attack)
    with site.owner.transaction() as connection:
        rename_person(connection, person.id, attack + "2")
        with pytest.raises(Rejected):
            change_email(connection, person.id, attack)
    with site.owner.transaction() as connection:
        create_station(connection, attack, stored().verifier)
        anonymise_person(connection, person.id)
        powers = text(
            "SELECT bool_or(rolsuper) FROM pg_roles WHERE rolname LIKE 'console\\_%' AND rolname <> :me"
        )
        assert connection.execute(powers, {"me": site.owner.address.user}).scalar_one() is False
        assert len(accounts(connection)) == 2


def test_no_login_can_do_more_than_sign_in(site):
    for role in Role:
        site.add(role)
    with site.owner.transaction() as connection:
        strong = connection.execute(
            text(
                "SELECT count(*) FILTER (WHERE rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR "
                "rolbypassrls), count(*) FILTER (WHERE rolconnlimit = 16) FROM pg_roles "
                "WHERE rolname IN (SELECT db_role FROM app.users WHERE db_role LIKE 'u\\_%')"
            )
        ).one()
    assert tuple(strong) == (0, 3)


def test_a_person_passes_for_no_station(site):
    session = site.signed_in(site.add(Role.ADMIN))
    assert sqlstate(session, "SET application_name = 'station'; SELECT app.station_join('9.9')") == "42501"


def test_nobody_keeps_a_station_from_recording(site):
    with site.owner.transaction() as connection:
        login = create_station(connection, "Hall 3", scram_verifier(PASSWORD)).login
        device = connection.execute(
            text(
                "INSERT INTO app.devices (device_id, name, type, location) "
                "VALUES ('a', 'b', 'c', 'd') RETURNING id"
            )
        ).scalar_one()
        threshold = connection.execute(
            text(
                "INSERT INTO app.alert_thresholds (device_id, user_id, metric_type, max_value, severity) "
                "VALUES (:device, 1, 'rpm', 5, 'info') RETURNING id"
            ),
            {"device": device},
        ).scalar_one()
    station = site.owner.with_login(login, PASSWORD, "tests")
    bystander = site.signed_in(site.add()).transaction()
    beside = bystander.__enter__()
    beside.execute(text("SELECT 1"))
    attack = site.signed_in(site.add()).transaction()
    holding = attack.__enter__()
    holding.exec_driver_sql("SET idle_in_transaction_session_timeout = 0; SET CONSTRAINTS ALL IMMEDIATE")
    holding.exec_driver_sql("SELECT app.note_refusal('held')")
    recorded = []
    found = Transition(
        TransitionKind.RAISED,
        DeviceId(device),
        ThresholdId(threshold),
        Severity.INFO,
        time.time(),
        6.0,
        5.0,
        "fast",
        epoch=1,
    )
    with site.owner.transaction() as connection:
        connection.execute(
            text(
                "INSERT INTO app.lease_history (device_id, epoch, station_id, incarnation, began_at) "
                "SELECT :device, 1, id, 1, '-infinity' FROM app.stations WHERE db_role = :login"
            ),
            {"device": device, "login": login},
        )

    def record():
        with station.transaction() as connection:
            recorded.append(apply_transitions(connection, [found]))

    thread = threading.Thread(target=record, name="recorder")
    thread.start()
    ended = 0
    with station.autocommit() as watching:
        while not ended and thread.is_alive():
            ended = end_sessions_in_the_way(watching, 0.2)
    thread.join(30)
    assert (ended, recorded) == (1, [1])
    with pytest.raises(StorageError):
        attack.__exit__(None, None, None)
    assert beside.execute(text("SELECT 1")).scalar_one() == 1
    bystander.__exit__(None, None, None)
    station.close()


def test_names_addresses_and_verifiers_stay_out_of_the_server_s_log(oldest_site, oldest_database_server):
    person = oldest_site.add(email="xanthippe@example.com", name="Xanthippe Unheard")
    with oldest_site.owner.autocommit() as connection:
        for attempt in (
            lambda: create_person(
                connection, "Xanthippe@Example.com", "Xanthippe Unheard", Role.USER, stored()
            ),
            lambda: create_person(connection, "xanthippe unheard", "Xanthippe Unheard", Role.USER, stored()),
            lambda: create_person(
                connection, "other@example.com", "Xanthippe Unheard\u200b", Role.USER, stored()
            ),
            lambda: create_person(connection, "other@example.com", "Xanthippe Unheard", "boss", stored()),
            lambda: rename_person(connection, person.id, "Xanthippe Unheard" * 100),
            lambda: change_email(connection, person.id, "xanthippe@"),
        ):
            with pytest.raises(Exception, match=r"."):
                attempt()
    log = oldest_database_server.log()
    assert "ERROR" in log
    lines = [line for line in log.casefold().splitlines() if "xanthippe" in line or "$4096:" in line]
    assert lines == []
