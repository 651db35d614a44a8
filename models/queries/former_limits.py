"""Limits of a former revision: read from it, and made those of its device again."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.engine import Connection, RowMapping

from models.queries.device_rows import row_from_threshold, threshold_from_row
from models.queries.people import current_person
from models.records.device import DeviceId
from models.records.threshold import Threshold
from models.tables.devices import ALERT_THRESHOLDS

NOT_KEPT = ("enabled", "cause", "consequence", "operator_action", "disabled_reason")
"""Columns that no revision holds (revision 0018 says why): a limit that is there keeps its own."""
_REST = {
    "id": 0,
    "user_id": None,
    "enabled": True,
    "cause": "",
    "consequence": "",
    "operator_action": "",
    "disabled_reason": "",
    "disabled_by": None,
    "disabled_at": None,
}


def limits_from_document(device: DeviceId, limits: Sequence[Mapping[str, Any]]) -> tuple[Threshold, ...]:
    """Return the limits of a revision."""
    return tuple(threshold_from_row({**_REST, "device_id": device, **one}) for one in limits)


def restore_limits(conn: Connection, wanted: Mapping[DeviceId, Sequence[Threshold]]) -> None:
    """Make the limits of devices those of a former revision.

    One of the same rule, metric and severity stays itself, with its open alert and its texts; the others end.
    A limit that comes back belongs to whoever brings it back.

    Args:
        conn: In a transaction that holds the devices.
        wanted: All limits of each device.
    """
    if not wanted:
        return
    rows = conn.execute(
        select(ALERT_THRESHOLDS)
        .where(ALERT_THRESHOLDS.c.device_id.in_(wanted))
        .order_by(ALERT_THRESHOLDS.c.id)
        .with_for_update()
    )
    present: dict[tuple[Any, ...], list[RowMapping]] = {}
    for row in rows.mappings():
        key = row["device_id"], row["rule"], row["metric_type"], row["severity"]
        present.setdefault(key, []).append(row)
    person = current_person(conn).id
    new: list[dict[str, Any]] = []
    other: list[dict[str, Any]] = []
    for device, limits in wanted.items():
        for limit in limits:
            columns = row_from_threshold(limit)
            same = present.get((device, limit.rule.value, limit.metric, limit.severity.value))
            if not same:
                new.append({**columns, "device_id": device, "user_id": person})
                continue
            row = same.pop(0)
            kept = {name: value for name, value in columns.items() if name not in NOT_KEPT}
            if any(row[name] != value for name, value in kept.items()):
                other.append({**kept, "of_id": row["id"]})
    gone = [row["id"] for rows in present.values() for row in rows]
    if gone:
        conn.execute(delete(ALERT_THRESHOLDS).where(ALERT_THRESHOLDS.c.id.in_(gone)))
    if other:
        conn.execute(update(ALERT_THRESHOLDS).where(ALERT_THRESHOLDS.c.id == bindparam("of_id")), other)
    if new:
        conn.execute(insert(ALERT_THRESHOLDS), new)
