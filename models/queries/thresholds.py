"""Thresholds as engineers keep them: listed with who and how noisy, and changed all or none.

A change is compare-and-set: of two engineers at one threshold the second is told who was first and when.
Rights are the database's: engineers see and change those of their own devices.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, delete, insert, select, text, update
from sqlalchemy.engine import Connection

from models.clock_words import moment_in_words
from models.errors import AlreadyDone, NotAllowed, Rejected
from models.queries.alert_rows import ANNUNCIATED
from models.queries.device_rows import row_from_threshold, threshold_from_row
from models.records.device import DeviceId
from models.records.person import Person, Role
from models.records.threshold import Threshold, ThresholdId
from models.records.threshold_entry import EditOutcome, RecordedEpisode, ThresholdEdit, ThresholdEntry
from models.tables.devices import ALERT_THRESHOLDS

_ENTRIES = f"""
    SELECT t.*, c.name AS changed_by_name, o.name AS owner_name, b.name AS disabled_by_name,
           coalesce(n.week, 0) AS alerts_7d, coalesce(n.month, 0) AS alerts_30d,
           EXISTS (SELECT FROM app.alerts AS a WHERE a.device_id = t.device_id AND a.threshold_id = t.id
                   AND a.status <> 'resolved') AS has_open
    FROM app.alert_thresholds AS t JOIN app.devices AS d ON d.id = t.device_id AND d.deleted_at IS NULL
    LEFT JOIN app.persons AS c ON c.id = t.changed_by
    LEFT JOIN app.persons AS o ON o.id = t.user_id
    LEFT JOIN app.persons AS b ON b.id = t.disabled_by
    LEFT JOIN (
        SELECT e.threshold_id, count(*) AS month,
               count(*) FILTER (WHERE e.at >= CAST(:now AS timestamptz) - interval '7 days') AS week
        FROM app.alert_events AS e
        WHERE e.at >= CAST(:now AS timestamptz) - interval '30 days' AND {ANNUNCIATED}
        GROUP BY e.threshold_id
    ) AS n ON n.threshold_id = t.id
    ORDER BY d.location, d.name, t.device_id, t.metric_type, t.id
"""
_RECORDED = """
    SELECT extract(epoch FROM e.at)::double precision AS at, e.kind IN ('raised', 'reoccurred') AS is_begin
    FROM app.alert_events AS e
    WHERE e.device_id = :device AND e.threshold_id = :threshold
      AND e.at >= to_timestamp(:since) AND e.at < to_timestamp(:until)
      AND e.kind IN ('raised', 'reoccurred', 'cleared') ORDER BY e.at, e.id
"""


def threshold_entries(conn: Connection, now: datetime) -> list[ThresholdEntry]:
    """Return every threshold that the person may see, disabled ones included, by area, device and metric.

    Args:
        conn: Which database.
        now: Timezone-aware; the last 7 and 30 days end here.
    """
    return [_entry(row) for row in conn.execute(text(_ENTRIES), {"now": now}).mappings()]


def recorded_episodes(
    conn: Connection, device: DeviceId, threshold: ThresholdId, since_unix: float, until_unix: float
) -> list[RecordedEpisode]:
    """Return when a threshold was really found passed within a period (Unix seconds), oldest first."""
    facts = {"device": device, "threshold": threshold, "since": since_unix, "until": until_unix}
    found: list[RecordedEpisode] = []
    for at_unix, is_begin in conn.execute(text(_RECORDED), facts):
        if is_begin:
            found.append(RecordedEpisode(at_unix, None))
        elif found and found[-1].ended_unix is None:
            found[-1] = RecordedEpisode(found[-1].began_unix, at_unix)
    return found


def possible_owners(conn: Connection) -> dict[int, str]:
    """Return the name of everybody a threshold can belong to, by `users.id`."""
    rows = conn.execute(text("SELECT p.id, p.name FROM app.persons AS p ORDER BY lower(p.name), p.id"))
    return {row.id: row.name for row in rows}


def change_thresholds(conn: Connection, edits: Sequence[ThresholdEdit], person: Person) -> EditOutcome:
    """Make all edits, or none where one cannot be made.

    A removed threshold ends its open alert. What is already as wanted is not written, so that it keeps its
    moment of change.

    Raises:
        AlreadyDone: Somebody changed or removed one after the person had read it; says who and when.
        NotAllowed: A device is somebody else's, or the person is an operator.
        Rejected: A value that a constraint forbids, or two thresholds of one device that would raise the same
            alert twice.
    """
    stored = _locked_rows(conn, [e.before.threshold.id for e in edits if e.before is not None])
    for edit in edits:
        if edit.before is not None:
            _refuse_if_changed(conn, edit.before, stored.get(edit.before.threshold.id))
    touched = {edit.after.device for edit in edits if edit.after is not None}
    _lock_devices(conn, touched)
    added: list[ThresholdId] = []
    changed: list[ThresholdId] = []
    removed: list[ThresholdId] = []
    unchanged: list[ThresholdId] = []
    for edit in edits:
        if edit.before is None:
            if edit.after is not None:
                added.append(_insert(conn, edit.after, person))
            continue
        known = edit.before.threshold.id
        if edit.after is None:
            conn.execute(delete(ALERT_THRESHOLDS).where(ALERT_THRESHOLDS.c.id == known))
            removed.append(known)
        elif _update(conn, stored[known], edit.after):
            changed.append(known)
        else:
            unchanged.append(known)
    _refuse_doubles(conn, touched)
    return EditOutcome(tuple(added), tuple(changed), tuple(removed), tuple(unchanged))


def _locked_rows(conn: Connection, ids: Sequence[ThresholdId]) -> dict[ThresholdId, RowMapping]:
    """Return the rows, held until the end; always in the same order, so that nobody deadlocks."""
    if not ids:
        return {}
    rows = conn.execute(
        select(ALERT_THRESHOLDS)
        .where(ALERT_THRESHOLDS.c.id.in_(ids))
        .order_by(ALERT_THRESHOLDS.c.id)
        .with_for_update()
    )
    return {ThresholdId(row["id"]): row for row in rows.mappings()}


def _refuse_if_changed(conn: Connection, seen: ThresholdEntry, row: RowMapping | None) -> None:
    name = _name_of(conn, seen.threshold)
    if row is None:
        raise AlreadyDone(f"{name} was removed after you had read it; nothing of yours was stored.")
    if row["updated_at"] != seen.changed_at:
        who = conn.execute(
            text("SELECT name FROM app.persons WHERE id = :id"), {"id": row["changed_by"]}
        ).scalar()
        when = moment_in_words(row["updated_at"])
        raise AlreadyDone(
            f"{name} was changed by {who or 'somebody else'} at {when}, after you had read it; nothing of "
            "yours was stored."
        )


def _name_of(conn: Connection, threshold: Threshold) -> str:
    device = conn.execute(
        text("SELECT name FROM app.devices WHERE id = :id"), {"id": threshold.device}
    ).scalar()
    return f"The {threshold.severity} threshold of {device or 'a device'}, {threshold.metric}"


def _lock_devices(conn: Connection, devices: Iterable[DeviceId]) -> None:
    """Hold the devices, so that two people cannot add the same threshold to one at once."""
    wanted = sorted(devices)
    rows = conn.execute(
        text(
            "SELECT id FROM app.devices WHERE id = ANY(CAST(:ids AS bigint[])) AND deleted_at IS NULL "
            "ORDER BY id FOR NO KEY UPDATE"
        ),
        {"ids": wanted},
    )
    if set(rows.scalars()) != set(wanted):
        raise NotAllowed("A device belongs to somebody else, or was removed; nothing was stored.")


def _insert(conn: Connection, threshold: Threshold, person: Person) -> ThresholdId:
    # An engineer signs what they set; an administrator may set it for somebody else.
    owner = person.id if person.role is Role.USER else threshold.user_id or person.id
    columns = {**row_from_threshold(threshold), "device_id": threshold.device, "user_id": owner}
    return ThresholdId(
        conn.execute(insert(ALERT_THRESHOLDS).values(**columns).returning(ALERT_THRESHOLDS.c.id)).scalar_one()
    )


def _update(conn: Connection, row: RowMapping, wanted: Threshold) -> bool:
    """Write what differs; tell whether anything did."""
    columns: dict[str, Any] = row_from_threshold(wanted)
    if wanted.user_id is not None:
        columns["user_id"] = wanted.user_id
    different = {name: value for name, value in columns.items() if row[name] != value}
    if different:
        conn.execute(update(ALERT_THRESHOLDS).where(ALERT_THRESHOLDS.c.id == row["id"]).values(**different))
    return bool(different)


def _refuse_doubles(conn: Connection, devices: Iterable[DeviceId]) -> None:
    """Refuse two thresholds of one device, rule, metric and severity: one condition would alert twice."""
    row = conn.execute(
        text(
            "SELECT d.name, t.metric_type AS metric, t.severity, t.rule FROM app.alert_thresholds AS t "
            "JOIN app.devices AS d ON d.id = t.device_id WHERE t.device_id = ANY(CAST(:ids AS bigint[])) "
            "GROUP BY d.name, t.device_id, t.metric_type, t.severity, t.rule HAVING count(*) > 1 "
            "ORDER BY d.name LIMIT 1"
        ),
        {"ids": sorted(devices)},
    ).one_or_none()
    if row is not None:
        raise Rejected(
            f"{row.name} would have two {row.severity} thresholds on {row.metric} with the rule "
            f"{row.rule.replace('_', ' ')}; change the one that is there. Nothing was stored."
        )


def _entry(row: RowMapping) -> ThresholdEntry:
    return ThresholdEntry(
        threshold=threshold_from_row(row),
        changed_at=row["updated_at"],
        changed_by=row["changed_by_name"] or "",
        owner=row["owner_name"] or "",
        disabled_by=row["disabled_by_name"] or "",
        alerts_7d=row["alerts_7d"],
        alerts_30d=row["alerts_30d"],
        open_alerts=int(row["has_open"]),
    )
