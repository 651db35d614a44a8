"""The history of devices: every configuration each one had, who made it, and the way back.

Revisions are written by the database itself whenever a device changes (migration 0018), whatever program
changed it; restoring one is an ordinary change under the person's own rights, and makes a new revision.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection, RowMapping

from models.clock_words import moment_in_words
from models.errors import AlreadyDone, NotAllowed, Rejected
from models.queries.catalogue import refuse_circles, write_devices
from models.queries.device_rows import device_from_row
from models.queries.former_limits import limits_from_document, restore_limits
from models.records.device import DeviceId
from models.records.device_revision import (
    BatchId,
    BatchStep,
    DeviceBatch,
    DeviceChange,
    DeviceRevision,
    RevisionAction,
)

_REVISIONS = (
    "SELECT r.device_id, r.number, r.batch, r.at, r.user_id, r.action, r.document, r.limits, "
    "p.name AS author "
    "FROM app.device_revisions AS r LEFT JOIN app.persons AS p ON p.id = r.user_id "
)
_OF_DEVICE = text(f"{_REVISIONS} WHERE r.device_id = :device ORDER BY r.number DESC")
_ONE = text(f"{_REVISIONS} WHERE r.device_id = :device AND r.number = :number")
_NEWEST = text(
    "SELECT r.device_id, max(r.number) AS number FROM app.device_revisions AS r GROUP BY r.device_id"
)
_BATCHES = text(
    "SELECT b.*, p.name AS author FROM ("
    "  SELECT r.batch, min(r.at) AS at, min(r.user_id) AS user_id,"
    "    count(*) FILTER (WHERE r.action IN ('added', 'brought back')) AS added,"
    "    count(*) FILTER (WHERE r.action = 'changed') AS changed,"
    "    count(*) FILTER (WHERE r.action = 'removed') AS removed,"
    "    count(*) FILTER (WHERE r.action = 'recorded') AS recorded"
    "  FROM app.device_revisions AS r GROUP BY r.batch ORDER BY r.batch DESC LIMIT :limit"
    ") AS b LEFT JOIN app.persons AS p ON p.id = b.user_id ORDER BY b.batch DESC"
)
_STEPS = text(
    "WITH touched AS ("
    "  SELECT r.device_id, min(r.number) AS first, max(r.number) AS last"
    "  FROM app.device_revisions AS r WHERE r.batch = :batch GROUP BY r.device_id"
    f") SELECT v.*, t.first, t.last FROM touched AS t JOIN ({_REVISIONS}) AS v ON v.device_id = t.device_id"
    " AND (v.number IN (t.first - 1, t.last) OR v.number = ("
    "  SELECT max(n.number) FROM app.device_revisions AS n WHERE n.device_id = t.device_id))"
    " ORDER BY v.document ->> 'device_id', v.number"
)
_THIS_BATCH = text(
    "SELECT r.batch FROM app.device_revisions AS r"
    " WHERE r.txid = pg_current_xact_id_if_assigned()::text::bigint AND r.at = now() LIMIT 1"
)
# Always in the same order, so that nobody deadlocks.
_HOLD = text(
    "SELECT d.id, d.device_id, d.deleted_at IS NOT NULL AS is_removed FROM app.devices AS d"
    " WHERE d.id = ANY(CAST(:ids AS bigint[])) OR d.device_id = ANY(CAST(:names AS text[]))"
    " ORDER BY d.id FOR UPDATE"
)
_NEWEST_OF = text(
    f"{_REVISIONS} WHERE r.device_id = ANY(CAST(:ids AS bigint[])) AND r.number = ("
    "  SELECT max(n.number) FROM app.device_revisions AS n WHERE n.device_id = r.device_id)"
)
_REMOVE = text(
    "UPDATE app.devices SET deleted_at = now() WHERE id = ANY(CAST(:ids AS bigint[])) AND deleted_at IS NULL"
)


def revisions_of(conn: Connection, device: DeviceId) -> list[DeviceRevision]:
    """Return every revision of a device that the person may see, newest first."""
    return [_revision(row) for row in conn.execute(_OF_DEVICE, {"device": device}).mappings()]


def revision(conn: Connection, device: DeviceId, number: int) -> DeviceRevision:
    """Return one revision. Raises Rejected where the device has none of that number."""
    row = conn.execute(_ONE, {"device": device, "number": number}).mappings().one_or_none()
    if row is None:
        raise Rejected(f"There is no revision {number} of this device.")
    return _revision(row)


def device_called(conn: Connection, hardware_id: str) -> DeviceId | None:
    """Return the device of a hardware id, removed ones included; None where the person sees none."""
    found = conn.execute(
        text("SELECT id FROM app.devices WHERE device_id = :name"), {"name": hardware_id}
    ).scalar()
    return None if found is None else DeviceId(found)


def newest_revisions(conn: Connection) -> dict[DeviceId, int]:
    """Return the number of the newest revision of each device, removed ones included.

    Read in the same transaction as the devices it is what a later change is compared with.
    """
    return {DeviceId(row.device_id): row.number for row in conn.execute(_NEWEST)}


def recent_batches(conn: Connection, limit: int = 50) -> list[DeviceBatch]:
    """Return what the last transactions did to devices that the person may see, newest first."""
    return [
        DeviceBatch(
            id=BatchId(row["batch"]),
            at=row["at"],
            author=row["author"] or "",
            added=row["added"],
            changed=row["changed"],
            removed=row["removed"],
            recorded=row["recorded"],
        )
        for row in conn.execute(_BATCHES, {"limit": limit}).mappings()
    ]


def batch_of_transaction(conn: Connection) -> BatchId | None:
    """Return the batch that this transaction has begun; None while it has changed no device."""
    found = conn.execute(_THIS_BATCH).scalar()
    return None if found is None else BatchId(found)


def batch_steps(conn: Connection, batch: BatchId) -> list[BatchStep]:
    """Return what a batch did, device by device, by hardware id.

    Raises:
        Rejected: There is no such batch among what the person may see, or it cannot be undone because
            histories began with it.
    """
    rows = conn.execute(_STEPS, {"batch": batch}).mappings().all()
    if not rows:
        raise Rejected(f"There is no change with the number {batch} to any device of yours.")
    found: dict[int, dict[int, DeviceRevision]] = {}
    bounds: dict[int, tuple[int, int]] = {}
    for row in rows:
        found.setdefault(row["device_id"], {})[row["number"]] = _revision(row)
        bounds[row["device_id"]] = row["first"], row["last"]
    steps = [
        BatchStep(
            revisions.get(bounds[device][0] - 1), revisions[bounds[device][1]], revisions[max(revisions)]
        )
        for device, revisions in found.items()
    ]
    if any(step.after.action is RevisionAction.RECORDED for step in steps):
        raise Rejected(f"Change {batch} is where the history of devices began; nothing comes before it.")
    return steps


def hold_devices(conn: Connection, seen: Mapping[DeviceId, int], new: Collection[str] = ()) -> None:
    """Hold devices until the transaction ends, provided that nobody changed them since they were seen.

    Args:
        conn: In the transaction that will change them.
        seen: The newest revision of each that the person had before their eyes.
        new: Hardware ids that are to be new.

    Raises:
        AlreadyDone: One was changed, removed or added meanwhile: says which, by whom and when.
        NotAllowed: One is not there, or not for this person to see.
    """
    rows = conn.execute(_HOLD, {"ids": sorted(seen), "names": sorted(new)}).mappings().all()
    found = {DeviceId(row["id"]): row for row in rows}
    if missing := sorted(seen.keys() - found.keys()):
        raise NotAllowed(f"{len(missing)} of the devices belong to somebody else by now; nothing was stored.")
    newest = {
        one.device: one for one in map(_revision, conn.execute(_NEWEST_OF, {"ids": sorted(found)}).mappings())
    }
    for device, number in seen.items():
        now = newest.get(device)
        if now is not None and now.number != number:
            raise AlreadyDone(f"{_told(now)}, after you had read it; nothing of yours was stored.")
    for device, row in found.items():
        if device not in seen and not row["is_removed"]:
            now = newest.get(device)
            told = f"{row['device_id']} was added by somebody else" if now is None else _told(now)
            raise AlreadyDone(f"{told} meanwhile; nothing of yours was stored.")


def change_devices(conn: Connection, changes: Sequence[DeviceChange]) -> BatchId | None:
    """Make all changes, or none where one cannot be made: the way back to former revisions.

    Limits of which a change says nothing are left alone: those of a removed device rest with it.

    Returns:
        The batch that this made; None where everything was as wanted.

    Raises:
        AlreadyDone, NotAllowed: As `hold_devices`.
        Rejected: A hardware id that is another device's by now, devices that would be reached through each
            other, or a secret whose key was retired.
    """
    hold_devices(conn, {change.device: change.seen for change in changes})
    if removed := [change.device for change in changes if change.wanted is None]:
        conn.execute(_REMOVE, {"ids": removed})
    kept = {change.device: change.wanted for change in changes if change.wanted is not None}
    write_devices(conn, kept)
    restore_limits(conn, {change.device: change.limits for change in changes if change.limits is not None})
    refuse_circles(conn, [device.device_id for device in kept.values() if device.extra.get("parent")])
    return batch_of_transaction(conn)


def _told(newest: DeviceRevision) -> str:
    did = "changed" if newest.action is RevisionAction.RECORDED else newest.action.value
    name, who = newest.configuration.device_id, newest.author or "somebody else"
    return f"{name} was {did} by {who} at {moment_in_words(newest.at)}"


def _revision(row: RowMapping) -> DeviceRevision:
    document: dict[str, Any] = row["document"]
    facts = {
        **document,
        "id": row["device_id"],
        "status": "offline",
        "status_detail": "",
        "last_seen": None,
    }
    at: datetime = row["at"]
    return DeviceRevision(
        device=DeviceId(row["device_id"]),
        number=row["number"],
        batch=BatchId(row["batch"]),
        at=at.astimezone(UTC),
        action=RevisionAction(row["action"]),
        configuration=device_from_row(facts),
        author_id=row["user_id"],
        author=row["author"] or "",
        limits=limits_from_document(DeviceId(row["device_id"]), row["limits"]),
    )
