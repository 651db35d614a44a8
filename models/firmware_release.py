"""Uploading and releasing firmware: verified by this computer's own keys before the database is told.

upload   manifest and image verified → stored → read back and verified → draft
release  manifest verified with all signatures asked for → image fetched and verified → released
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from models.database import Database
from models.errors import FirmwareRefused, Rejected
from models.firmware.images import check_image
from models.firmware.signing import verify
from models.firmware.trusted_keys import TrustedKeys
from models.firmware.versions import full_version
from models.objects.access import ObjectAccess
from models.objects.store import fetched_image, stored_object
from models.queries.firmware_versions import (
    SigningRule,
    add_version,
    load_version,
    mark_released,
    signing_rule,
)
from models.records.firmware import FirmwareVersion, Manifest, Signature


@dataclass(frozen=True, slots=True)
class Judge:
    """What this computer verifies by.

    Attributes:
        trusted: Its own keys.
        access: What it may reach.
        least_signatures: So many at least, whatever the database says.
    """

    trusted: TrustedKeys
    access: ObjectAccess
    least_signatures: int = 1

    def needed(self, rule: SigningRule) -> int:
        """Return how many signatures count as enough."""
        return max(self.least_signatures, rule.needed)


@dataclass(frozen=True, slots=True)
class SignedManifest:
    """What `main.py firmware sign` wrote: the bytes and who signed them."""

    data: bytes
    signatures: tuple[Signature, ...]


def upload_version(
    database: Database,
    judge: Judge,
    signed: SignedManifest,
    image: Path,
    place: str,
    notes: str = "",
    on_progress: Callable[[int], None] | None = None,
) -> FirmwareVersion:
    """Store an image and add its version as a draft. Blocks as long as the image takes, twice.

    One signature is enough here; the site's number is asked for at the release.

    Args:
        database: Of the person who uploads.
        judge: Of this computer.
        signed: Manifest and signatures.
        image: File of this computer.
        place: Bucket or folder to store it in; or an https:// address where it lies already.
        notes: Release notes.
        on_progress: Told how many bytes are stored so far.

    Raises:
        StorageError: One sentence that says what is wrong; nothing was added.
    """
    with database.transaction() as connection:
        rule = signing_rule(connection)
    manifest = verify(signed.data, signed.signatures, judge.trusted, rule.now)
    data = _image_of(image, manifest)
    url = place
    if not place.startswith("https:"):
        url = stored_object(place, _name_of(manifest), data, judge.access, on_progress)
    # What the stations will get, not what we believe to have sent.
    fetched_image(url, manifest, judge.access)
    with database.transaction() as connection:
        add_version(connection, url, notes, signed.data, signed.signatures)
        return load_version(connection, manifest.full_version)


def verified_version(database: Database, judge: Judge, version: str) -> tuple[FirmwareVersion, Manifest]:
    """Return a stored version whose manifest and image are proved to be what was signed. Blocks.

    Raises:
        FirmwareRefused: They are not; the sentence says why.
        StorageError: They could not be looked at.
    """
    with database.transaction() as connection:
        stored, rule = load_version(connection, version), signing_rule(connection)
    return stored, prove_version(stored, rule, judge)


def prove_version(stored: FirmwareVersion, rule: SigningRule, judge: Judge) -> Manifest:
    """Return what the manifest of a stored version says, once its image is proved too. Blocks.

    Raises like `verified_version`.
    """
    if stored.manifest is None:
        raise FirmwareRefused(f"The version {stored.version} has no manifest, so nothing proves what it is.")
    manifest = verify(stored.manifest, stored.signatures, judge.trusted, rule.now, judge.needed(rule))
    if full_version(manifest.version, manifest.product) != stored.version:
        raise FirmwareRefused(f"The manifest of {stored.version} is of {manifest.full_version}.")
    fetched_image(stored.firmware_url, manifest, judge.access)
    return manifest


def release_version(database: Database, judge: Judge, version: str) -> FirmwareVersion:
    """Release a draft as it was verified. Blocks. Raises like `verified_version` and `mark_released`."""
    stored, _ = verified_version(database, judge, version)
    with database.transaction() as connection:
        mark_released(connection, stored)
        return load_version(connection, version)


def _image_of(file: Path, manifest: Manifest) -> bytes:
    try:
        with file.open("rb") as opened:
            return check_image(opened.read, manifest)
    except OSError as error:
        raise Rejected(f"The image {file} cannot be read ({error.strerror}).") from error


def _name_of(manifest: Manifest) -> str:
    """Return a name that says what it is, and is another for every other image."""
    return f"{manifest.product}/{manifest.version}-{manifest.sha256.hex()[:16]}.bin"
