"""Secrets in a file, where a computer has no keyring: encrypted, private, whole after a cut of power.

    <data folder>/credentials.sealed        nonce (12 bytes) and AES-256-GCM of all secrets as JSON
    <configuration folder>/credentials.key  the key (32 bytes), the only other thing needed to read them

Apart, so that a copied or backed-up data folder gives nothing away. Both are readable by one account only.
"""

import json
import os
import secrets
import stat
import sys
from contextlib import suppress
from pathlib import Path

import platformdirs
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from models.errors import NeedsSetup
from models.file_lock import FileLock, LockTimeout

_BOUND_TO = b"operator-console credentials 1"
_KEY_BYTES = 32
_NONCE_BYTES = 12
_LOCK_WAIT_S = 5.0


class EncryptedFileStore:
    """Keeps secrets in an encrypted file. Any thread and several programs may use it at once."""

    def __init__(self, file: Path, key: Path) -> None:
        """Keep the paths; touches nothing.

        Args:
            file: Of the secrets; made at the first `set`.
            key: Of the key; made with it.
        """
        self._file = file
        self._key = key

    @property
    def caution(self) -> str:
        """See `CredentialStore.caution`."""
        return (
            f"Credentials are kept encrypted in {self._file}, not in a keyring of the system. That protects "
            "them in a copy or backup of that folder and from other people's accounts, but not from whoever "
            f"can read {self._key} too: somebody with your account or the whole disk."
        )

    @property
    def place(self) -> str:
        """See `CredentialStore.place`."""
        return f"the encrypted file {self._file}"

    def get(self, name: str) -> str | None:
        """See `CredentialStore.get`."""
        return self._read().get(name)

    def set(self, name: str, secret: str) -> None:
        """See `CredentialStore.set`."""
        self._change(name, secret)

    def delete(self, name: str) -> None:
        """See `CredentialStore.delete`."""
        if self._file.exists():
            self._change(name, None)

    def _change(self, name: str, secret: str | None) -> None:
        try:
            for folder in (self._file.parent, self._key.parent):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = FileLock(self._file.with_suffix(".lock")).acquire(_LOCK_WAIT_S)
        except LockTimeout as error:
            raise NeedsSetup(
                f"Another program has been writing {self._file} for {_LOCK_WAIT_S:g} s; end it."
            ) from error
        except OSError as error:
            raise NeedsSetup(f"Credentials cannot be kept in {self._file}: {error.strerror}.") from error
        try:
            kept = self._read()
            if secret is None:
                kept.pop(name, None)
            else:
                kept[name] = secret
            nonce = secrets.token_bytes(_NONCE_BYTES)
            sealed = AESGCM(self._made_key()).encrypt(nonce, json.dumps(kept).encode(), _BOUND_TO)
            _replace(self._file, nonce + sealed)
        except OSError as error:
            raise NeedsSetup(f"Credentials cannot be kept in {self._file}: {error.strerror}.") from error
        finally:
            lock.release()

    def _read(self) -> dict[str, str]:
        sealed = _private_bytes(self._file)
        if sealed is None:
            return {}
        key = _private_bytes(self._key)
        if key is None:
            raise NeedsSetup(
                f"The key {self._key} of the credentials in {self._file} is missing; bring it back, or "
                "remove that file, sign in again and enrol the station again."
            )
        try:
            opened = AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _BOUND_TO)
        except (InvalidTag, ValueError) as error:
            raise NeedsSetup(
                f"The credentials in {self._file} are damaged or belong to another key; remove that file, "
                "sign in again and enrol the station again."
            ) from error
        return dict(json.loads(opened))

    def _made_key(self) -> bytes:
        key = _private_bytes(self._key)
        if key is None:
            # Several data folders share one key, each with a lock of its own: the second takes the first's.
            fresh = self._key.with_name(f"{self._key.name}.{os.getpid()}")
            _write(fresh, secrets.token_bytes(_KEY_BYTES))
            with suppress(FileExistsError):
                os.link(fresh, self._key)
            fresh.unlink()
            _sync_folder(self._key.parent)
            key = _private_bytes(self._key)
        if key is None or len(key) != _KEY_BYTES:
            raise NeedsSetup(
                f"The key {self._key} is damaged; remove it and {self._file}, then sign in again."
            )
        return key


def key_file() -> Path:
    """Return where the key lies: in this person's configuration folder, whatever the data folder."""
    return Path(platformdirs.user_config_dir("operator-console", appauthor=False)) / "credentials.key"


def _private_bytes(path: Path) -> bytes | None:
    """Return what a file holds that only we can read; None where there is none.

    Raises:
        NeedsSetup: It is a link, another's, or open to others: it may have been read or planted.
    """
    try:
        # Facts of what was opened, not of a name that may be another file a moment later.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise NeedsSetup(
            f"{path} cannot be read ({error.strerror}); remove it, or correct its rights."
        ) from error
    with os.fdopen(descriptor, "rb") as file:
        facts = os.fstat(descriptor)
        if sys.platform != "win32":
            if not stat.S_ISREG(facts.st_mode) or facts.st_uid != os.geteuid():
                raise NeedsSetup(f"{path} belongs to somebody else; remove it, then sign in again.")
            if facts.st_mode & 0o077:
                raise NeedsSetup(
                    f"{path} can be read by others, so its secrets may be known: run chmod 600 on it, then "
                    "change the passwords of those who signed in here."
                )
        return file.read()


def _write(path: Path, content: bytes) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)


def _replace(path: Path, content: bytes) -> None:
    """Write beside and move into place: whoever is killed in between leaves the file as it was."""
    fresh = path.with_name(path.name + ".new")
    _write(fresh, content)
    fresh.replace(path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    if sys.platform != "win32":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
