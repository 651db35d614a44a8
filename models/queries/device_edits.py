"""One device as an engineer edits it: saved by compare-and-set, removed without losing its past.

Rights are the database's: engineers change their own devices. Every change becomes a revision by itself.
"""

from sqlalchemy import RowMapping, func, select, text, update
from sqlalchemy.engine import Connection

from models.clock_words import moment_in_words
from models.errors import AlreadyDone, NotAllowed, Rejected
from models.queries.catalogue import add_lacking_thresholds, import_devices, refuse_circles
from models.queries.device_rows import device_from_row, row_from_device
from models.records.device import Device, DeviceId
from models.records.device_edit import DeviceUses, SavedDevice, configuration
from models.records.device_entry import DeviceEntry
from models.records.person import Person, Role
from models.records.threshold import Threshold
from models.tables.devices import DEVICES

_USES = """
    SELECT
        (SELECT count(*) FROM app.alert_thresholds AS t WHERE t.device_id = :id) AS limits,
        (SELECT count(*) FROM app.alerts AS a WHERE a.device_id = :id AND a.status <> 'resolved') AS alerts,
        ARRAY(SELECT c.name FROM app.devices AS c WHERE c.deleted_at IS NULL
              AND c.metadata ->> 'parent' = :name ORDER BY c.name)::text[] AS children,
        (SELECT to_char(min(r.bucket), 'YYYY-MM-DD') FROM app.readings_1h AS r
         WHERE r.device_id = :id) AS first
"""
_LAST_CHANGE = """
    SELECT p.name, r.at, r.user_id FROM app.device_revisions AS r
    LEFT JOIN app.persons AS p ON p.id = r.user_id
    WHERE r.device_id = :id ORDER BY r.number DESC LIMIT 1
"""


def add_device(conn: Connection, device: Device, defaults: tuple[Threshold, ...] = ()) -> SavedDevice:
    """Store a new device. One that was removed under the same hardware id comes back with its history.

    Args:
        conn: In a transaction of the person who adds it.
        device: Its secrets sealed. Without owner, an engineer's own.
        defaults: Thresholds it gets where it has none of their rules.

    Raises:
        Rejected: The hardware id is in use.
        NotAllowed: As `import_devices`.
    """
    found = conn.execute(
        select(DEVICES).where(DEVICES.c.device_id == device.device_id).with_for_update()
    ).mappings()
    row = found.one_or_none()
    if row is not None and row["deleted_at"] is None:
        raise Rejected(f"The hardware id {device.device_id} is used by {row['name']}; ids are unique.")
    import_devices(conn, [DeviceEntry(device, (), of_rules=frozenset(), defaults=defaults)])
    made = conn.execute(select(DEVICES.c.id).where(DEVICES.c.device_id == device.device_id)).scalar_one()
    return SavedDevice(DeviceId(made), was_removed=row is not None)


def change_device(
    conn: Connection, before: Device, after: Device, person: Person, defaults: tuple[Threshold, ...] = ()
) -> SavedDevice:
    """Store a device over what it was; sealed values are not compared, because a change of key alters them.

    A new hardware id goes to the devices that are reached through it, too.

    Args:
        conn: In a transaction of that person.
        before: As the person read it.
        after: As it shall be, secrets sealed, `id` as before.
        person: Who it is.
        defaults: Thresholds it gets where it has none of their rules.

    Raises:
        AlreadyDone: Somebody changed or removed it meanwhile; says who and when.
        NotAllowed: It is somebody else's.
        Rejected: Its new hardware id is in use, or it would be reached through itself.
    """
    row = stored_row(conn, before)
    stored = device_from_row(row)
    if configuration(stored) != configuration(before):
        who, when = _last_change(conn, before.id, row)
        raise AlreadyDone(
            f"{stored.name} was changed by {who} at {when}, after you had read it; nothing of yours was "
            "stored."
        )
    columns = row_from_device(after)
    if person.role is Role.ADMIN:
        columns["user_id"] = after.user_id
    if any(row[name] != value for name, value in columns.items()):
        _refuse_taken_id(conn, after)
        conn.execute(update(DEVICES).where(DEVICES.c.id == before.id).values(**columns))
        if after.device_id != before.device_id:
            _rename_parent(conn, before.device_id, after.device_id)
        refuse_circles(conn, [after.device_id])
    if defaults:
        add_lacking_thresholds(conn, person, before.id, after, defaults)
    return SavedDevice(before.id)


def remove_device(conn: Connection, device: Device) -> None:
    """Take a device out of the plant. Its readings, alerts and revisions stay; its conditions end.

    Raises:
        AlreadyDone: Somebody removed it already.
        NotAllowed: It is somebody else's.
    """
    stored_row(conn, device)
    conn.execute(update(DEVICES).where(DEVICES.c.id == device.id).values(deleted_at=func.now()))


def device_uses(conn: Connection, device: Device) -> DeviceUses:
    """Return what hangs on a device, as far as the person may see it."""
    row = conn.execute(text(_USES), {"id": device.id, "name": device.device_id}).one()
    return DeviceUses(row.limits, row.alerts, tuple(row.children), row.first or "")


def last_change(conn: Connection, device: DeviceId) -> str:
    """Return who changed a device last, and when, in words: "Eva Lind at 2026-03-01 09:14:02 UTC"."""
    found = conn.execute(text(_LAST_CHANGE), {"id": device}).one_or_none()
    if found is None:
        return "somebody"
    return f"{found.name or 'somebody'} at {moment_in_words(found.at)}"


def stored_row(conn: Connection, device: Device) -> RowMapping:
    """Return a device's row, held until the end of the transaction.

    Raises:
        AlreadyDone: It was removed meanwhile.
        NotAllowed: It belongs to somebody else.
    """
    row = (
        conn.execute(select(DEVICES).where(DEVICES.c.id == device.id).with_for_update())
        .mappings()
        .one_or_none()
    )
    if row is None:
        raise NotAllowed(
            f"{device.name} belongs to somebody else; its owner or an administrator can change it."
        )
    if row["deleted_at"] is not None:
        raise AlreadyDone(
            f"{device.name} was removed at {moment_in_words(row['deleted_at'])}, after you had read it."
        )
    return row


def _last_change(conn: Connection, device: DeviceId, row: RowMapping) -> tuple[str, str]:
    found = conn.execute(text(_LAST_CHANGE), {"id": device}).one_or_none()
    if found is None:
        return "somebody else", moment_in_words(row["updated_at"])
    return found.name or "somebody else", moment_in_words(found.at)


def _refuse_taken_id(conn: Connection, device: Device) -> None:
    taken = conn.execute(
        text("SELECT d.name, d.deleted_at FROM app.devices AS d WHERE d.device_id = :name AND d.id <> :id"),
        {"name": device.device_id, "id": device.id},
    ).one_or_none()
    if taken is not None:
        was = " (removed, but its history is kept)" if taken.deleted_at is not None else ""
        raise Rejected(f"The hardware id {device.device_id} is used by {taken.name}{was}; ids are unique.")


def _rename_parent(conn: Connection, old: str, new: str) -> None:
    conn.execute(
        text(
            "UPDATE app.devices SET metadata = jsonb_set(metadata, '{parent}', to_jsonb(CAST(:new AS text))) "
            "WHERE metadata ->> 'parent' = :old"
        ),
        {"old": old, "new": new},
    )
