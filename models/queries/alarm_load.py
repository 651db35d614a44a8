"""The journal of a period as arrays, and the alarm load that `models.alarm_load` computes of it.

One pass over the journal and one over the alerts, both returned as binary arrays: 100,000 alerts of a month
are half a second's work. What somebody sees is theirs: an engineer's report is about own devices.
"""

from datetime import datetime

import numpy as np
from sqlalchemy import text
from sqlalchemy.engine import Connection

from models.alarm_journal import AlarmJournal, Alerts, EventCode, Events
from models.alarm_load import alarm_load
from models.alarm_sources import STALE_S, SourceFacts
from models.binary_arrays import driver_cursor, integers_from_binary, unix_from_binary
from models.queries.alarm_settings import load_alarm_settings
from models.queries.alert_rows import ANNUNCIATED, SEVERITY_RANK
from models.queries.catalogue import load_thresholds
from models.queries.signals import load_quantities
from models.records.alarm_load import AlarmLoad
from models.records.device import DeviceId
from models.records.threshold import RuleKind, Severity
from models.site_zone import zone_of
from models.threshold_words import lost_threshold_words, threshold_words

_AFTERWARDS_S = 3600.0
"""What happened to an alert so long after the period still counts: whether and when it was acknowledged."""
_NEVER = "'infinity'"
_CODES = " ".join(
    f"WHEN '{code.name.lower()}' THEN {code.value}" for code in EventCode if code is not EventCode.OTHER
)
_EVENTS = (
    "SELECT array_agg(alert_id), array_agg(source), array_agg(at), array_agg(code), array_agg(flags) FROM ("
    "  SELECT e.alert_id, coalesce(e.threshold_id, -e.device_id) AS source, e.at, "
    f"    (CASE e.kind {_CODES} ELSE 0 END)::smallint AS code, "
    f"    ({ANNUNCIATED}::integer "
    "     + 2 * (e.user_id IS NOT NULL)::integer)::smallint AS flags "
    "  FROM app.alert_events AS e "
    "  WHERE e.at >= to_timestamp(%(since)s) AND e.at < to_timestamp(%(tail)s) "
    "  ORDER BY e.at, e.id) AS lines"
)
_ALERTS = (
    "SELECT array_agg(id), array_agg(source), array_agg(rank), array_agg(triggered_at), array_agg(cleared), "
    "  array_agg(resolved), array_agg(hidden) FROM ("
    "  SELECT a.id, coalesce(a.threshold_id, -a.device_id) AS source, "
    f"    ({SEVERITY_RANK})::smallint AS rank, "
    f"    a.triggered_at, coalesce(a.cleared_at, {_NEVER}) AS cleared, "
    f"    coalesce(a.resolved_at, {_NEVER}) AS resolved, (a.hidden_by <> '')::integer::smallint AS hidden "
    "  FROM app.alerts AS a "
    "  WHERE a.triggered_at < to_timestamp(%(until)s) "
    "    AND (a.resolved_at IS NULL OR a.resolved_at >= to_timestamp(%(since)s)) "
    "  ORDER BY a.id) AS open_then"
)
_SHELVES = (
    "SELECT array_agg(s.shelved_at), array_agg(least(coalesce(s.ended_at, s.until), s.until)) "
    "FROM app.alert_shelves AS s WHERE s.shelved_at < to_timestamp(%(until)s) "
    "  AND least(coalesce(s.ended_at, s.until), s.until) > to_timestamp(%(since)s)"
)
_FIRST = text(
    "SELECT least((SELECT min(d.created_at) FROM app.devices AS d), "
    "  (SELECT e.at FROM app.alert_events AS e ORDER BY e.at, e.id LIMIT 1)), clock_timestamp()"
)
_LOST = text(
    "SELECT s.source, d.id, d.name, a.severity, a.metric, a.rule "
    "FROM unnest(CAST(:sources AS bigint[]), CAST(:alerts AS bigint[])) AS s (source, alert) "
    "JOIN app.alerts AS a ON a.id = s.alert JOIN app.devices AS d ON d.id = a.device_id"
)
_DEVICES = text("SELECT id, name FROM app.devices")


def load_alarm_load(conn: Connection, since: datetime, until: datetime) -> AlarmLoad:
    """Return the alarm load of a period, by the site's positions and clock.

    What lies before anything was recorded, or in the future, is not counted: averages over it would flatter.
    """
    return load_with_journal(conn, since, until)[0]


def load_with_journal(conn: Connection, since: datetime, until: datetime) -> tuple[AlarmLoad, AlarmJournal]:
    """Return the alarm load, and the journal that it was computed of."""
    settings = load_alarm_settings(conn)
    first, now = conn.execute(_FIRST).one()
    begin = since if first is None else max(since, first)
    end = min(until, now)
    zone = zone_of(settings.time_zone)
    asked = since.timestamp()
    if first is None or end <= begin:
        journal = _journal_of_nothing(begin.timestamp())
        return alarm_load(journal, {}, settings.operator_positions, zone, asked), journal
    journal = load_journal(conn, begin.timestamp(), end.timestamp())
    facts = _facts(conn, journal)
    return alarm_load(journal, facts, settings.operator_positions, zone, asked), journal


def load_journal(conn: Connection, since_unix: float, until_unix: float) -> AlarmJournal:
    """Return what happened in a period, and an hour longer to those alerts."""
    period = {"since": since_unix, "until": until_unix, "tail": until_unix + _AFTERWARDS_S}
    lines = _cells(conn, _EVENTS, period)
    alerts = _cells(conn, _ALERTS, period)
    shelves = _cells(conn, _SHELVES, period)
    flags = integers_from_binary(lines[4], 2)
    return AlarmJournal(
        since_unix,
        until_unix,
        Events(
            alert=integers_from_binary(lines[0]),
            source=integers_from_binary(lines[1]),
            at=unix_from_binary(lines[2]),
            code=integers_from_binary(lines[3], 2),
            is_annunciated=(flags & 1) > 0,
            is_persons=(flags & 2) > 0,
        ),
        Alerts(
            id=integers_from_binary(alerts[0]),
            source=integers_from_binary(alerts[1]),
            severity=integers_from_binary(alerts[2], 2),
            triggered=unix_from_binary(alerts[3]),
            cleared=_moments(alerts[4]),
            resolved=_moments(alerts[5]),
            is_hidden=integers_from_binary(alerts[6], 2) > 0,
        ),
        unix_from_binary(shelves[0]),
        unix_from_binary(shelves[1]),
    )


def _cells(conn: Connection, statement: str, period: dict[str, float]) -> list[bytes | None]:
    with driver_cursor(conn) as cursor:
        cursor.execute(statement.encode(), period)
        result = cursor.pgresult
        return [result.get_value(0, i) for i in range(result.nfields)] if result else []


def _moments(cell: bytes | None) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Decode moments of which those in infinity have not come."""
    moments = unix_from_binary(cell)
    return np.where(np.isinf(moments), np.nan, moments)


def _facts(conn: Connection, journal: AlarmJournal) -> dict[int, SourceFacts]:
    """Tell who stands behind each source that annunciated, or has had an alert open for more than a day."""
    events, alerts = journal.events, journal.alerts
    is_ours = events.is_annunciated & (events.at < journal.until_unix)
    ends = np.fmin(alerts.resolved, journal.until_unix)  # of NaN and a number the number
    is_old = ends - alerts.triggered > STALE_S
    numbers = np.concatenate((events.source[is_ours], alerts.source[is_old]))
    sources, first = np.unique(numbers, return_index=True)
    of_alert = np.concatenate((events.alert[is_ours], alerts.id[is_old]))[first]
    wanted = dict(zip(sources.tolist(), of_alert.tolist(), strict=True))
    names = {row.id: row.name for row in conn.execute(_DEVICES)}
    quantities = load_quantities(conn)
    facts: dict[int, SourceFacts] = {
        int(threshold.id): SourceFacts(
            threshold.id,
            threshold.device,
            threshold.severity,
            names[threshold.device],
            threshold_words(threshold, quantities),
        )
        for threshold in load_thresholds(conn)
        if threshold.id in wanted
    }
    lost = [source for source in wanted if source not in facts]
    if lost:
        rows = conn.execute(_LOST, {"sources": lost, "alerts": [wanted[source] for source in lost]})
        for row in rows:
            words = lost_threshold_words(row.metric, RuleKind(row.rule), quantities)
            facts[row.source] = SourceFacts(None, DeviceId(row.id), Severity(row.severity), row.name, words)
    return facts


def _journal_of_nothing(at: float) -> AlarmJournal:
    whole, exact, yes = np.empty(0, np.int64), np.empty(0), np.empty(0, np.bool_)
    return AlarmJournal(
        at,
        at,
        Events(whole, whole, exact, whole, yes, yes),
        Alerts(whole, whole, whole, exact, exact, exact, yes),
        exact,
        exact,
    )
