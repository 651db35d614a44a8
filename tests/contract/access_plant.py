"""A database with one row of everything, and a real login for everybody who tries something with it."""

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from urllib.parse import quote

import psycopg
from sqlalchemy.engine import Connection

from models.database import Database
from models.metrics import METRIC_KEYS
from tests.contract.access_decisions import Login, Outcome

PASSWORD = "a long enough word"
GROUPS = {
    Login.ADMIN: "console_admin",
    Login.OPERATOR: "console_operator",
    Login.ENGINEER: "console_user",
    Login.STRANGER: "console_user",
    Login.STATION: "console_station",
    Login.GUEST: "console_admin, console_operator, console_user, console_station",
}
_PERSONS = {Login.ADMIN: 101, Login.OPERATOR: 102, Login.ENGINEER: 103, Login.STRANGER: 104}
_ROLES = {Login.ADMIN: "admin", Login.OPERATOR: "operator", Login.ENGINEER: "user", Login.STRANGER: "user"}
_COUNTS = ", ".join(f"{metric}_count" for metric in METRIC_KEYS)
_ROWS = f"""
INSERT INTO app.devices (id, device_id, name, type, location, user_id)
VALUES (201, 'MINE', 'Mine', 'drive', 'Hall A', 103), (202, 'OTHER', 'Other', 'drive', 'Hall A', 104),
       (203, 'NOBODYS', 'Nobody''s', 'drive', 'Hall A', NULL);
INSERT INTO app.station_leases (station_id, incarnation) VALUES (401, 0);
INSERT INTO app.lease_history (device_id, epoch, station_id, incarnation, began_at)
SELECT id, 0, 401, 0, now() FROM app.devices;
INSERT INTO app.station_orders (station_id, kind, ended_at) VALUES (401, 'drill', now());
INSERT INTO app.alert_thresholds (id, device_id, user_id, metric_type, max_value, severity)
SELECT id + 300, id, 101, 'rpm', 5, 'warning' FROM app.devices;
INSERT INTO app.sensor_readings (device_id, recorded_at, rpm) SELECT id, now(), 1 FROM app.devices;
INSERT INTO app.device_latest (device_id, recorded_at, rpm) SELECT id, now(), 1 FROM app.devices;
INSERT INTO app.device_health (device_id, report) SELECT id, '{{}}' FROM app.devices;
INSERT INTO app.readings_1m (device_id, bucket, {_COUNTS})
SELECT id, date_trunc('minute', now()), {", ".join("1" for _ in METRIC_KEYS)} FROM app.devices;
INSERT INTO app.readings_1h (device_id, bucket, {_COUNTS})
SELECT id, date_trunc('hour', now()), {", ".join("1" for _ in METRIC_KEYS)} FROM app.devices;
INSERT INTO app.signals
    (id, key, label, plausible_low, plausible_high, span_low, span_high, user_id)
OVERRIDING SYSTEM VALUE VALUES (701, 'flow', 'Flow', 0, 100, 0, 50, 103);
INSERT INTO app.signal_readings (device_id, signal_id, recorded_at) SELECT id, 701, now() FROM app.devices;
INSERT INTO app.signal_latest (device_id, signal_id, recorded_at) SELECT id, 701, now() FROM app.devices;
INSERT INTO app.signal_1m (device_id, signal_id, bucket, count)
SELECT id, 701, date_trunc('minute', now()), 1 FROM app.devices;
INSERT INTO app.signal_1h (device_id, signal_id, bucket, count)
SELECT id, 701, date_trunc('hour', now()), 1 FROM app.devices;
INSERT INTO app.rollup_dirty SELECT id, now() FROM app.devices;
INSERT INTO app.alerts (id, device_id, threshold_id, user_id, severity, message, triggered_at)
SELECT id + 400, id, id + 300, user_id, 'warning', 'hot', now() FROM app.devices;
INSERT INTO app.alert_events (alert_id, device_id, threshold_id, kind, at)
SELECT id + 400, id, id + 300, 'raised', now() FROM app.devices;
INSERT INTO app.shift_handovers (shift_name, began_at, ends_at, drafted_at, sections, written_by)
VALUES ('Early', now() - interval '8 hours', now(), now(), '[]', 102);
INSERT INTO app.alert_shelves (device_id, threshold_id, user_id, reason, until)
SELECT id, id + 300, 101, 'valve', now() + interval '1 hour' FROM app.devices;
INSERT INTO app.device_maintenance (device_id, user_id, reason, until)
SELECT id, 101, 'bearing', now() + interval '1 hour' FROM app.devices;
INSERT INTO app.alert_inbox (device_id, threshold_id, at, is_end)
SELECT id, id + 300, now(), false FROM app.devices;
INSERT INTO app.ota_versions (id, version, firmware_url, created_by)
VALUES (301, '1.0', 'x', 103), (302, '2.0', 'x', 103);
INSERT INTO app.ota_permits (id, permit, signatures, created_by)
VALUES (801, convert_to('{{"expires_at":"2999-01-01T00:00:00Z","from_version":"2.0.0",'
                        '"product":"drive-a","serial":"any","to_version":"1.0.0"}}', 'UTF8'), '{{}}', 103);
INSERT INTO app.ota_rollouts (id, name, version_id, plan, plan_hash, settings, created_by)
VALUES (801, 'Drives', 301, '{{"devices": [{{"device": 201, "wave": 0}}]}}', sha256('x'), '{{}}', 101);
INSERT INTO app.ota_waves (id, rollout_id, place) VALUES (802, 801, 0);
INSERT INTO app.ota_approvals (rollout_id, person_id, kind, plan_hash) VALUES (801, 101, 'plan', sha256('x'));
INSERT INTO app.ota_events (rollout_id, kind) VALUES (801, 'planned');
INSERT INTO app.ota_deployments (device_id, version_id, rollout_id, wave_id, step)
SELECT id, 301, CASE id WHEN 201 THEN 801 END, CASE id WHEN 201 THEN 802 END, 'queued' FROM app.devices;
INSERT INTO app.window_tickets (digest, person_id, expires_at)
VALUES (sha256('x'), 103, now() + interval '1 day');
INSERT INTO app.workstations (id, name, public_key, fingerprint)
VALUES (1, 'PC', sha256('x'), '0000 0000 0000 0000 0000 0000');
INSERT INTO app.field_keys (id) VALUES (repeat('0', 32));
INSERT INTO app.wrapped_keys (key_id, workstation_id, wrapped)
VALUES (repeat('0', 32), 1, decode(repeat('00', 80), 'hex'));
INSERT INTO app.notification_channels (id, name, kind, url)
OVERRIDING SYSTEM VALUE
VALUES (501, 'Hook', 'webhook', 'http://h/'), (502, 'Other hook', 'webhook', 'http://h/');
INSERT INTO app.notification_rules (id, name, channel_id, severities)
OVERRIDING SYSTEM VALUE VALUES (601, 'All', 501, ARRAY['warning']);
INSERT INTO app.notification_deliveries (channel_id, channel_name) VALUES (501, 'Hook');
INSERT INTO app.notification_inbox (event_id) SELECT id FROM app.alert_events;
INSERT INTO app.notification_items (rule_id, event_id, due_at) SELECT 601, id, at FROM app.alert_events;
INSERT INTO app.notification_health (channel_id, last_error) VALUES (501, 'No answer.');
"""

# Each statement is taken back by itself; whatever goes wrong but a refusal ends the whole.
_ONE_AFTER_THE_OTHER = """
DO $tries$
DECLARE
    statement text;
    count bigint;
    outcomes text[] := '{}';
BEGIN
    FOREACH statement IN ARRAY current_setting('tries.statements')::text[] LOOP
        BEGIN
            IF statement LIKE 'SELECT %' THEN
                EXECUTE statement INTO count;
            ELSE
                EXECUTE statement;
                GET DIAGNOSTICS count = ROW_COUNT;
            END IF;
            RAISE EXCEPTION 'taken back' USING ERRCODE = 'TRY00';
        EXCEPTION
            WHEN insufficient_privilege THEN outcomes := outcomes || 'refused'::text;
            WHEN SQLSTATE 'TRY00' THEN
                outcomes := outcomes || CASE WHEN count > 0 THEN 'done' ELSE 'nothing' END;
        END;
    END LOOP;
    PERFORM set_config('tries.outcomes', outcomes::text, true);
END $tries$
"""


class AccessPlant:
    """One migrated database on one server. The devices are MINE (201), OTHER (202) and NOBODYS (203)."""

    def __init__(self, url: str, name: str) -> None:
        """`url` is the superuser's; `name` becomes part of every login's."""
        self._url = url
        self._name = name
        self._open = ExitStack()
        self._connections: dict[Login, psycopg.Connection] = {}
        self._databases: dict[Login, Database] = {}
        self.owner = self._open.enter_context(psycopg.connect(url, autocommit=True))
        for login in Login:
            self._add(login)
        self.owner.execute(_ROWS.encode())
        self.owner.execute("SELECT app.close_database()")
        nobody = self.login(Login.NOBODY)
        self.owner.execute(f'GRANT CONNECT ON DATABASE "{self.owner.info.dbname}" TO "{nobody}"'.encode())

    def login(self, login: Login) -> str:
        """The name of the PostgreSQL role."""
        return f"{self._name}_{login}"

    def url(self, login: Login | None = None) -> str:
        """The address as this login uses it, or as the superuser does."""
        if login is None:
            return self._url
        return self._url.replace("//" + self._url.split("//")[1].split("@")[0], f"//{self._user(login)}", 1)

    def connection(self, login: Login) -> psycopg.Connection:
        """The login's own session; whoever uses it takes back what they did."""
        if login not in self._connections:
            opened = psycopg.connect(self.url(login), autocommit=True)
            self._connections[login] = self._open.enter_context(opened)
        return self._connections[login]

    @contextmanager
    def transaction(self, login: Login) -> Iterator[Connection]:
        """A transaction of the program's own kind under this login; taken back at the end."""
        if login not in self._databases:
            self._databases[login] = Database(self.url(login), "tests")
            self._open.callback(self._databases[login].close)
        with self._databases[login].transaction() as connection:
            yield connection
            connection.get_transaction().rollback()

    def attempt(self, login: Login, statement: str) -> Outcome:
        """Run a statement and take it back; for a SELECT, its one number says whether anything was seen."""
        connection = self.connection(login)
        try:
            with connection.transaction(force_rollback=True):
                cursor = connection.execute(statement.encode())
                count = cursor.fetchone()[0] if cursor.description else cursor.rowcount
        except psycopg.errors.InsufficientPrivilege:
            return Outcome.REFUSED
        return Outcome.DONE if count else Outcome.NOTHING

    def attempts(self, login: Login, statements: Sequence[str]) -> list[Outcome]:
        """Do as `attempt` does with each of many statements, inside the server: a twentieth of the time."""
        connection = self.connection(login)
        with connection.transaction(force_rollback=True):
            connection.execute(
                "SELECT set_config('tries.statements', %s::text[]::text, true)", (list(statements),)
            )
            connection.execute(_ONE_AFTER_THE_OTHER)
            found = connection.execute("SELECT current_setting('tries.outcomes')::text[]").fetchone()[0]
        return [Outcome(outcome) for outcome in found]

    def by_psql(self, login: Login, statement: str) -> str:
        """What the program psql prints, its errors included."""
        info = self.owner.info
        environment = {**os.environ, "PGPASSWORD": PASSWORD, "PGCONNECT_TIMEOUT": "10", "LC_ALL": "C"}
        place = ["-h", info.host, "-p", str(info.port), "-U", self.login(login), "-d", info.dbname]
        said = subprocess.run(
            ["psql", "-X", "-A", "-t", *place, "-c", statement],
            capture_output=True,
            text=True,
            env=environment,
            check=False,
            timeout=30,
        )
        return said.stdout + said.stderr

    def close(self) -> None:
        """End every session."""
        self._open.close()

    def _user(self, login: Login) -> str:
        return f"{self.login(login)}:{quote(PASSWORD)}"

    def _add(self, login: Login) -> None:
        name = self.login(login)
        self.owner.execute(f"CREATE ROLE \"{name}\" LOGIN PASSWORD '{PASSWORD}'".encode())
        if login in GROUPS:
            self.owner.execute(f'GRANT {GROUPS[login]} TO "{name}"'.encode())
        if login in _PERSONS:
            self.owner.execute(
                "INSERT INTO app.users (id, email, password_hash, name, role, db_role) "
                "VALUES (%s, %s, '!', %s, %s, %s)",
                (_PERSONS[login], f"{login}@plant.example", login.title(), _ROLES[login], name),
            )
        if login is Login.STATION:
            self.owner.execute(
                "INSERT INTO app.stations (id, name, db_role) VALUES (401, 'Hall A', %s)", (name,)
            )
