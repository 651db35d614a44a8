"""Keys of encrypted fields and the workstations that hold them, as the database knows them: never in clear.

Decisions and cryptography are in `models/workstation.py`; everything that changes something is a guarded
function of the database (migration 0013).
"""

from collections.abc import Mapping, Sequence
from typing import cast

from sqlalchemy import text
from sqlalchemy.engine import Connection, RowMapping

from models.key_wrapping import fingerprint
from models.records.device import JsonValue
from models.records.key import (
    Enrolment,
    FieldKey,
    HeldKey,
    KeyId,
    SealedCounts,
    Standing,
    Workstation,
    WorkstationId,
)

_ENROLMENT = text("SELECT * FROM app.enrolment_of(:public_key)")
_WORKSTATIONS = text("SELECT * FROM app.workstations ORDER BY requested_at, id")
_REQUEST = text("SELECT app.request_key(:name, :public_key, :fingerprint)")
_CREATE = text("SELECT app.create_field_key(:key, :workstation, :public_key, :wrapped, :start_over)")
_APPROVE = text(
    "SELECT app.approve_workstation(:workstation, :public_key, CAST(:keys AS text[]),"
    " CAST(:wrapped AS bytea[]))"
)
_REVOKE = text("SELECT app.revoke_workstation(:workstation)")
_ROTATE = text(
    "SELECT app.rotate_field_key(:key, :before, :voucher, CAST(:workstations AS bigint[]),"
    " CAST(:wrapped AS bytea[]))"
)
_LOCK = text("SELECT app.lock_secrets()")
# No row is locked, but the table is, against the lock of `lock_secrets`.
_HOLD = text("SELECT FROM app.devices WHERE false FOR UPDATE")
_COUNTS = text("SELECT * FROM app.count_secrets()")
_METADATA = text("SELECT id, device_id, metadata FROM app.devices ORDER BY id")
_WRITE = text(
    "UPDATE app.devices AS d SET metadata = CAST(given.metadata AS jsonb)"
    " FROM unnest(CAST(:ids AS bigint[]), CAST(:texts AS text[])) AS given (id, metadata)"
    " WHERE d.id = given.id"
)
_BATCH = 200


def enrolment(conn: Connection, public_key: bytes) -> Enrolment:
    """Return what the database knows of the workstation with this public key. Every login may ask."""
    rows = conn.execute(_ENROLMENT, {"public_key": public_key}).mappings().all()
    first = rows[0]
    standing = Standing(first["standing"]) if first["standing"] else None
    return Enrolment(
        id=WorkstationId(first["workstation"]) if first["workstation"] is not None else None,
        name=first["name"] or "",
        standing=standing,
        keys=tuple(_held_key(row) for row in rows if row["key"] is not None),
    )


def load_workstations(conn: Connection) -> list[Workstation]:
    """Return every workstation that ever asked, oldest first; nothing for whoever may not see them."""
    return [_workstation(row) for row in conn.execute(_WORKSTATIONS).mappings()]


def request_key(conn: Connection, name: str, public_key: bytes) -> WorkstationId:
    """Register a workstation's public half; asking again changes nothing.

    Raises:
        Rejected: Too many requests wait already, or this workstation was revoked.
    """
    parameters = {"name": name, "public_key": public_key, "fingerprint": fingerprint(public_key)}
    return WorkstationId(conn.execute(_REQUEST, parameters).scalar_one())


def create_field_key(
    conn: Connection,
    key: KeyId,
    workstation: WorkstationId,
    public_key: bytes,
    wrapped: bytes,
    *,
    start_over: bool,
) -> None:
    """Store the first key, wrapped for the workstation that made it, and approve that one.

    Args:
        start_over: Retire the key there is, because no workstation holds it any more.

    Raises:
        NotAllowed: Not an administrator.
        Rejected: There is a key already.
    """
    parameters = {"key": key, "workstation": workstation, "public_key": public_key, "wrapped": wrapped}
    conn.execute(_CREATE, parameters | {"start_over": start_over})


def approve_workstation(
    conn: Connection, workstation: WorkstationId, public_key: bytes, wrapped: Mapping[KeyId, bytes]
) -> None:
    """Give a workstation its wrapped copies.

    Args:
        public_key: The one whose fingerprint was compared; the database refuses if the row now holds another.
        wrapped: Copies of the current key and of those before it, for that public key.

    Raises:
        NotAllowed: Not an administrator.
        Rejected: The row holds another public key by now, the workstation was revoked, or the current key is
            not among `wrapped`.
    """
    parameters = {"workstation": workstation, "public_key": public_key}
    conn.execute(_APPROVE, parameters | {"keys": list(wrapped), "wrapped": list(wrapped.values())})


def revoke_workstation(conn: Connection, workstation: WorkstationId) -> None:
    """Take a workstation's copies away. What it has opened before, only `rotate_field_key` takes from it.

    Raises:
        NotAllowed: Not an administrator.
        Rejected: No such workstation, or it is the last that holds the key.
    """
    conn.execute(_REVOKE, {"workstation": workstation})


def lock_secrets(conn: Connection) -> None:
    """Let nobody else change devices or keys until this transaction ends. Raises NotAllowed, DatabaseAway."""
    conn.execute(_LOCK)


def hold_secrets(conn: Connection) -> None:
    """Let nobody replace the key until this transaction ends; for whoever is about to write devices.

    Raises:
        NotAllowed: This login may not change devices.
    """
    conn.execute(_HOLD)


def rotate_field_key(
    conn: Connection, key: KeyId, before: KeyId, voucher: bytes, wrapped: Mapping[WorkstationId, bytes]
) -> None:
    """Retire the key `before` and store its heir, wrapped for every approved workstation.

    Needs `lock_secrets` in the same transaction, which then also rewrites all sealed values.

    Raises:
        NotAllowed: Not an administrator.
        Rejected: `before` is not the current key, or an approved workstation is missing in `wrapped`.
    """
    parameters = {"key": key, "before": before, "voucher": voucher}
    conn.execute(_ROTATE, parameters | {"workstations": list(wrapped), "wrapped": list(wrapped.values())})


def load_metadata(conn: Connection) -> list[tuple[int, str, dict[str, JsonValue]]]:
    """Return id, hardware id and metadata of every device, removed ones included."""
    rows: list[tuple[int, str, object]] = [tuple(row) for row in conn.execute(_METADATA)]
    return [
        (number, device, cast(dict[str, JsonValue], metadata))
        for number, device, metadata in rows
        if isinstance(metadata, dict)
    ]


def write_metadata(conn: Connection, changed: Sequence[tuple[int, str]]) -> None:
    """Replace the metadata (JSON text) of devices, by id."""
    for start in range(0, len(changed), _BATCH):
        part = changed[start : start + _BATCH]
        parameters = {"ids": [device for device, _ in part], "texts": [written for _, written in part]}
        conn.execute(_WRITE, parameters)


def sealed_counts(conn: Connection) -> SealedCounts:
    """Count secrets by how they stand there, in the devices that whoever asks may see."""
    row = conn.execute(_COUNTS).one()
    return SealedCounts(row.sealed, row.outdated, row.plain)


def _held_key(row: RowMapping) -> HeldKey:
    return HeldKey(
        FieldKey(
            id=KeyId(row["key"]),
            created_by=row["created_by"],
            created_at=row["created_at"],
            retired_at=row["retired_at"],
            vouched_by=KeyId(row["vouched_by"]) if row["vouched_by"] else None,
            voucher=row["voucher"],
        ),
        row["wrapped"],
    )


def _workstation(row: RowMapping) -> Workstation:
    public_key = bytes(row["public_key"])
    computed = fingerprint(public_key)
    return Workstation(
        id=WorkstationId(row["id"]),
        name=row["name"],
        public_key=public_key,
        fingerprint=computed,
        is_altered=row["fingerprint"] != computed,
        requested_by=row["requested_by"],
        requested_at=row["requested_at"],
        approved_by=row["approved_by"],
        approved_at=row["approved_at"],
        revoked_at=row["revoked_at"],
    )
