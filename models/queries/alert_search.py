"""Alerts looked for, sorted and read page by page: all of it where the rows are, however many there are."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.engine import Connection

from models.queries.alert_rows import ALERTS, SEVERITY_RANK, alert_from_row
from models.queries.search_text import PATTERN, pattern_from_words
from models.records.alert import Alert, AlertStatus
from models.records.alert_filter import AlertFilter, AlertSort

_CONDITIONS = {
    "severities": "a.severity = ANY(CAST(:severities AS text[]))",
    "statuses": "a.status = ANY(CAST(:statuses AS text[]))",
    "device": "a.device_id = :device",
    "location": "d.location = :location",
    "metric": "a.metric = :metric",
    "since": "a.triggered_at >= :since",
    "until": "a.triggered_at < :until",
    # Devices first, all of them once: a hundred thousand alerts are of a thousand devices.
    "words": f"(a.device_id IN (SELECT w.id FROM app.devices AS w WHERE w.name ILIKE {PATTERN} "
    f"OR w.device_id ILIKE {PATTERN} OR w.location ILIKE {PATTERN}) OR a.message ILIKE {PATTERN})",
}
_STATUS_ORDER = {AlertStatus.ACTIVE: 1, AlertStatus.ACKNOWLEDGED: 2, AlertStatus.RESOLVED: 3}


@dataclass(frozen=True, slots=True)
class _Column:
    """How alerts are sorted by one column: in SQL, and of a record the same value to go on after.

    Attributes:
        expression: Never NULL.
        kind: Its type in SQL.
    """

    expression: str
    kind: str
    value: Callable[[Alert], object]


def _moment(name: str, of: Callable[[Alert], datetime | None]) -> _Column:
    return _Column(f"coalesce(a.{name}, '-infinity')", "timestamptz", lambda alert: of(alert) or "-infinity")


_COLUMNS = {
    AlertSort.TRIGGERED: _Column("a.triggered_at", "timestamptz", lambda alert: alert.triggered_at),
    AlertSort.SEVERITY: _Column(SEVERITY_RANK, "integer", lambda alert: alert.severity.rank),
    AlertSort.STATUS: _Column(
        "CASE a.status WHEN 'active' THEN 1 WHEN 'acknowledged' THEN 2 ELSE 3 END",
        "integer",
        lambda alert: _STATUS_ORDER[alert.status],
    ),
    AlertSort.DEVICE: _Column("d.name", "text", lambda alert: alert.device_name),
    AlertSort.LOCATION: _Column("d.location", "text", lambda alert: alert.location),
    AlertSort.METRIC: _Column("coalesce(a.metric, '')", "text", lambda alert: alert.metric or ""),
    AlertSort.MESSAGE: _Column("a.message", "text", lambda alert: alert.message),
    AlertSort.VALUE: _Column(
        "coalesce(a.value_at_trigger, '-infinity')",
        "double precision",
        lambda alert: float("-inf") if alert.value_at_trigger is None else alert.value_at_trigger,
    ),
    AlertSort.ACKNOWLEDGED: _moment("acknowledged_at", lambda alert: alert.acknowledged_at),
    AlertSort.CLEARED: _moment("cleared_at", lambda alert: alert.cleared_at),
    AlertSort.RESOLVED: _moment("resolved_at", lambda alert: alert.resolved_at),
}


def alert_page(
    conn: Connection,
    chosen: AlertFilter,
    sort: AlertSort,
    *,
    descending: bool,
    limit: int,
    after: Alert | None = None,
) -> list[Alert]:
    """Return up to `limit` alerts of any status.

    Args:
        conn: Which database; an engineer finds alerts of own devices.
        chosen: What to look for.
        sort: By what; equal ones by number, in the same direction.
        descending: Greatest first.
        limit: The size of a page.
        after: The last alert of the page before, as it was read; None for the first page.
    """
    column = _COLUMNS[sort]
    conditions, values = _question(chosen)
    if after is not None:
        beyond = "<" if descending else ">"
        conditions.append(f"({column.expression}, a.id) {beyond} (CAST(:after AS {column.kind}), :after_id)")
        values |= {"after": column.value(after), "after_id": after.id}
    direction = "DESC" if descending else "ASC"
    order = f"ORDER BY {column.expression} {direction}, a.id {direction} LIMIT :limit"
    found = f"SELECT a.id FROM app.alerts AS a {_devices(column, values)} {_where(conditions)} {order}"
    # Which, by what is cheap to know; then everything about those. In one statement the planner would know
    # everything about all of them first.
    ids = list(conn.execute(text(found), {**values, "limit": limit}).scalars())
    rows = conn.execute(text(f"{ALERTS} WHERE a.id = ANY(CAST(:ids AS bigint[]))"), {"ids": ids})
    alerts = {alert.id: alert for alert in map(alert_from_row, rows.mappings())}
    return [alerts[id] for id in ids if id in alerts]


def count_alerts(conn: Connection, chosen: AlertFilter) -> int:
    """Return how many alerts there are of what is looked for."""
    conditions, values = _question(chosen)
    statement = f"SELECT count(*) FROM app.alerts AS a {_devices(None, values)} {_where(conditions)}"
    return int(conn.execute(text(statement), values).scalar_one())


def _question(chosen: AlertFilter) -> tuple[list[str], dict[str, object]]:
    asked = {
        "severities": [str(severity) for severity in chosen.severities] or None,
        "statuses": [str(status) for status in chosen.statuses] or None,
        "device": chosen.device,
        "location": chosen.location,
        "metric": chosen.metric,
        "since": chosen.since,
        "until": chosen.until,
        "words": pattern_from_words(chosen.text),
    }
    values: dict[str, object] = {name: value for name, value in asked.items() if value is not None}
    return [_CONDITIONS[name] for name in values], values


def _devices(column: _Column | None, values: dict[str, object]) -> str:
    """Return the join with devices where something of them is asked."""
    is_needed = "location" in values or (column is not None and column.expression.startswith("d."))
    return "JOIN app.devices AS d ON d.id = a.device_id" if is_needed else ""


def _where(conditions: list[str]) -> str:
    return f"WHERE {' AND '.join(conditions)}" if conditions else ""
