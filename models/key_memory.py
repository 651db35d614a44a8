"""What this workstation keeps of field encryption in its credential store: its pair, and keys it has seen."""

import base64
import json
from collections.abc import Callable, Mapping

from models.credentials import CredentialStore
from models.errors import NeedsSetup
from models.key_wrapping import new_private_key
from models.records.key import KeyId
from models.secrets import key_id

_PAIR = "workstation key"
# A credential of Windows holds 1,280 characters; a remembered key takes 80.
_REMEMBERED_AT_MOST = 8


class KeyMemory:
    """One pair for this operating system account, and one list of keys a database. Every call may block."""

    def __init__(self, open_store: Callable[[], CredentialStore], place: str) -> None:
        """Keep what it needs; asks nobody.

        Args:
            open_store: Gives the credential store; called at most once, on first use.
            place: Which database, as `Database.place`.
        """
        self._open_store = open_store
        self._store: CredentialStore | None = None
        self._seen = f"field keys of {place}"
        self._last_read: dict[str, str | None] = {}

    @property
    def private_key(self) -> bytes | None:
        """The private half of this workstation's pair; None before it made one. Raises NeedsSetup."""
        kept = self._get(_PAIR)
        return _bytes_from_text(kept, _PAIR) if kept else None

    def make_pair(self) -> bytes:
        """Make a fresh pair in place of the one before; return its private half. Raises NeedsSetup."""
        made = new_private_key()
        self._set(_PAIR, base64.b64encode(made).decode())
        return made

    @property
    def store(self) -> CredentialStore:
        """Where all this is kept. Raises NeedsSetup."""
        return self._opened()

    def seen(self) -> dict[KeyId, bytes]:
        """Return the keys of this database that were trusted before, oldest first. Raises NeedsSetup."""
        kept = self._get(self._seen)
        if not kept:
            return {}
        try:
            found = json.loads(kept).items()
        except (ValueError, AttributeError):
            raise _damaged(self._seen) from None
        keys = {KeyId(name): _bytes_from_text(text, self._seen) for name, text in found}
        return {name: key for name, key in keys.items() if key_id(key) == name}

    def add(self, name: KeyId, key: bytes) -> None:
        """Trust a key from now on. Raises NeedsSetup."""
        keys = {**self.seen(), name: key}
        self._write(dict([*keys.items()][-_REMEMBERED_AT_MOST:]))

    def forget(self) -> None:
        """Forget all keys of this database; the pair stays. Raises NeedsSetup."""
        self._opened().delete(self._seen)
        self._last_read[self._seen] = None

    def _write(self, keys: Mapping[KeyId, bytes]) -> None:
        texts = {name: base64.b64encode(key).decode() for name, key in keys.items()}
        self._set(self._seen, json.dumps(texts, separators=(",", ":")))

    def _get(self, name: str) -> str | None:
        # Another program of this account may have changed it meanwhile, so it is read anew each time; but a
        # store that locks itself while a station runs must not stop that station's devices.
        try:
            self._last_read[name] = self._opened().get(name)
        except NeedsSetup:
            if name not in self._last_read:
                raise
        return self._last_read[name]

    def _set(self, name: str, text: str) -> None:
        self._opened().set(name, text)
        self._last_read[name] = text

    def _opened(self) -> CredentialStore:
        if self._store is None:
            self._store = self._open_store()
        return self._store


def _bytes_from_text(text: str, name: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, TypeError):
        raise _damaged(name) from None


def _damaged(name: str) -> NeedsSetup:
    return NeedsSetup(
        f"The credential {name!r} of this computer is damaged; run: main.py key request --again, "
        "and let an administrator approve it."
    )
