"""Firmware as this program knows it: what a manifest says, who signed it, and the row that holds both.

What counts are the signed bytes. `models/firmware` makes, signs and verifies them; a `Manifest` is what they
were found to say.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

from models.records.device import JsonValue

VersionId = NewType("VersionId", int)
"""`ota_versions.id`."""

FirmwareKeyId = NewType("FirmwareKeyId", str)
"""32 hex digits that commit to a public key."""

ANY_SERIAL = "any"
"""In a permit: every device of the product."""

LONGEST_VERSION = 50
"""Of `ota_versions.version`: a version with its product, as "2.1.0+drive-a"."""
LONGEST_URL = 500
"""Of `ota_versions.firmware_url`."""
MOST_IMAGE_BYTES = 256 * 1024 * 1024
"""An image is verified as a whole before the first byte of it is sent, so it is held in memory."""
MOST_MANIFEST_BYTES = 16 * 1024
MOST_NOTES_BYTES = 64 * 1024
MOST_SIGNATURES = 8


class VersionStatus(StrEnum):
    """The seed's three, in the order a version passes through them."""

    DRAFT = "draft"
    RELEASED = "released"
    DEPRECATED = "deprecated"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is signed about one image.

    Attributes:
        product: What the device must say it is.
        hardware: Revisions it runs on, as devices say them; at least one.
        version: Semantic versioning without build metadata, "2.1.0" or "2.1.0-rc.1".
        sequence: Rises with every release of a product, whatever its version; 1 or more. An older sequence
            than a device has run is a downgrade.
        minimum_from: A device must run this version or a later one; empty = any.
        size: Bytes of the image.
        sha256: Of the image, 32 bytes.
        expires_at: Not installed any more from then on.
        way: How it is delivered, a `FirmwareWay.kind`.
        profile: What that way must know of the product, as its `profile_type` reads it.
    """

    product: str
    hardware: tuple[str, ...]
    version: str
    sequence: int
    minimum_from: str
    size: int
    sha256: bytes
    expires_at: datetime
    way: str
    profile: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])

    @property
    def full_version(self) -> str:
        """As `ota_versions.version` holds it: the product is the build metadata."""
        return f"{self.version}+{self.product}"


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature, by the key that is said to have made it."""

    key: FirmwareKeyId
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class FirmwareVersion:
    """A row of `ota_versions`.

    Attributes:
        version: With its product, "2.1.0+drive-a".
        product, hardware, sequence, size, sha256, expires_at: As the database read them out of the manifest,
            for lists; a decision verifies the manifest. Empty, 0 and None where there is no manifest.
        manifest: The signed bytes; None for a row that somebody made without.
        creator, releaser: Names of persons, empty where unknown.
    """

    id: VersionId
    version: str
    firmware_url: str
    release_notes: str
    status: VersionStatus
    product: str
    hardware: tuple[str, ...]
    sequence: int
    size: int
    sha256: bytes
    expires_at: datetime | None
    manifest: bytes | None = field(repr=False)
    signatures: tuple[Signature, ...]
    created_at: datetime
    created_by: int | None
    creator: str
    released_at: datetime | None
    released_by: int | None
    releaser: str
    deprecated_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoredPermit:
    """A signed leave to go back, as stored: nothing is believed of it before it is verified."""

    permit: bytes
    signatures: tuple[Signature, ...]


@dataclass(frozen=True, slots=True)
class DowngradePermit:
    """A signed leave to bring devices back to an older version.

    Attributes:
        serial: Of one device, or `ANY_SERIAL`.
        from_version, to_version: Semantic versioning without build metadata; what runs, and what may follow.
    """

    product: str
    serial: str
    from_version: str
    to_version: str
    expires_at: datetime
