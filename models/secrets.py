"""Field encryption: what must not stand in clear in `devices.metadata` is sealed before it gets there.

    plain text ── SecretBox.seal ──→ {"$sealed": {"key": …, "nonce": …, "data": …}} ── .open ──→ plain text

AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce. Associated data are the device's hardware id, the
field's path and, for a setting of the connection, what it connects to: a sealed value opens only where it was
sealed, and nobody who may write the database but lacks the key can have a password sent to another server.
The key's id commits to the key. Where the key comes from: `models/workstation.py`.
"""

import base64
import binascii
import hashlib
import json
import os
from collections.abc import Mapping
from datetime import datetime
from typing import cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from models.errors import KeyMissing, KeyRetired, SealBroken
from models.records.device import JsonValue
from models.records.key import KeyId
from models.secret_names import SEALED, Path, text_from_path

Target = tuple[tuple[str, str], ...]
"""Name and JSON text of what decides where a connection's secrets go. A contract test asks every driver."""

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
_TARGET = (
    "endpoint",
    "host",
    "port",
    "serial_port",
    "server_name",
    "security",
    "security_mode",
    "server_certificate",
    "host_check",
    "other_endpoints",
    "other_server_certificates",
)
_NO_KEY = "No key for encrypted fields exists yet; an administrator makes one with: main.py key create."


def new_key() -> bytes:
    """Return a fresh data key from the system's random source."""
    return os.urandom(KEY_BYTES)


def key_id(key: bytes) -> KeyId:
    """Return the id that commits to a data key. 128 bits: nobody finds a second key of the same id."""
    return KeyId(hashlib.sha256(b"console field key 1\0" + key).hexdigest()[:32])


def target_of(driver: JsonValue, connection: Mapping[str, JsonValue]) -> Target:
    """Return whom the secrets of a connection are for: protocol, address and protection on the way."""
    named = {"driver": driver} | {name: connection.get(name) for name in _TARGET}
    return tuple((name, json.dumps(value)) for name, value in named.items() if value not in (None, "", []))


def field_context(device_id: str, path: Path, target: Target = ()) -> str:
    """Return what binds a sealed value to its place.

    Args:
        device_id: The device's hardware id.
        path: Of the field, from the top of the metadata.
        target: Of the device's connection; counts for the connection's own secrets only.
    """
    parts = [device_id, path, target if path[:1] == ("connection",) else ()]
    return json.dumps(parts, ensure_ascii=True, separators=(",", ":"))


def text_from_secret(value: JsonValue) -> str:
    """Return a plain secret as the text that is sealed: a number becomes its digits."""
    return value if isinstance(value, str) else json.dumps(value)


class SecretBox:
    """The keys one workstation holds, and what they are for. Immutable; any thread may use it.

    Never shows a key or a value: not in its representation, not in an error.
    """

    __slots__ = ("_absence", "_ciphers", "_current", "_retired")

    def __init__(
        self,
        keys: Mapping[KeyId, bytes],
        current: KeyId | None,
        retired: Mapping[KeyId, datetime] | None = None,
        absence: str = _NO_KEY,
    ) -> None:
        """Take the keys.

        Args:
            keys: Data keys held here, by id.
            current: The id of the one that seals now; None where none exists. It may be missing from `keys`.
            retired: When keys were retired, whether or not they are held here.
            absence: One sentence why a key is missing here and what to do; part of KeyMissing.
        """
        self._ciphers = {name: AESGCM(key) for name, key in keys.items()}
        self._current = current
        self._retired = dict(retired or {})
        self._absence = absence

    def __repr__(self) -> str:
        return f"<SecretBox of {len(self._ciphers)} keys>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SecretBox):
            return NotImplemented
        # An id commits to its key, so equal ids are equal keys.
        return (
            self._ciphers.keys() == other._ciphers.keys()
            and (self._current, self._retired, self._absence)
            == (other._current, other._retired, other._absence)
        )  # fmt: skip

    def __hash__(self) -> int:
        return hash((self._current, frozenset(self._ciphers)))

    @property
    def current(self) -> KeyId | None:
        """The key that seals now; None where none exists."""
        return self._current

    @property
    def held(self) -> tuple[KeyId, ...]:
        """The keys that open something here: held, and not retired."""
        return tuple(name for name in self._ciphers if name not in self._retired)

    @property
    def can_seal(self) -> bool:
        """Whether the current key is held here."""
        return self._current in self._ciphers

    def seal(self, value: str, context: str) -> dict[str, JsonValue]:
        """Encrypt a text for one place (`field_context`); the same text never looks the same twice.

        Raises:
            KeyMissing: The current key is not on this workstation.
        """
        cipher = self._ciphers.get(self._current) if self._current is not None else None
        if cipher is None or self._current is None:
            raise KeyMissing(self._absence)
        nonce = os.urandom(NONCE_BYTES)
        data = cipher.encrypt(
            nonce, value.encode(errors="surrogatepass"), _associated(self._current, context)
        )
        return {
            SEALED: {
                "key": self._current,
                "nonce": base64.b64encode(nonce).decode(),
                "data": base64.b64encode(data).decode(),
            }
        }

    def open(self, sealed: JsonValue, context: str) -> str:
        """Return the text that was sealed for this place.

        Raises:
            KeyMissing: Its key is not on this workstation.
            KeyRetired: Its key was retired: whoever had that one may have made this value.
            SealBroken: It was altered, moved from elsewhere, or is no sealed value at all.
        """
        name, nonce, data = _parts(sealed, context)
        if name in self._retired:
            raise KeyRetired(
                f"{_place(context)} is encrypted with a key that was retired on "
                f"{self._retired[name]:%Y-%m-%d}; enter the value again."
            )
        return self._opened(name, nonce, data, context)

    def reseal(self, sealed: JsonValue, context: str) -> dict[str, JsonValue]:
        """Return the same text sealed with the current key; a value from before a change of key is welcome.

        Raises:
            KeyMissing, KeyRetired, SealBroken: Like `open`; KeyRetired only where the old key is not held.
        """
        name, nonce, data = _parts(sealed, context)
        if name in self._retired and name not in self._ciphers:
            return self.seal(self.open(sealed, context), context)
        return self.seal(self._opened(name, nonce, data, context), context)

    def _opened(self, name: KeyId, nonce: bytes, data: bytes, context: str) -> str:
        cipher = self._ciphers.get(name)
        if cipher is None:
            known = name == self._current
            reason = self._absence if known else "No key of this database fits; enter the value again."
            raise KeyMissing(f"{_place(context)} is encrypted and cannot be opened here. {reason}")
        try:
            return cipher.decrypt(nonce, data, _associated(name, context)).decode(errors="surrogatepass")
        except (InvalidTag, UnicodeDecodeError):
            raise _broken(context) from None


NO_KEYS = SecretBox({}, None)
"""The box of whoever holds no key, before any exists."""


def _associated(name: KeyId, context: str) -> bytes:
    return f"console field 1\0{name}\0{context}".encode()


def _parts(sealed: JsonValue, context: str) -> tuple[KeyId, bytes, bytes]:
    try:
        inner = cast(dict[str, JsonValue], cast(dict[str, JsonValue], sealed)[SEALED])
        name, nonce, data = inner["key"], inner["nonce"], inner["data"]
        if not (isinstance(name, str) and isinstance(nonce, str) and isinstance(data, str)):
            raise _broken(context)
        parts = KeyId(name), base64.b64decode(nonce, validate=True), base64.b64decode(data, validate=True)
    except (KeyError, TypeError, binascii.Error, ValueError):
        raise _broken(context) from None
    if len(parts[1]) != NONCE_BYTES or len(parts[2]) < TAG_BYTES:
        raise _broken(context)
    return parts


def _broken(context: str) -> SealBroken:
    return SealBroken(
        f"{_place(context)} is encrypted, but not for this place or not unaltered; enter the value again."
    )


def _place(context: str) -> str:
    """Return a context as people read it: "connection.password of PRESS-01"."""
    try:
        device, path, _ = cast(tuple[str, list[str | int], object], json.loads(context))
    except (ValueError, TypeError):
        return "A value"
    return f"{text_from_path(tuple(path))} of {device}" if path else f"A value of {device}"
