"""Firmware for tests: keys, manifests and images that are really signed."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from models.firmware.key_files import firmware_key_id
from models.firmware.manifest import manifest_bytes
from models.firmware.signing import sign_manifest
from models.firmware.trusted_keys import TrustedKeys
from models.records.firmware import Manifest, Signature

IMAGE = bytes(range(256)) * 40
NOW = datetime(2030, 5, 1, 12, tzinfo=UTC)
MANIFEST = Manifest(
    product="drive-a",
    hardware=("rev-a", "rev-b"),
    version="2.1.0",
    sequence=7,
    minimum_from="1.4.0",
    size=len(IMAGE),
    sha256=hashlib.sha256(IMAGE).digest(),
    expires_at=NOW + timedelta(days=365),
    way="modbus-file-record",
    profile={"file": 1, "steps": [{"register": 7, "text": "Größe"}]},
)
# Made once: what a key is matters to no test, only whose it is.
RELEASE_KEY, SECOND_KEY, STRANGE_KEY = (
    Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2, 3)
)


def trusted(*keys: Ed25519PrivateKey) -> TrustedKeys:
    """Keys as a computer trusts them."""
    return TrustedKeys({firmware_key_id(key.public_key()): key.public_key() for key in keys})


def signed(*keys: Ed25519PrivateKey, **changes: object) -> tuple[bytes, tuple[Signature, ...]]:
    """A manifest's bytes and their signatures."""
    data = manifest_bytes(replace(MANIFEST, **changes))
    return data, tuple(sign_manifest(data, key) for key in keys)
