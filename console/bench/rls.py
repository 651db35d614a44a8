"""`main.py bench rls`: what row-level security costs the schema document's three queries at 1,000 devices.

Each question is asked by real logins, in turns with the server's owner, whom no policy concerns, in the same
run: persons ask as the program does, the owner without anything that rights added. For the last hour that is
the plain statement instead of the guarded function. An engineer with few devices gets few rows, and so an
answer sooner than the owner.
"""

import time
from collections.abc import Callable
from contextlib import ExitStack
from statistics import median
from urllib.parse import quote

import psycopg
from sqlalchemy import text
from sqlalchemy.engine import Connection

from console.bench.figure import Bench, BenchSize, Figure
from console.bench.scratch_database import scratch_database
from models.binary_arrays import driver_cursor
from models.database import Database
from models.metrics import METRIC_KEYS
from models.queries.alerts import active_alerts
from models.queries.overview import device_overview
from models.queries.readings import latest_hour
from models.records.device import DeviceId
from models.records.reading import Reading
from models.watched_connection import allow_long_work

_FEW = 50
_LIMIT = 1.3
_PASSWORD = "bench"
_OWNER = "owner"
# Name, role in `users`, group role.
_LOGINS = (
    ("admin", "admin", "console_admin"),
    ("operator", "operator", "console_operator"),
    ("engineer_of_all", "user", "console_user"),
    ("engineer_of_few", "user", "console_user"),
)
_FILL = (
    "UPDATE app.devices SET user_id = (SELECT id FROM app.users WHERE name = "
    "  CASE WHEN id > :devices THEN 'engineer_of_few' ELSE 'engineer_of_all' END)",
    f"INSERT INTO app.sensor_readings (device_id, recorded_at, {', '.join(METRIC_KEYS)}) "
    f"SELECT d.id, t, {', '.join('random()' for _ in METRIC_KEYS)} FROM app.devices AS d, "
    "  generate_series(now() - interval '1 hour', now(), CAST(:period AS interval)) AS t",
    f"INSERT INTO app.device_latest (device_id, recorded_at, {', '.join(METRIC_KEYS)}) "
    f"SELECT DISTINCT ON (device_id) device_id, recorded_at, {', '.join(METRIC_KEYS)} "
    "FROM app.sensor_readings ORDER BY device_id, recorded_at DESC",
    "INSERT INTO app.alerts (device_id, user_id, severity, message, status, triggered_at) "
    "SELECT d.id, d.user_id, 'warning', 'hot', CASE WHEN mod(i, 100) = 0 THEN 'active' ELSE 'resolved' END, "
    "  now() - i * interval '1 second' "
    "FROM app.devices AS d CROSS JOIN generate_series(d.id, 20 * :devices, :devices) AS i",
)

_PLAIN_HOUR = (
    f"SELECT device_id, recorded_at, quality, {', '.join(METRIC_KEYS)} FROM app.sensor_readings "
    "WHERE device_id = %s AND recorded_at > now() - interval '1 hour' "
    "AND recorded_at < now() + interval '1 hour' ORDER BY recorded_at DESC LIMIT %s"
)

Question = Callable[[Connection, str], object]


def _latest_hour(connection: Connection, name: str, devices: int) -> object:
    if name == _OWNER:
        with driver_cursor(connection) as cursor:
            cursor.execute(_PLAIN_HOUR.encode(), (7, 100))
            return [
                Reading(DeviceId(row[0]), row[1].timestamp(), row[3:], row[2]) for row in cursor.fetchall()
            ]
    return latest_hour(connection, DeviceId(devices + 1 if name == "engineer_of_few" else 7))


def _run(size: BenchSize) -> list[Figure]:
    devices, period, times = (50, "1 minute", 5) if size.is_small else (1000, "10 seconds", 200)
    questions: dict[str, Question] = {
        "latest_hour": lambda connection, name: _latest_hour(connection, name, devices),
        "active_alerts": lambda connection, _: active_alerts(connection),
        "overview": lambda connection, _: device_overview(connection),
    }
    figures: list[Figure] = []
    with scratch_database(devices + _FEW) as database, ExitStack() as open_here:
        _fill(database, devices, period)
        asking = {_OWNER: open_here.enter_context(database.transaction())}
        for name, _, _ in _LOGINS:
            own = Database(_address(asking[_OWNER], name), "console bench", pool_size=1)
            open_here.callback(own.close)
            asking[name] = open_here.enter_context(own.transaction())
        for what, question in questions.items():
            taken = _medians_ms(question, asking, times)
            figures += [
                _figure(f"rls.{what}.{name}", taken[name], taken[_OWNER]) for name in asking if name != _OWNER
            ]
    return figures


def _fill(database: Database, devices: int, period: str) -> None:
    with database.transaction() as connection:
        allow_long_work(connection)
        for name, role, group in _LOGINS:
            connection.execute(text(f"CREATE ROLE {name} LOGIN PASSWORD '{_PASSWORD}'"))
            connection.execute(text(f"GRANT {group} TO {name}"))
            connection.execute(
                text(
                    "INSERT INTO app.users (email, password_hash, name, role, db_role) "
                    "VALUES (:email, '!', :name, :role, :login)"
                ),
                {"email": f"{name}@bench.invalid", "name": name, "role": role, "login": name},
            )
        facts = {"devices": devices, "period": period}
        for statement in _FILL:
            connection.execute(text(statement), facts)
    with database.autocommit() as connection:
        connection.execute(text("VACUUM ANALYZE"))


def _address(connection: Connection, login: str) -> str:
    raw = connection.connection.driver_connection
    if not isinstance(raw, psycopg.Connection):
        raise TypeError("the bench needs psycopg")
    place = f"?host={quote(raw.info.host, safe='/')}&port={raw.info.port}"
    return f"postgresql://{login}:{_PASSWORD}@/{raw.info.dbname}{place}"


def _medians_ms(question: Question, asking: dict[str, Connection], times: int) -> dict[str, float]:
    """Ask in turns, each time beginning with another, so that whatever else goes on meets all alike."""
    taken: dict[str, list[float]] = {name: [] for name in asking}
    names = list(asking)
    warming = 6  # PostgreSQL settles on a function's plan with the sixth call
    for turn in range(times + warming):
        first = turn % len(names)
        for name in (*names[first:], *names[:first]):
            start = time.perf_counter()
            question(asking[name], name)
            if turn >= warming:
                taken[name].append(1000 * (time.perf_counter() - start))
    return {name: median(values) for name, values in taken.items()}


def _figure(name: str, value: float, baseline: float) -> Figure:
    ratio = value / baseline
    return Figure(name, value, "ms", baseline, ratio, f"≤ {_LIMIT:g} × without policies", ratio <= _LIMIT)


BENCH = Bench("rls", "the schema document's three queries under policies, against the owner's", _run)
