"""Versions for the pictures of the tour: signed by everybody one may meet, stored nowhere."""

import hashlib
from datetime import UTC, datetime, timedelta

from console.bridge.upload_work import Looked
from console.panels.firmware.firmware_questions import PlanDraft, VersionsNow
from console.panels.firmware.pictured import pictured_rollout
from console.panels.firmware.seals import Seal, SealedBy, VersionRow
from models.firmware.manifest import manifest_bytes, manifest_from_bytes
from models.records.device import DeviceId
from models.records.firmware import (
    FirmwareKeyId,
    FirmwareVersion,
    Manifest,
    Signature,
    VersionId,
    VersionStatus,
)

_NOTES = """## Drive A 2.1.0

* The ramp after a power cut is **softer**: fewer over-current trips.
* Modbus register 3210 counts starts.

> Needs 2.0.0 or later. The drive restarts twice.

1. Stop the line.
2. Update, wait for the second restart.
"""
_RELEASE, _SECOND, _STRANGE = (
    FirmwareKeyId(hashlib.sha256(name).hexdigest()[:32]) for name in (b"r", b"s", b"x")
)
_TRUSTED = SealedBy(_RELEASE, Seal.TRUSTED, "release")
_BOTH = (_TRUSTED, SealedBy(_SECOND, Seal.TRUSTED, "quality"))


def pictured_versions(now_unix: float) -> VersionsNow:
    """Return versions in every status, with signatures of every worth."""
    now = datetime.fromtimestamp(now_unix, UTC)
    released, draft, old = VersionStatus.RELEASED, VersionStatus.DRAFT, VersionStatus.DEPRECATED
    rows = (
        ("drive-a", "2.1.0", released, 12, 412_300, _BOTH, 300),
        ("drive-a", "2.0.3", old, 11, 409_800, _BOTH, -20),
        ("mixer", "1.8.2", released, 9, 1_204_000, (_TRUSTED,), 200),
        ("oven", "4.2.0", draft, 31, 8_820_400, (_TRUSTED, SealedBy(_STRANGE, Seal.UNKNOWN, "")), 365),
        ("press", "3.0.1", draft, 22, 2_410_000, (SealedBy(_RELEASE, Seal.BAD, "release"),), 365),
    )
    return VersionsNow(
        tuple(
            VersionRow(_version(number, row[0], row[1], row[2], row[3], row[4], now, row[6]), row[5], now)
            for number, row in enumerate(rows, start=1)
        ),
        needed=2,
    )


def pictured_offer(now_unix: float) -> tuple[Looked, tuple[SealedBy, ...]]:
    """Return what files offer that may be uploaded."""
    row = pictured_versions(now_unix).rows[3]
    assert row.version.manifest is not None
    manifest = manifest_from_bytes(row.version.manifest)
    return Looked(manifest, None, _NOTES, None, now_unix, 2, "s3://firmware", ""), row.seals


def pictured_draft(devices: list[DeviceId], now_unix: float) -> PlanDraft:
    """Return what planning came to."""
    plan = pictured_rollout("draft", devices, now_unix).rollout.plan
    return PlanDraft(plan, "", plan.devices)


def _version(
    number: int,
    product: str,
    version: str,
    status: VersionStatus,
    sequence: int,
    size: int,
    now: datetime,
    days: int,
) -> FirmwareVersion:
    digest = hashlib.sha256(f"{product}{version}".encode()).digest()
    expires = (now + timedelta(days=days)).replace(microsecond=0)
    manifest = manifest_bytes(
        Manifest(product, ("A1", "A2"), version, sequence, "", size, digest, expires, "modbus-file-record")
    )
    added = now - timedelta(days=40 - number)
    is_out = status is not VersionStatus.DRAFT
    return FirmwareVersion(
        id=VersionId(number),
        version=f"{version}+{product}",
        firmware_url=f"s3://firmware/{product}/{version}-{digest.hex()[:16]}.bin",
        release_notes=_NOTES,
        status=status,
        product=product,
        hardware=("A1", "A2"),
        sequence=sequence,
        size=size,
        sha256=digest,
        expires_at=expires,
        manifest=manifest,
        signatures=(Signature(_RELEASE, bytes(64)),),
        created_at=added,
        created_by=9001,
        creator="Uwe Engel",
        released_at=added + timedelta(days=1) if is_out else None,
        released_by=9001 if is_out else None,
        releaser="Uwe Engel" if is_out else "",
        deprecated_at=None,
    )
