"""Whose firmware this computer believes: public keys in its own data folder, and nowhere else.

Never in the database or in a bucket: whoever can write there must not be able to name themselves as a signer.
"""

import os
import stat
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from models.errors import NeedsSetup
from models.firmware.key_files import firmware_key_id, load_public_key, public_pem
from models.records.firmware import FirmwareKeyId

MOST_KEYS = 64


@dataclass(frozen=True, slots=True)
class TrustedKeys:
    """The keys, by id, and the files they came from (for people)."""

    by_id: Mapping[FirmwareKeyId, Ed25519PublicKey]
    names: Mapping[FirmwareKeyId, str] = field(default_factory=dict[FirmwareKeyId, str])


def trusted_dir(data_dir: Path) -> Path:
    """Return the folder of trusted keys of a data folder."""
    return data_dir / "firmware" / "trusted"


def load_trusted_keys(data_dir: Path) -> TrustedKeys:
    """Return every key that this computer trusts; none where there is no such folder.

    Raises:
        NeedsSetup: Others may write into the folder, or a file in it is no public key of ours: guessing here
            would be believing.
    """
    folder = trusted_dir(data_dir)
    if not folder.is_dir():
        return TrustedKeys({})
    _refuse_open_to_others(folder)
    files = sorted(folder.glob("*.pem"))
    if len(files) > MOST_KEYS:
        raise NeedsSetup(
            f"{folder} holds {len(files)} keys; at most {MOST_KEYS} are read, so take some away."
        )
    keys: dict[FirmwareKeyId, Ed25519PublicKey] = {}
    names: dict[FirmwareKeyId, str] = {}
    for file in files:
        _refuse_open_to_others(file)
        key = load_public_key(file)
        keys[firmware_key_id(key)] = key
        names[firmware_key_id(key)] = file.stem
    return TrustedKeys(keys, names)


def trust_key(data_dir: Path, name: str, key: Ed25519PublicKey) -> Path:
    """Have this computer trust a key from now on; return its file.

    Raises:
        NeedsSetup: The name is in use for another key, or the file cannot be written.
    """
    folder = trusted_dir(data_dir)
    file = folder / f"{name}.pem"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if file.exists():
            if firmware_key_id(load_public_key(file)) == firmware_key_id(key):
                return file
            raise NeedsSetup(f"{file} holds another key; choose another name.")
        _refuse_open_to_others(folder)
        file.write_bytes(public_pem(key))
        file.chmod(0o600)
    except OSError as error:
        raise NeedsSetup(f"{file} cannot be written ({error.strerror}).") from error
    return file


def distrust_key(data_dir: Path, key: FirmwareKeyId) -> bool:
    """Have this computer trust a key no longer; return whether it did."""
    known = load_trusted_keys(data_dir)
    if key not in known.by_id:
        return False
    (trusted_dir(data_dir) / f"{known.names[key]}.pem").unlink(missing_ok=True)
    return True


def _refuse_open_to_others(path: Path) -> None:
    if sys.platform == "win32":
        return
    facts = path.lstat()
    if stat.S_ISLNK(facts.st_mode) or facts.st_uid not in (os.getuid(), 0) or facts.st_mode & 0o022:
        raise NeedsSetup(
            f"{path} must belong to you and be writable by nobody else, or anybody here could name a signer "
            "of firmware; correct its owner and rights (chmod go-w)."
        )
