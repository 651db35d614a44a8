"""Releasing firmware: verified by this computer's own keys before the database is told.

release  manifest verified with all signatures asked for → image fetched and verified → released
"""

from dataclasses import dataclass

from models.database import Database
from models.errors import FirmwareRefused
from models.firmware.signing import verify
from models.firmware.trusted_keys import TrustedKeys
from models.firmware.versions import full_version
from models.objects.access import ObjectAccess
from models.objects.store import fetched_image
from models.queries.firmware_versions import (
    SigningRule,
    load_version,
    mark_released,
    signing_rule,
)
from models.records.firmware import FirmwareVersion, Manifest


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
