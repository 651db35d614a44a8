"""Length and hash of an image, while it comes in: what was promised, or nothing."""

import hashlib
from collections.abc import Callable

from models.errors import FirmwareRefused
from models.records.firmware import Manifest

_BLOCK = 256 * 1024

Told = Callable[[int], None]
"""Told how many bytes came so far; whatever it raises ends the work."""


def check_image(read: Callable[[int], bytes], manifest: Manifest, tell: Told = lambda _read: None) -> bytes:
    """Return the image, once every byte of it is proved to be the one that was signed.

    Never asks for more than one byte beyond the length in the manifest, so an endless stream ends here.

    Args:
        read: Returns at most so many bytes, none at the end. What it raises goes through.
        manifest: As `signing.verify` returned it.
        tell: Told how far it is.

    Raises:
        FirmwareRefused: Truncated, too long, or another image.
    """
    parts: list[bytes] = []
    found = 0
    digest = hashlib.sha256()
    while found <= manifest.size and (part := read(min(_BLOCK, manifest.size + 1 - found))):
        found += len(part)
        digest.update(part)
        parts.append(part)
        tell(found)
    if found > manifest.size:
        raise FirmwareRefused(
            f"The image is longer than the {manifest.size:,} bytes that were signed; it was not read any "
            "further."
        )
    if found < manifest.size:
        raise FirmwareRefused(
            f"The image ends after {found:,} of the {manifest.size:,} bytes that were signed; it was cut "
            "off, or is another file."
        )
    if digest.digest() != manifest.sha256:
        raise FirmwareRefused(
            f"The image is not the one that was signed as {manifest.full_version}: its SHA-256 is "
            f"{digest.hexdigest()[:16]}…, signed was {manifest.sha256.hex()[:16]}…."
        )
    return b"".join(parts)
