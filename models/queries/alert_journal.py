"""The journal of alerts: everything that happened to them, and who did it. Only ever added to."""

from collections.abc import Mapping

from sqlalchemy import RowMapping, text
from sqlalchemy.engine import Connection

from models.queries.alert_rows import ANNUNCIATED
from models.queries.search_text import PATTERN, pattern_from_words
from models.records.alert import AlertEvent, AlertId, EventKind
from models.records.alert_filter import JournalFilter
from models.records.device import DeviceId
from models.records.threshold import Severity

_EVENTS = (
    "SELECT e.id, e.alert_id, e.device_id, d.name AS device_name, a.severity, a.message, e.kind, e.at, "
    "  e.written_at, p.name AS person, s.name AS station, e.workstation, e.value, e.comment, "
    f"  {ANNUNCIATED} AS is_annunciated "
    "FROM app.alert_events AS e JOIN app.alerts AS a ON a.id = e.alert_id "
    "JOIN app.devices AS d ON d.id = e.device_id "
    "LEFT JOIN app.persons AS p ON p.id = e.user_id LEFT JOIN app.stations AS s ON s.id = e.station_id "
    "WHERE true"
)
_CONDITIONS = {
    "alert": "e.alert_id = :alert",
    "device": "e.device_id = :device",
    "person": "e.user_id = :person",
    "kinds": "e.kind = ANY(CAST(:kinds AS text[]))",
    "severities": "a.severity = ANY(CAST(:severities AS text[]))",
    "since": "e.at >= :since",
    "until": "e.at < :until",
    # Alerts, devices and persons first, each of them once: there are several lines to every alert.
    "words": f"(e.alert_id IN (SELECT w.id FROM app.alerts AS w WHERE w.message ILIKE {PATTERN}) "
    f"OR e.device_id IN (SELECT w.id FROM app.devices AS w WHERE w.name ILIKE {PATTERN}) "
    f"OR e.user_id IN (SELECT w.id FROM app.persons AS w WHERE w.name ILIKE {PATTERN}) "
    f"OR e.comment ILIKE {PATTERN})",
    "after": "(e.at, e.id) < (:after, :after_id)",
}
_NEWEST_FIRST = "ORDER BY e.at DESC, e.id DESC LIMIT :limit"


def events_of(conn: Connection, alert: AlertId) -> list[AlertEvent]:
    """Return everything that happened to one alert, oldest first."""
    rows = conn.execute(text(f"{_EVENTS} AND e.alert_id = :alert ORDER BY e.at, e.id"), {"alert": alert})
    return [_event(row) for row in rows.mappings()]


def journal_page(
    conn: Connection, chosen: JournalFilter, limit: int, after: AlertEvent | None = None
) -> list[AlertEvent]:
    """Return up to `limit` lines, newest first, by when things happened, not by when they were written.

    Args:
        conn: Which database; an engineer reads of own devices.
        chosen: What to look for.
        limit: The size of a page.
        after: The last line of the page before, None for the first page.
    """
    values = _values(chosen)
    conditions = [_CONDITIONS[name] for name in values]
    if after is not None:
        conditions.append(_CONDITIONS["after"])
        values = {**values, "after": after.at, "after_id": after.id}
    statement = " AND ".join((_EVENTS, *conditions))
    rows = conn.execute(text(f"{statement} {_NEWEST_FIRST}"), {**values, "limit": limit})
    return [_event(row) for row in rows.mappings()]


def _values(chosen: JournalFilter) -> Mapping[str, object]:
    asked = {
        "alert": chosen.alert,
        "device": chosen.device,
        "person": chosen.person_id,
        "kinds": [str(kind) for kind in chosen.kinds] or None,
        "severities": [str(severity) for severity in chosen.severities] or None,
        "since": chosen.since,
        "until": chosen.until,
        "words": pattern_from_words(chosen.text),
    }
    return {name: value for name, value in asked.items() if value is not None}


def _event(row: RowMapping) -> AlertEvent:
    return AlertEvent(
        id=row["id"],
        alert=AlertId(row["alert_id"]),
        device=DeviceId(row["device_id"]),
        device_name=row["device_name"],
        severity=Severity(row["severity"]),
        message=row["message"],
        kind=EventKind(row["kind"]),
        at=row["at"],
        written_at=row["written_at"],
        person=row["person"] or "",
        station=row["station"] or "",
        workstation=row["workstation"],
        value=row["value"],
        comment=row["comment"],
        is_annunciated=row["is_annunciated"],
    )
