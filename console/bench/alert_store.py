"""`main.py bench alert-store`: a flood into the database, and looking for alerts among a hundred thousand.

Everything is asked by real logins, so under row-level security: a station tells, an operator and an engineer
who owns a third of the devices look.
"""

import itertools
import time
from collections.abc import Callable, Iterable
from statistics import median
from urllib.parse import quote

import psycopg
from sqlalchemy import text
from sqlalchemy.engine import Connection

from console.bench.figure import Bench, BenchSize, Figure
from console.bench.scratch_database import median_s, scratch_database
from models.database import Database
from models.queries.alarm_time import pass_time
from models.queries.alert_journal import journal_page
from models.queries.alert_search import alert_page, count_alerts
from models.queries.alerts import apply_transitions, open_alerts
from models.records.alert import Alert, AlertStatus, Transition, TransitionKind
from models.records.alert_filter import AlertFilter, AlertSort, JournalFilter
from models.records.device import DeviceId
from models.records.threshold import Severity, ThresholdId
from models.watched_connection import allow_long_work

_PASSWORD = "bench"
_LOGINS = (("operator", "operator", "console_operator"), ("engineer", "user", "console_user"))
_PAGE = 200
_FILTERS = {
    "all": AlertFilter(),
    "words": AlertFilter(text="rpm"),
    "no_such_words": AlertFilter(text="no such words"),
    "severity": AlertFilter(severities=frozenset({Severity.CRITICAL})),
    "open": AlertFilter(statuses=frozenset({AlertStatus.ACTIVE})),
    "device": AlertFilter(device=DeviceId(7)),
    "metric": AlertFilter(metric="rpm"),
}
_THRESHOLDS = """
INSERT INTO app.alert_thresholds (device_id, user_id, metric_type, max_value, severity)
SELECT d.id, (SELECT min(id) FROM app.users), m, 70, s
FROM app.devices AS d CROSS JOIN unnest(ARRAY['rpm', 'temperature']) AS m
CROSS JOIN unnest(ARRAY['critical', 'warning', 'info']) AS s
"""
_HISTORY = """
INSERT INTO app.alerts (device_id, threshold_id, severity, message, status, triggered_at, acknowledged_at,
                        acknowledged_by, cleared_at, resolved_at, metric, value_at_trigger, limit_at_trigger)
SELECT t.device_id, t.id, t.severity, 'Speed ' || i % 100 || ' rpm is above 70 rpm', 'resolved', at,
       at + interval '1 min', (SELECT min(id) FROM app.users), at + interval '2 min', at + interval '2 min',
       t.metric_type, i % 100, 70
FROM generate_series(1, :alerts) AS i
CROSS JOIN LATERAL (SELECT now() - i * interval '25 seconds' AS at) AS m
JOIN app.alert_thresholds AS t
    ON t.id = (SELECT min(id) FROM app.alert_thresholds)
            + (i * 7919) % (SELECT count(*) FROM app.alert_thresholds)
"""
_JOURNAL = """
INSERT INTO app.alert_events (alert_id, device_id, threshold_id, kind, at, user_id, comment, is_annunciated)
SELECT a.id, a.device_id, a.threshold_id, k.kind, a.triggered_at + k.place * interval '10 seconds',
       CASE WHEN k.kind = 'acknowledged' THEN a.acknowledged_by END,
       CASE WHEN k.kind = 'acknowledged' AND a.id % 10 = 0 THEN 'looked at it' ELSE '' END, k.kind = 'raised'
FROM app.alerts AS a
CROSS JOIN unnest(ARRAY['raised', 'acknowledged', 'cleared', 'resolved']) WITH ORDINALITY AS k (kind, place)
"""


def _run(size: BenchSize) -> list[Figure]:
    devices, flood, alerts, times = (20, 60, 500, 1) if size.is_small else (1000, 5000, 100_000, 5)
    with scratch_database(devices) as database:
        _fill(database, alerts)
        with database.transaction() as station:
            raised_s = _flood(station, flood)
        _analyze(database)
        with database.transaction() as station:
            # PostgreSQL settles on a function's plan with the sixth call.
            ticking_ms = [_once_ms(lambda: pass_time(station)) for _ in range(times + 6)][6:]
        figures = [
            _figure("alert-store.flood", raised_s, "s", 10.0),
            _figure("alert-store.pass_time", median(ticking_ms), "ms", 20.0),
        ]
        for name, _role, _group in _LOGINS:
            own = Database(_address(database, name), "console bench", pool_size=1)
            try:
                with own.transaction() as connection:
                    figures += _looking(
                        name, connection, times, list(AlertSort)[:1] if size.is_small else AlertSort
                    )
            finally:
                own.close()
        return figures


def _looking(name: str, connection: Connection, times: int, sorts: Iterable[AlertSort]) -> list[Figure]:
    counts = [1000 * median_s(lambda c=c: count_alerts(connection, c), times) for c in _FILTERS.values()]
    pages = [
        _page_ms(connection, chosen, sort, times, descending=descending)
        for chosen, sort, descending in itertools.product(_FILTERS.values(), sorts, (False, True))
    ]
    journal = 1000 * median_s(lambda: journal_page(connection, JournalFilter(), _PAGE), times)
    everything = 1000 * median_s(lambda: open_alerts(connection), times)
    return [
        _figure(f"alert-store.open_alerts.{name}", everything, "ms", 150.0),
        _figure(f"alert-store.worst_count.{name}", max(counts), "ms", 100.0),
        _figure(f"alert-store.median_page.{name}", median(pages), "ms", 100.0),
        _figure(f"alert-store.worst_page.{name}", max(pages), "ms", 100.0),
        _figure(f"alert-store.journal_page.{name}", journal, "ms", 100.0),
    ]


def _page_ms(
    connection: Connection, chosen: AlertFilter, sort: AlertSort, times: int, *, descending: bool
) -> float:
    """Return the slower of the first page and the one after it."""

    def page(after: Alert | None) -> list[Alert]:
        return alert_page(connection, chosen, sort, descending=descending, limit=_PAGE, after=after)

    first = page(None)
    starts = (None, first[-1]) if first else (None,)
    return max(1000 * median_s(lambda after=after: page(after), times) for after in starts)


def _flood(station: Connection, count: int) -> float:
    chosen = text("SELECT id, device_id, severity FROM app.alert_thresholds ORDER BY id LIMIT :count")
    rows = station.execute(chosen, {"count": count})
    now = time.time()
    findings = [
        Transition(
            *(TransitionKind.RAISED, DeviceId(row.device_id), ThresholdId(row.id), Severity(row.severity)),
            *(now - 10 + place / 1000, 71.0, 70.0, "Speed 71 rpm is above 70 rpm"),
        )
        for place, row in enumerate(rows)
    ]
    start = time.perf_counter()
    apply_transitions(station, findings)
    return time.perf_counter() - start


def _fill(database: Database, alerts: int) -> None:
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
        connection.execute(
            text(
                "UPDATE app.devices SET user_id = (SELECT id FROM app.users WHERE name = 'engineer') "
                "WHERE id % 3 = 0"
            )
        )
        connection.execute(text(_THRESHOLDS))
        # Nobody did what is invented here, so it is neither audited nor announced.
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text(_HISTORY), {"alerts": alerts})
        connection.execute(text(_JOURNAL))
    _analyze(database)


def _analyze(database: Database) -> None:
    with database.autocommit() as connection:
        connection.execute(text("VACUUM ANALYZE"))


def _address(database: Database, login: str) -> str:
    with database.transaction() as connection:
        raw = connection.connection.driver_connection
        if not isinstance(raw, psycopg.Connection):
            raise TypeError("the bench needs psycopg")
        place = f"?host={quote(raw.info.host, safe='/')}&port={raw.info.port}"
        return f"postgresql://{login}:{_PASSWORD}@/{raw.info.dbname}{place}"


def _once_ms(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - start)


def _figure(name: str, value: float, unit: str, most: float) -> Figure:
    return Figure(name, value, unit, None, None, f"≤ {most:g} {unit}", value <= most)


BENCH = Bench("alert-store", "5,000 alerts into the database, and pages out of 100,000, under policies", _run)
