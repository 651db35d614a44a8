"""Pairs of Ed25519 keys in files: the private half sealed with a password, the public half for everybody.

The private file stays on the release computer. A key is known by its id, which commits to the public half, so
that 32 digits read out on the telephone are enough to compare.
"""

import hashlib
import os
import sys
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from models.errors import NeedsSetup
from models.records.firmware import FirmwareKeyId

SHORTEST_PASSWORD = 12
"""Whoever has the file may try as many passwords as they like."""
_MOST_BYTES = 16 * 1024


def firmware_key_id(key: Ed25519PublicKey) -> FirmwareKeyId:
    """Return the id of a key. 128 bits: nobody finds a second key of the same id."""
    raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return FirmwareKeyId(hashlib.sha256(b"console firmware key 1\0" + raw).hexdigest()[:32])


def make_key_pair(private_file: Path, public_file: Path, password: str) -> FirmwareKeyId:
    """Make a new pair of keys in two files that do not exist yet; return its id.

    Raises:
        NeedsSetup: The password is too short, or a file exists or cannot be written.
    """
    if len(password) < SHORTEST_PASSWORD:
        raise NeedsSetup(
            f"The password has {len(password)} characters; take {SHORTEST_PASSWORD} or more, for whoever "
            "gets the file may try them all."
        )
    private = Ed25519PrivateKey.generate()
    sealed = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(password.encode()),
    )
    public = private.public_key()
    written: list[Path] = []
    try:
        for file, content, mode in ((private_file, sealed, 0o600), (public_file, public_pem(public), 0o644)):
            _write_new(file, content, mode)
            written.append(file)
    except OSError as error:
        for file in written:
            file.unlink(missing_ok=True)
        reason = (
            "exists already"
            if isinstance(error, FileExistsError)
            else f"cannot be written ({error.strerror})"
        )
        raise NeedsSetup(f"{error.filename} {reason}; choose another name. No key was made.") from error
    return firmware_key_id(public)


def public_pem(key: Ed25519PublicKey) -> bytes:
    """Return a public key as its file holds it: its id in words, then PEM (RFC 7468, section 2)."""
    pem = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return f"Public key of firmware, id {firmware_key_id(key)}\n".encode() + pem


def load_private_key(file: Path, password: str) -> Ed25519PrivateKey:
    """Return the private key of a file.

    Raises:
        NeedsSetup: The file cannot be read, holds another kind of key, or the password is wrong.
    """
    content = _content(file)
    if b"PRIVATE KEY" not in content:
        raise NeedsSetup(f"{file} holds no private key; main.py firmware keygen makes one.")
    if b"ENCRYPTED PRIVATE KEY" not in content:
        raise NeedsSetup(
            f"The private key {file} is not sealed with a password, so anybody may have copied it; make "
            "another with: main.py firmware keygen."
        )
    if not password:
        raise NeedsSetup(f"The private key {file} needs its password.")
    try:
        key = serialization.load_pem_private_key(content, password.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise NeedsSetup(
            f"The password of the private key {file} is wrong, or the file is damaged."
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise NeedsSetup(
            f"{file} holds a key of another kind than Ed25519; make one with: main.py firmware keygen."
        )
    return key


def load_public_key(file: Path) -> Ed25519PublicKey:
    """Return the public key of a file. Raises NeedsSetup where it holds none of ours."""
    content = _content(file)
    if b"PRIVATE KEY" in content:
        raise NeedsSetup(
            f"{file} holds a private key; it belongs on the release computer only, so take it away."
        )
    try:
        key = serialization.load_pem_public_key(content)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise NeedsSetup(
            f"{file} holds no public key; main.py firmware keygen makes one beside each private key."
        ) from error
    if not isinstance(key, Ed25519PublicKey):
        raise NeedsSetup(f"{file} holds a key of another kind than Ed25519.")
    return key


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            content = opened.read(_MOST_BYTES + 1)
    except OSError as error:
        raise NeedsSetup(f"The key {file} cannot be read ({error.strerror}).") from error
    if len(content) > _MOST_BYTES:
        raise NeedsSetup(f"{file} is larger than any key ({_MOST_BYTES:,} bytes).")
    return content


def _write_new(file: Path, content: bytes, mode: int) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | (os.O_BINARY if sys.platform == "win32" else 0)
    with os.fdopen(os.open(file, flags, mode), "wb") as opened:
        opened.write(content)
