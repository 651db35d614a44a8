"""Firmware versions, and permits to go back: read by everybody, written by engineers and administrators.

The database holds the order of things (draft, released, deprecated), not whose word a signature is: whoever
releases calls `models.firmware_release`, and whoever installs verifies again.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import text
from sqlalchemy.engine import Connection, RowMapping

from models.errors import AlreadyDone, NotAllowed, Rejected
from models.firmware.manifest import manifest_from_bytes
from models.firmware.signing import signatures_from_texts, texts_from_signatures
from models.records.firmware import FirmwareVersion, Signature, StoredPermit, VersionId, VersionStatus

_SELECT = (
    "SELECT v.*, coalesce(c.name, '') AS creator, coalesce(r.name, '') AS releaser FROM app.ota_versions AS "
    "v LEFT JOIN app.persons AS c ON c.id = v.created_by LEFT JOIN app.persons AS r ON r.id = v.released_by "
)
_ADD = text(
    "INSERT INTO app.ota_versions (version, firmware_url, release_notes, manifest, signatures) "
    "VALUES (:version, :url, :notes, :manifest, CAST(:signatures AS jsonb)) "
    "ON CONFLICT (version) DO NOTHING RETURNING id"
)
# As it was verified, or not at all: somebody may have changed the draft since.
_RELEASE = text(
    "UPDATE app.ota_versions SET status = 'released' WHERE id = :id AND status = 'draft' "
    "AND manifest = :manifest AND firmware_url = :url AND signatures = CAST(:signatures AS jsonb)"
)
_HELD = text("SELECT status, signatures FROM app.ota_versions WHERE id = :id FOR NO KEY UPDATE")


@dataclass(frozen=True, slots=True)
class SigningRule:
    """What a signature is judged by: so many are needed, at that moment of the database's clock."""

    needed: int
    now: datetime


def load_versions(conn: Connection, product: str = "") -> list[FirmwareVersion]:
    """Return all versions, or those of a product: by product, newest first."""
    rows = conn.execute(
        text(
            _SELECT + "WHERE :product = '' OR v.product = :product "
            "ORDER BY v.product NULLS LAST, v.version_seq DESC, v.id DESC"
        ),
        {"product": product},
    )
    return [_version(row) for row in rows.mappings()]


def load_version(conn: Connection, version: str) -> FirmwareVersion:
    """Return one version by its whole name, as "2.1.0+drive-a". Raises Rejected where there is none."""
    row = (
        conn.execute(text(_SELECT + "WHERE v.version = :version"), {"version": version})
        .mappings()
        .one_or_none()
    )
    if row is None:
        raise Rejected(f"There is no version {version[:60]}; main.py firmware list shows them all.")
    return _version(row)


def signing_rule(conn: Connection) -> SigningRule:
    """Return how many signatures the site asks for, and what time it is at the database."""
    row = conn.execute(
        text("SELECT s.signatures_needed, clock_timestamp() AS now FROM app.firmware_settings AS s")
    ).one_or_none()
    if row is None:
        raise NotAllowed("Only persons of this site and its stations may ask for versions.")
    return SigningRule(row.signatures_needed, row.now)


def ask_for_signatures(conn: Connection, needed: int) -> None:
    """Have the site ask for so many signatures, 1 or 2, from now on.

    Raises:
        NotAllowed: The person is no administrator.
        Rejected: Another number.
    """
    if needed not in (1, 2):
        raise Rejected(f"{needed} signatures cannot be asked for; 1 or 2 can.")
    statement = text("UPDATE app.firmware_settings SET signatures_needed = :needed")
    if not conn.execute(statement, {"needed": needed}).rowcount:
        raise NotAllowed("Only an administrator decides how many signatures firmware needs.")


def add_version(
    conn: Connection, url: str, notes: str, manifest: bytes, signatures: Iterable[Signature]
) -> VersionId:
    """Add a draft; return its number.

    Raises:
        FirmwareRefused: The manifest is not sound.
        AlreadyDone: There is this version already.
        NotAllowed: The person is neither engineer nor administrator.
        Rejected: The sequence of the manifest is taken by another version of the product.
    """
    version = manifest_from_bytes(manifest).full_version
    values = {"version": version, "url": url, "notes": notes or None, "manifest": manifest}
    added = conn.execute(_ADD, {**values, "signatures": _json(signatures)}).scalar_one_or_none()
    if added is None:
        raise AlreadyDone(f"There is a version {version} already; a new image needs a new version.")
    return VersionId(added)


def add_signatures(conn: Connection, id: VersionId, signatures: Iterable[Signature]) -> None:
    """Add signatures to a draft; one of the same key takes the place of the former.

    Raises:
        Rejected: It is no draft any more.
        NotAllowed: Somebody else added it, and the person is no administrator.
    """
    row = conn.execute(_HELD, {"id": id}).one_or_none()
    if row is None:
        raise _refusal(conn, id)
    signed = {**cast("Mapping[str, str]", row.signatures), **texts_from_signatures(signatures)}
    statement = text("UPDATE app.ota_versions SET signatures = CAST(:signatures AS jsonb) WHERE id = :id")
    conn.execute(statement, {"id": id, "signatures": json.dumps(signed)})


def mark_released(conn: Connection, version: FirmwareVersion) -> None:
    """Release a draft exactly as `version` says, which the caller has verified.

    Raises:
        AlreadyDone: Somebody changed or released it meanwhile.
        NotAllowed: Somebody else added it, and the person is no administrator.
        Rejected: The database asks for more: signatures, a higher sequence, a later expiry.
    """
    values = {"id": version.id, "manifest": version.manifest, "url": version.firmware_url}
    if not conn.execute(_RELEASE, {**values, "signatures": _json(version.signatures)}).rowcount:
        raise _refusal(conn, version.id)


def deprecate_version(conn: Connection, id: VersionId) -> None:
    """Have a released version be rolled out no more. Raises like `mark_released`."""
    statement = text(
        "UPDATE app.ota_versions SET status = 'deprecated' WHERE id = :id AND status = 'released'"
    )
    if not conn.execute(statement, {"id": id}).rowcount:
        raise _refusal(conn, id)


def remove_draft(conn: Connection, id: VersionId) -> None:
    """Remove a draft; its image stays where it is. Raises like `mark_released`."""
    statement = text("DELETE FROM app.ota_versions WHERE id = :id AND status = 'draft'")
    if not conn.execute(statement, {"id": id}).rowcount:
        raise _refusal(conn, id)


def add_permit(conn: Connection, permit: bytes, signatures: Iterable[Signature]) -> int:
    """Add a permit that the caller has verified; return its number. Raises NotAllowed for operators."""
    return conn.execute(
        text(
            "INSERT INTO app.ota_permits (permit, signatures) VALUES (:permit, CAST(:signatures AS jsonb)) "
            "RETURNING id"
        ),
        {"permit": permit, "signatures": _json(signatures)},
    ).scalar_one()


def load_permits(conn: Connection, product: str, to_version: str) -> list[StoredPermit]:
    """Return permits to go back to a version (without product) that have not expired, newest first."""
    rows = conn.execute(
        text(
            "SELECT permit, signatures FROM app.ota_permits WHERE product = :product "
            "AND to_version = :version AND expires_at > clock_timestamp() ORDER BY id DESC LIMIT 100"
        ),
        {"product": product, "version": to_version},
    )
    return [StoredPermit(bytes(row.permit), signatures_from_texts(row.signatures)) for row in rows]


def _refusal(conn: Connection, id: VersionId) -> Exception:
    """Say why no row was changed: there is none, it is not the person's, or it is not as it was."""
    row = conn.execute(
        text(
            "SELECT version, status, app.person_role() = 'admin' OR created_by = app.person_id() AS is_own "
            "FROM app.ota_versions WHERE id = :id"
        ),
        {"id": id},
    ).one_or_none()
    if row is None:
        return Rejected("There is no such version any more; main.py firmware list shows them all.")
    if not row.is_own:
        return NotAllowed(
            f"The version {row.version} was added by somebody else; they or an administrator decide."
        )
    return AlreadyDone(
        f"The version {row.version} is {row.status} and was changed by somebody meanwhile; look at it again."
    )


def _json(signatures: Iterable[Signature]) -> str:
    return json.dumps(texts_from_signatures(signatures))


def _version(row: RowMapping) -> FirmwareVersion:
    return FirmwareVersion(
        id=VersionId(row["id"]),
        version=row["version"],
        firmware_url=row["firmware_url"],
        release_notes=row["release_notes"] or "",
        status=VersionStatus(row["status"]),
        product=row["product"] or "",
        hardware=tuple(row["hw_revisions"]),
        sequence=row["version_seq"] or 0,
        size=row["size_bytes"] or 0,
        sha256=bytes(row["sha256"] or b""),
        expires_at=row["expires_at"],
        manifest=None if row["manifest"] is None else bytes(row["manifest"]),
        signatures=signatures_from_texts(row["signatures"]),
        created_at=row["created_at"],
        created_by=row["created_by"],
        creator=row["creator"],
        released_at=row["released_at"],
        released_by=row["released_by"],
        releaser=row["releaser"],
        deprecated_at=row["deprecated_at"],
    )
