"""Signatures over manifests and permits: Ed25519 (RFC 8032) over a domain prefix and the very bytes.

The prefix keeps a signature from meaning anything else: a permit is no manifest, and neither is what another
program signs with the same key. Verified wherever bytes are used: at upload, on every station before the
first byte, and again after the download. `now` is the database's clock, so that a computer whose clock was
put back installs nothing that has expired.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from models.errors import FirmwareRefused
from models.firmware.key_files import firmware_key_id
from models.firmware.manifest import manifest_from_bytes
from models.firmware.permits import permit_from_bytes
from models.firmware.trusted_keys import TrustedKeys
from models.records.firmware import (
    MOST_SIGNATURES,
    DowngradePermit,
    FirmwareKeyId,
    Manifest,
    Signature,
)

MANIFEST_DOMAIN = b"operator console, firmware manifest 1\0"
PERMIT_DOMAIN = b"operator console, downgrade permit 1\0"
SIGNATURE_BYTES = 64
MOST_NEEDED = 2
_KEY_ID = re.compile("[0-9a-f]{32}")


def sign_manifest(data: bytes, key: Ed25519PrivateKey) -> Signature:
    """Sign a manifest's bytes. Raises FirmwareRefused where they are no manifest: nobody signs the unread."""
    manifest_from_bytes(data)
    return _signed(MANIFEST_DOMAIN + data, key)


def sign_permit(data: bytes, key: Ed25519PrivateKey) -> Signature:
    """Sign a permit's bytes. Raises FirmwareRefused where they are no permit."""
    permit_from_bytes(data)
    return _signed(PERMIT_DOMAIN + data, key)


def verify(
    data: bytes,
    signatures: Iterable[Signature],
    trusted: TrustedKeys,
    now: datetime,
    needed: int = 1,
) -> Manifest:
    """Return what a manifest says, once it is proved whose word that is.

    Args:
        data: The manifest, as stored.
        signatures: As stored.
        trusted: Of this computer.
        now: The database's clock.
        needed: By so many different trusted keys, 1 or 2.

    Raises:
        FirmwareRefused: Unsigned, altered, by strangers, not sound, or expired; the sentence says which.
    """
    _check_signatures(MANIFEST_DOMAIN + data, signatures, trusted, needed, "The manifest")
    manifest = manifest_from_bytes(data)
    if now >= manifest.expires_at:
        raise FirmwareRefused(
            f"The manifest of {manifest.full_version} expired on {manifest.expires_at:%Y-%m-%d %H:%M} UTC; "
            "sign a new one if this version may still be installed."
        )
    return manifest


def verify_permit(
    data: bytes, signatures: Iterable[Signature], trusted: TrustedKeys, now: datetime, needed: int = 1
) -> DowngradePermit:
    """Return what a permit allows, once it is proved. Arguments and errors: `verify`."""
    _check_signatures(PERMIT_DOMAIN + data, signatures, trusted, needed, "The permit")
    permit = permit_from_bytes(data)
    if now >= permit.expires_at:
        raise FirmwareRefused(
            f"The permit to go back to {permit.to_version} expired on {permit.expires_at:%Y-%m-%d %H:%M} UTC."
        )
    return permit


def signatures_from_texts(texts: Mapping[str, str]) -> tuple[Signature, ...]:
    """Return stored signatures: base64 by key id. Raises FirmwareRefused where they have another form."""
    if len(texts) > MOST_SIGNATURES:
        raise FirmwareRefused(f"There are {len(texts)} signatures; at most {MOST_SIGNATURES} are read.")
    found: list[Signature] = []
    for key, text in sorted(texts.items()):
        try:
            data = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError, TypeError):
            data = b""
        if not _KEY_ID.fullmatch(key) or len(data) != SIGNATURE_BYTES:
            raise FirmwareRefused(f"The signature of the key {key[:32]!r} is damaged; sign again.")
        found.append(Signature(FirmwareKeyId(key), data))
    return tuple(found)


def texts_from_signatures(signatures: Iterable[Signature]) -> dict[str, str]:
    """Return signatures as they are stored: base64 by key id."""
    return {signature.key: base64.b64encode(signature.data).decode() for signature in signatures}


def _signed(message: bytes, key: Ed25519PrivateKey) -> Signature:
    return Signature(firmware_key_id(key.public_key()), key.sign(message))


def _check_signatures(
    message: bytes, signatures: Iterable[Signature], trusted: TrustedKeys, needed: int, what: str
) -> None:
    if not 1 <= needed <= MOST_NEEDED:
        raise ValueError(f"{needed} signatures cannot be asked for; 1 or {MOST_NEEDED} can.")
    given = list(signatures)
    if not given:
        raise FirmwareRefused(
            f"{what} is not signed; sign it on the release computer: main.py firmware sign."
        )
    good: set[FirmwareKeyId] = set()
    strange: set[FirmwareKeyId] = set()
    for signature in given[: MOST_SIGNATURES + 1]:
        public = trusted.by_id.get(signature.key)
        if public is None:
            strange.add(signature.key)
            continue
        try:
            public.verify(signature.data, message)
        except InvalidSignature as error:
            raise FirmwareRefused(
                f"{what} is not what the key {signature.key} signed: it was altered, or the signature "
                "belongs to another."
            ) from error
        good.add(signature.key)
    if len(good) >= needed:
        return
    if strange and not good:
        raise FirmwareRefused(
            f"{what} is signed by the key {min(strange)}, which this computer does not trust; if it is "
            "yours: main.py firmware trust."
        )
    raise FirmwareRefused(
        f"{what} has {len(good)} signature{'' if len(good) == 1 else 's'} of keys that this computer trusts, "
        f"and {needed} different ones are asked for; have a second person sign it."
    )
