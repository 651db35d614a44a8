"""What a curious or a hostile login tries beside plain statements: every one is refused, or sees nothing."""

import shutil
import subprocess

import psycopg
import pytest

from tests.contract.access_decisions import Login, Outcome
from tests.contract.access_plant import PASSWORD

LOGINS = list(Login)
MEMBERS = [login for login in Login if login is not Login.NOBODY]

# Nobody but a superuser may run these, whatever their role here.
ATTACKS = {
    "read password hashes": "SELECT password_hash FROM app.users",
    "read whole rows of users": "SELECT u FROM app.users AS u",
    "copy users": "COPY app.users TO STDOUT",
    "write password hashes": "UPDATE app.users SET password_hash = '!'",
    "read the server's passwords": "SELECT rolpassword FROM pg_authid",
    "read the server's passwords by view": "SELECT passwd FROM pg_shadow",
    "become the owner of the tables": "SET ROLE console_tables",
    "become who makes logins": "SET ROLE console_accounts",
    "become a superuser": "SET ROLE pg_read_all_data",
    "become another session": "SET SESSION AUTHORIZATION console_tables",
    "give oneself a group": "GRANT console_tables TO CURRENT_USER",
    "give oneself everything": "ALTER ROLE CURRENT_USER SUPERUSER",
    "make a login": "CREATE ROLE another LOGIN",
    "run a program": "COPY (SELECT 1) TO PROGRAM 'true'",
    "read from a program": "CREATE TEMP TABLE said (line text); COPY said FROM PROGRAM 'id'",
    "write a file": "COPY (SELECT 1) TO '/tmp/never-written'",
    "read a file": "SELECT pg_read_file('pg_hba.conf')",
    "list a folder": "SELECT pg_ls_dir('.')",
    "import a large object": "SELECT lo_import('/etc/passwd')",
    "make a large object": "SELECT lo_create(0)",
    "fill a large object": "SELECT lo_from_bytea(0, 'x')",
    "lock out the writers": "SELECT pg_advisory_lock(7305061)",
    "lock for a while": "SELECT pg_try_advisory_xact_lock(7305061)",
    "cry wolf": "SELECT pg_notify('alerts', '')",
    "shadow by a temporary table": "CREATE TEMP TABLE users (id bigint)",
    "shadow in public": "CREATE TABLE public.users (id bigint)",
    "shadow by a function": "CREATE FUNCTION public.now() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "shadow by a function of one's own session": (
        "CREATE FUNCTION pg_temp.now() RETURNS int LANGUAGE sql AS 'SELECT 1'"
    ),
    "shadow in a schema": "CREATE SCHEMA mine",
    "make a function among ours": "CREATE FUNCTION app.x() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "bring an extension": "CREATE EXTENSION file_fdw",
    "switch triggers off": "SET session_replication_role = replica",
    "change the database": "ALTER DATABASE postgres SET default_transaction_read_only = on",
    "drop the revision": "DROP TABLE app.schema_revision",
    "call what is inside": "SELECT app.add_partition('sensor_readings', 'day', now())",
    "open the database": "SELECT app.settle_ownership()",
}

# Functions that act as their owner, by those they are not meant for.
READING = (
    "SELECT app.record_readings(ARRAY[201::bigint], ARRAY[now()], "
    "ARRAY[1.0], ARRAY[1.0], ARRAY[1.0], ARRAY[1.0], ARRAY[1.0], ARRAY[1.0], ARRAY[0::smallint], "
    "ARRAY[0::bigint], now(), ARRAY[1])"
)
MISUSE = {
    "a reading": READING,
    "an alert": (
        "SELECT app.apply_finding('raised', 203, 503, 'info', now(), 1.0::float8, 1.0::float8, 'x', 0)"
    ),
    "a device's status": "SELECT app.record_device_states('{201}', '{error}', '{x}', ARRAY[now()], '{0}')",
    "a station's start": "SELECT app.enter_station('1')",
    "a sign of life": "SELECT app.station_beat()",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_refused(plant, attack):
    outcomes = {login: plant.attempt(login, ATTACKS[attack]) for login in LOGINS}
    assert outcomes == dict.fromkeys(LOGINS, Outcome.REFUSED)


@pytest.mark.parametrize("what", MISUSE)
def test_only_a_station_reports(plant, what):
    others = [login for login in Login if login is not Login.STATION]
    outcomes = {login: plant.attempt(login, MISUSE[what]) for login in others}
    assert outcomes == dict.fromkeys(others, Outcome.REFUSED)


@pytest.mark.parametrize("what", MISUSE)
def test_a_station_does_report(plant, what):
    assert plant.attempt(Login.STATION, f"WITH done AS ({MISUSE[what]}) SELECT 1 FROM done") is Outcome.DONE


@pytest.mark.parametrize("login", [Login.STATION, Login.GUEST, Login.NOBODY])
@pytest.mark.parametrize("function", ["acknowledge_alerts", "resolve_alerts"])
def test_only_a_person_handles_alerts(plant, login, function):
    assert plant.attempt(login, f"SELECT count(*) FROM app.{function}('{{601}}')") is Outcome.REFUSED


@pytest.mark.parametrize("login", [Login.OPERATOR, Login.ENGINEER, Login.STRANGER, Login.GUEST])
def test_only_stations_and_administrators_do_the_upkeep(plant, login):
    steps = ("ensure_partitions()", "close_minutes()", "roll_step()", "roll_late(1)")
    assert {plant.attempt(login, f"SELECT app.{step}") for step in steps} == {Outcome.REFUSED}


def test_a_guest_of_all_groups_may_still_call_nothing_that_acts(plant):
    calls = (
        *MISUSE.values(),
        "SELECT app.make_room_for(ARRAY[now()])",
        "SELECT app.roll_minutes(now(), now())",
    )
    assert {plant.attempt(Login.GUEST, call) for call in calls} == {Outcome.REFUSED}


@pytest.mark.parametrize(
    ("login", "group", "seen"),
    [
        (Login.ENGINEER, "console_user", 1),
        (Login.STATION, "console_station", 3),
        (Login.OPERATOR, "console_operator", 3),
        (Login.GUEST, "console_user", 0),
        (Login.GUEST, "console_operator", 0),
        (Login.GUEST, "console_station", 0),
        (Login.GUEST, "console_admin", 0),
    ],
)
def test_wearing_a_group_shows_nothing_more(plant, login, group, seen):
    connection = plant.connection(login)
    with connection.transaction(force_rollback=True):
        connection.execute(f"SET LOCAL ROLE {group}".encode())
        assert connection.execute("SELECT count(*) FROM app.devices").fetchone() == (seen,)


@pytest.mark.parametrize("login", [Login.ENGINEER, Login.OPERATOR, Login.STATION])
def test_nobody_wears_the_group_of_administrators(plant, login):
    assert plant.attempt(login, "SET ROLE console_admin") is Outcome.REFUSED


def test_a_stranger_sees_their_own_device_and_no_other(plant):
    seen = plant.connection(Login.STRANGER).execute("SELECT device_id FROM app.devices").fetchall()
    assert seen == [("OTHER",)]


def test_the_last_hour_of_somebody_elses_device_is_empty(plant):
    counts = {
        login: plant.connection(login).execute("SELECT count(*) FROM app.latest_hour(201, 9)").fetchone()[0]
        for login in MEMBERS
    }
    wanted = dict.fromkeys(MEMBERS, 1) | {Login.STRANGER: 0, Login.GUEST: 0}
    assert counts == wanted


def test_a_disabled_person_sees_and_does_nothing_in_a_session_that_is_still_open(plant):
    plant.connection(Login.ENGINEER)
    plant.owner.execute("UPDATE app.users SET is_active = false WHERE id = 103")
    try:
        seen = [
            plant.attempt(Login.ENGINEER, f"SELECT count(*) FROM app.{table}")
            for table in ("devices", "alerts", "sensor_readings", "users", "persons")
        ]
        done = plant.attempt(Login.ENGINEER, "SELECT count(*) FROM app.acknowledge_alerts('{601}')")
    finally:
        plant.owner.execute("UPDATE app.users SET is_active = true WHERE id = 103")
    assert (set(seen), done) == ({Outcome.NOTHING}, Outcome.REFUSED)


def test_a_disabled_station_stores_nothing_in_a_session_that_is_still_open(plant):
    plant.connection(Login.STATION)
    plant.owner.execute("UPDATE app.stations SET is_enabled = false WHERE id = 401")
    try:
        assert plant.attempt(Login.STATION, READING) is Outcome.REFUSED
    finally:
        plant.owner.execute("UPDATE app.stations SET is_enabled = true WHERE id = 401")


def test_a_row_of_somebody_else_is_not_betrayed_by_an_error(plant):
    # Were the condition asked before the policy, dividing by zero would tell that device 202 exists.
    counted = plant.attempt(Login.ENGINEER, "SELECT count(1 / (id - 202)) FROM app.devices")
    assert counted is Outcome.DONE


def test_statistics_of_columns_tell_nothing(plant):
    plant.owner.execute("ANALYZE app.devices, app.users, app.sensor_readings")
    assert plant.attempt(Login.ENGINEER, "SELECT count(*) FROM pg_stats WHERE schemaname = 'app'") is (
        Outcome.NOTHING
    )


def test_policies_cannot_be_switched_off(plant):
    connection = plant.connection(Login.ENGINEER)
    with connection.transaction(force_rollback=True):
        connection.execute("SET LOCAL row_security = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
            connection.execute("SELECT count(*) FROM app.devices")


def test_a_shadow_in_the_search_path_is_not_looked_at(plant):
    owner, connection = plant.owner, plant.connection(Login.ENGINEER)
    owner.execute(
        "CREATE SCHEMA trap; CREATE TABLE trap.users AS SELECT id, db_role, is_active, 'admin' AS role "
        "FROM app.users; "
        "CREATE FUNCTION trap.clock_timestamp() RETURNS timestamptz LANGUAGE sql "
        "RETURN 'epoch'::timestamptz; "
        "CREATE FUNCTION trap.everything(name, name) RETURNS boolean LANGUAGE sql RETURN true; "
        "CREATE OPERATOR trap.= (LEFTARG = name, RIGHTARG = name, FUNCTION = trap.everything); "
        "GRANT USAGE ON SCHEMA trap TO PUBLIC; GRANT SELECT ON trap.users TO PUBLIC"
    )
    try:
        with connection.transaction(force_rollback=True):
            connection.execute("SET LOCAL search_path = trap, app, pg_catalog")
            role = connection.execute("SELECT person_role()").fetchone()
            seen = connection.execute("SELECT count(*) FROM devices").fetchone()
            connection.execute("SELECT acknowledge_alerts('{601}')")
            at = connection.execute(
                "SELECT acknowledged_at > '2020-01-01' AND acknowledged_by = 103 FROM alerts WHERE id = 601"
            ).fetchone()
        assert (role, seen, at) == (("user",), (1,), (True,))
    finally:
        owner.execute("DROP SCHEMA trap CASCADE")


def test_a_login_without_a_group_does_not_even_connect(plant):
    name = f"{plant.login(Login.NOBODY)}_2"
    plant.owner.execute(f"CREATE ROLE \"{name}\" LOGIN PASSWORD '{PASSWORD}'".encode())
    address = plant.url(Login.NOBODY).replace(plant.login(Login.NOBODY), name)
    with pytest.raises(psycopg.OperationalError, match=r"permission denied for database"):
        psycopg.connect(address)


@pytest.mark.parametrize("table", ["sensor_readings", "sensor_readings_{today}"])
@pytest.mark.parametrize("statement", ["UPDATE app.{} SET rpm = 2", "DELETE FROM app.{}", "TRUNCATE app.{}"])
def test_not_even_the_owner_changes_or_removes_a_reading(plant, statement, table):
    (today,) = plant.owner.execute("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYYMMDD')").fetchone()
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
        plant.owner.execute(statement.format(table.format(today=today)).encode())


def test_a_day_can_still_be_taken_off_and_dropped(plant):
    with plant.owner.transaction(force_rollback=True):
        (day,) = plant.owner.execute(
            "SELECT max(inhrelid::regclass::text) FROM pg_inherits "
            "WHERE inhparent = 'app.sensor_readings'::regclass"
        ).fetchone()
        plant.owner.execute(f"ALTER TABLE app.sensor_readings DETACH PARTITION {day}".encode())
        plant.owner.execute(f"DROP TABLE {day}".encode())
        assert plant.owner.execute("SELECT to_regclass(%s)", (day,)).fetchone() == (None,)


def test_a_day_made_later_is_as_closed_as_the_others(plant):
    connection = plant.connection(Login.STATION)
    with connection.transaction(force_rollback=True):
        connection.execute("SELECT app.ensure_partitions(20)")
        found = connection.execute(
            "SELECT bool_and(relrowsecurity AND relacl IS NULL), count(*) > 20, "
            "  bool_and(EXISTS (SELECT FROM pg_trigger AS t WHERE t.tgrelid = c.oid "
            "    AND t.tgname = 'append_only')) "
            "FROM pg_class AS c WHERE oid IN (SELECT inhrelid FROM pg_inherits "
            "  WHERE inhparent = 'app.sensor_readings'::regclass)"
        ).fetchone()
    assert found == (True, True, True)


@pytest.mark.skipif(not shutil.which("psql"), reason="the program psql is not installed")
@pytest.mark.parametrize(
    ("login", "statement", "said"),
    [
        (Login.ADMIN, "SELECT count(*) FROM app.devices", "3\n"),
        (Login.OPERATOR, "SELECT count(*) FROM app.devices", "3\n"),
        (Login.ENGINEER, "SELECT device_id FROM app.devices", "MINE\n"),
        (Login.STRANGER, "SELECT device_id FROM app.devices", "OTHER\n"),
        (Login.GUEST, "SELECT device_id FROM app.devices", ""),
        (Login.OPERATOR, "UPDATE app.devices SET name = ''", "ERROR:  permission denied for table devices\n"),
        (Login.ENGINEER, "UPDATE app.devices SET name = '' WHERE id = 202", "UPDATE 0\n"),
        (
            Login.ENGINEER,
            "SELECT password_hash FROM app.users",
            "ERROR:  permission denied for table users\n",
        ),
        (Login.STATION, "SELECT name FROM app.users", "ERROR:  permission denied for table users\n"),
        (Login.ENGINEER, "\\copy app.users to stdout", "ERROR:  permission denied for table users\n"),
        (Login.OPERATOR, "\\lo_import /etc/hostname", "ERROR:  permission denied for function lo_creat\n"),
    ],
)
def test_psql_gets_no_further(plant, login, statement, said):
    assert plant.by_psql(login, statement) == said


@pytest.mark.skipif(not shutil.which("psql"), reason="the program psql is not installed")
def test_psql_really_is_the_program():
    told = subprocess.run(["psql", "--version"], capture_output=True, text=True, check=True)
    assert told.stdout.startswith("psql (PostgreSQL)")
