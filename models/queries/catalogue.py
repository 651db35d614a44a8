"""The catalogue: which devices there are, what is read from them, and which values are alarming."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import RowMapping, bindparam, delete, insert, select, text, update
from sqlalchemy.engine import Connection

from models.errors import NotAllowed, Rejected
from models.queries.device_rows import (
    device_from_row,
    row_from_device,
    row_from_threshold,
    threshold_from_row,
)
from models.queries.people import current_person
from models.records.device import Device, DeviceId
from models.records.device_entry import DeviceEntry, ImportOutcome
from models.records.person import Person, Role
from models.records.threshold import Threshold
from models.tables.devices import ALERT_THRESHOLDS, DEVICES

__all__ = [
    "add_lacking_thresholds",
    "current_person",
    "hardware_ids_of_others",
    "import_devices",
    "load_devices",
    "load_thresholds",
    "refuse_circles",
    "write_devices",
]

_CIRCLE = text(
    "WITH RECURSIVE way (start, here, steps) AS ("
    "  SELECT d.device_id, d.metadata ->> 'parent', 1 FROM app.devices AS d "
    "  WHERE d.device_id = ANY(CAST(:names AS text[])) "
    "  UNION ALL SELECT w.start, d.metadata ->> 'parent', w.steps + 1 FROM way AS w "
    "  JOIN app.devices AS d ON d.device_id = w.here AND d.deleted_at IS NULL "
    "  WHERE w.here <> w.start AND w.steps < 100"
    ") SELECT start FROM way WHERE here = start ORDER BY start LIMIT 1"
)
# Many at once: a row a statement would take minutes for a plant on a server that is not next door.
_WRITE = text(
    "UPDATE app.devices AS d SET device_id = g.device_id, name = g.name, type = g.type,"
    " location = g.location, metadata = CAST(g.metadata AS jsonb),"
    " user_id = coalesce(g.user_id, d.user_id), deleted_at = NULL"
    " FROM unnest(CAST(:ids AS bigint[]), CAST(:names AS text[]), CAST(:labels AS text[]),"
    " CAST(:types AS text[]), CAST(:locations AS text[]), CAST(:texts AS text[]),"
    " CAST(:owners AS bigint[])) AS g (id, device_id, name, type, location, metadata, user_id)"
    " WHERE d.id = g.id"
)
_BATCH = 500


def load_devices(conn: Connection) -> list[Device]:
    """Return every device, by location and name."""
    rows = conn.execute(
        select(DEVICES).where(DEVICES.c.deleted_at.is_(None)).order_by(DEVICES.c.location, DEVICES.c.name)
    )
    return [device_from_row(row) for row in rows.mappings()]


def load_thresholds(conn: Connection) -> list[Threshold]:
    """Return every threshold of every device, disabled ones included, by device and metric."""
    rows = conn.execute(
        select(ALERT_THRESHOLDS)
        .join(DEVICES, DEVICES.c.id == ALERT_THRESHOLDS.c.device_id)
        .where(DEVICES.c.deleted_at.is_(None))
        .order_by(ALERT_THRESHOLDS.c.device_id, ALERT_THRESHOLDS.c.metric_type, ALERT_THRESHOLDS.c.id)
    )
    return [threshold_from_row(row) for row in rows.mappings()]


def hardware_ids_of_others(conn: Connection, names: Sequence[str]) -> list[str]:
    """Return which of these hardware ids are not the engineer's who asks; nobody else may ask."""
    asked = text("SELECT app.hardware_ids_of_others(CAST(:names AS text[]))")
    return list(conn.execute(asked, {"names": list(names)}).scalars())


def import_devices(conn: Connection, entries: Sequence[DeviceEntry]) -> ImportOutcome:
    """Make the stored devices and thresholds match `entries`; devices not named stay as they are.

    An unchanged device or threshold is not written, so its id and its open alerts live on. A removed
    threshold ends its open alerts. A device without owner in the entry keeps the one it has; what an engineer
    adds is theirs.

    Raises:
        NotAllowed: An engineer's entries touch somebody else's device or give one away, or an operator's
            anything.
        Rejected: The same hardware id twice, or a value a constraint forbids. Nothing is kept then, provided
            the caller's transaction rolls back.
    """
    wanted = {entry.device.device_id: entry for entry in entries}
    if len(wanted) != len(entries):
        seen: set[str] = set()
        doubled = next(
            e.device.device_id for e in entries if e.device.device_id in seen or seen.add(e.device.device_id)
        )
        raise Rejected(f"The device {doubled} is named twice; keep one of the two.")
    person = current_person(conn)
    if person.role is Role.USER:
        _refuse_what_is_not_theirs(conn, person, [entry.device for entry in entries])
    stored = {
        row["device_id"]: row
        for row in conn.execute(
            select(DEVICES).where(DEVICES.c.device_id.in_(wanted)).order_by(DEVICES.c.id).with_for_update()
        ).mappings()
    }
    ids = {name: row["id"] for name, row in stored.items()} | _insert_devices(
        conn, person, [entry.device for name, entry in wanted.items() if name not in stored]
    )
    different = {name: row for name, row in stored.items() if _is_another(row, wanted[name].device)}
    write_devices(conn, {DeviceId(row["id"]): wanted[name].device for name, row in different.items()})
    changed = set(different)
    changed |= _sync_thresholds(conn, person, {ids[name]: entry for name, entry in wanted.items()})
    refuse_circles(conn, [name for name, entry in wanted.items() if entry.device.extra.get("parent")])
    created = len(wanted) - len(stored)
    updated = len(changed & stored.keys())
    return ImportOutcome(created, updated, len(wanted) - created - updated)


def _refuse_what_is_not_theirs(conn: Connection, engineer: Person, devices: Sequence[Device]) -> None:
    """Say why, before row-level security does: it hides others' devices, and would complain of a key."""
    for device in devices:
        if device.user_id not in (None, engineer.id):
            raise NotAllowed(
                f"The device {device.device_id} would belong to somebody else; only an administrator gives "
                "devices to other people."
            )
    of_others = hardware_ids_of_others(conn, [device.device_id for device in devices])
    if taken := next(iter(of_others), None):
        raise NotAllowed(
            f"The device {taken} belongs to somebody else; its owner or an administrator can change it."
        )


def write_devices(conn: Connection, devices: Mapping[DeviceId, Device]) -> None:
    """Write devices over those of these numbers, removed ones coming back; an owner of None stays."""
    pairs = list(devices.items())
    for start in range(0, len(pairs), _BATCH):
        part = [(id, row_from_device(device), device.user_id) for id, device in pairs[start : start + _BATCH]]
        columns = {
            "names": "device_id",
            "labels": "name",
            "types": "type",
            "locations": "location",
        }
        facts: dict[str, list[Any]] = {
            parameter: [row[column] for _, row, _ in part] for parameter, column in columns.items()
        }
        facts |= {
            "ids": [id for id, _, _ in part],
            "texts": [json.dumps(row["metadata"]) for _, row, _ in part],
            "owners": [owner for _, _, owner in part],
        }
        conn.execute(_WRITE, facts)


def refuse_circles(conn: Connection, names: Sequence[str]) -> None:
    """Refuse devices that are reached through each other: offline, each would hide the other's alert."""
    if not names:
        return
    found = conn.execute(_CIRCLE, {"names": names}).scalar()
    if found is not None:
        raise Rejected(
            f"The device {found} would be reached through itself, by way of its parent's parents; "
            "one of them must be reached directly."
        )


def _insert_devices(conn: Connection, person: Person, devices: Sequence[Device]) -> dict[str, int]:
    if not devices:
        return {}
    owner = person.id if person.role is Role.USER else None
    rows = conn.execute(
        insert(DEVICES).returning(DEVICES.c.device_id, DEVICES.c.id),
        # Status is what a station finds, so a new device has the table's own default.
        [{**row_from_device(device), "user_id": device.user_id or owner} for device in devices],
    )
    return {row.device_id: row.id for row in rows}


def _is_another(row: RowMapping, device: Device) -> bool:
    columns = row_from_device(device)
    if device.user_id is not None:
        columns["user_id"] = device.user_id
    return row["deleted_at"] is not None or _differs(row, columns)


def add_lacking_thresholds(
    conn: Connection, person: Person, id: DeviceId, device: Device, defaults: tuple[Threshold, ...]
) -> None:
    """Give a stored device those of `defaults` of whose rule it has no threshold."""
    _sync_thresholds(conn, person, {id: DeviceEntry(device, (), of_rules=frozenset(), defaults=defaults)})


def _sync_thresholds(conn: Connection, person: Person, entries: Mapping[int, DeviceEntry]) -> set[str]:
    """Make the thresholds of each device match; return the hardware ids of devices whose set changed."""
    stored: defaultdict[tuple[int, str, str, str], list[RowMapping]] = defaultdict(list)
    rules: defaultdict[int, set[str]] = defaultdict(set)
    rows = conn.execute(
        select(ALERT_THRESHOLDS)
        .where(ALERT_THRESHOLDS.c.device_id.in_(entries))
        .order_by(ALERT_THRESHOLDS.c.id)
    )
    for row in rows.mappings():
        stored[row["device_id"], row["rule"], row["metric_type"], row["severity"]].append(row)
        rules[row["device_id"]].add(row["rule"])
    new: list[dict[str, Any]] = []
    other: list[dict[str, Any]] = []
    gone: list[int] = []
    changed: set[str] = set()
    for device, entry in entries.items():
        lacking = [one for one in entry.defaults if one.rule.value not in rules[device]]
        for threshold in (*entry.thresholds, *lacking):
            columns = row_from_threshold(threshold)
            same = stored[device, threshold.rule.value, threshold.metric, threshold.severity.value]
            if not same:
                # An engineer signs what they set, whoever set the like before.
                owner = None if person.role is Role.USER else threshold.user_id
                new.append({**columns, "device_id": device, "user_id": owner or person.id})
            elif _differs(row := same.pop(0), columns):
                other.append({**columns, "of_id": row["id"]})
            else:
                continue
            changed.add(entry.device.device_id)
    for row in (row for rows in stored.values() for row in rows):
        entry = entries[row["device_id"]]
        if row["rule"] in entry.of_rules and row["rule"] not in {one.rule for one in entry.defaults}:
            gone.append(row["id"])
            changed.add(entry.device.device_id)
    if new:
        # Asking for the ids makes one statement of many rows: its triggers look at all of them at once.
        conn.execute(insert(ALERT_THRESHOLDS).returning(ALERT_THRESHOLDS.c.id), new)
    if other:
        conn.execute(update(ALERT_THRESHOLDS).where(ALERT_THRESHOLDS.c.id == bindparam("of_id")), other)
    if gone:
        conn.execute(delete(ALERT_THRESHOLDS).where(ALERT_THRESHOLDS.c.id.in_(gone)))
    return changed


def _differs(row: RowMapping, columns: Mapping[str, Any]) -> bool:
    return any(row[name] != value for name, value in columns.items())
