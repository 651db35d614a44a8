"""What a computer remembers of who signed in on it, so that they may again while the database is away."""

import hashlib
import json
import secrets
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from models.credentials import CredentialStore
from models.errors import NeedsSetup
from models.logins import normalised_email
from models.records.person import Person, Role

NOBODYS_HASH = "$2b$12$GM/6BMmjEzVtf6Ndv5jlI.Y21eIaRYVTxaiCkVxI2KNQLJqJTFba2"
"""Of 32 random bytes nobody kept: comparing with it takes as long as with anybody's hash."""

_SALT_BYTES, _NONCE_BYTES = 16, 12
_WORK = 1 << 14  # scrypt's n: 40 ms and 16 MB an attempt

CLOCK_SLACK_S = 300.0
"""How far a computer's clock may be set back before what it remembers counts as expired."""


@dataclass(frozen=True, slots=True)
class OfflineRecord:
    """One person's last sign-in with the database.

    Attributes:
        password_hash: bcrypt.
        ticket: What the stations know them by, sealed with the password (`sealed_ticket`): it stays good
            after they sign out, so that stations let them in again while nobody can be asked.
        signed_in_unix: When, by this computer's clock.
        expires_unix: When the ticket ends; Unix seconds.
    """

    id: int
    name: str
    role: str
    password_hash: str = field(repr=False)
    ticket: str = field(repr=False)
    signed_in_unix: float
    expires_unix: float

    def person(self, email: str) -> Person:
        """Return the person; their e-mail address is the one just typed, of which only a digest is kept."""
        return Person(self.id, self.name, normalised_email(email), Role(self.role))

    @property
    def expires_at(self) -> datetime:
        """When the ticket ends."""
        return datetime.fromtimestamp(self.expires_unix, UTC)

    def opened_ticket(self, password: str) -> str:
        """Return the ticket in clear; empty where it was sealed with another password. Takes 40 ms."""
        try:
            sealed = bytes.fromhex(self.ticket)
        except ValueError:
            return ""
        salt, nonce = sealed[:_SALT_BYTES], sealed[_SALT_BYTES : _SALT_BYTES + _NONCE_BYTES]
        try:
            opened = AESGCM(_key(password, salt)).decrypt(nonce, sealed[_SALT_BYTES + _NONCE_BYTES :], None)
        except (InvalidTag, ValueError):
            return ""
        return opened.decode()

    def is_expired(self, now_unix: float) -> bool:
        """Whether the database was not asked for too long, or the clock was set back to before it was."""
        return not self.signed_in_unix - CLOCK_SLACK_S <= now_unix < self.expires_unix


def sealed_ticket(ticket: str, password: str) -> str:
    """Return a ticket that only the password opens again, as hexadecimal digits."""
    salt, nonce = secrets.token_bytes(_SALT_BYTES), secrets.token_bytes(_NONCE_BYTES)
    return (salt + nonce + AESGCM(_key(password, salt)).encrypt(nonce, ticket.encode(), None)).hex()


def _key(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(errors="replace"), salt=salt, n=_WORK, r=8, p=1, dklen=32)


def digest_of(site: str, email: str) -> str:
    """Return what a person is called where no e-mail address shall stand: 32 hexadecimal digits."""
    return hashlib.sha256(f"{site}:{normalised_email(email)}".encode(errors="replace")).hexdigest()[:32]


class OfflineRecords:
    """The records of one site in this computer's credential store. Blocks as the store does."""

    def __init__(self, store: CredentialStore, site: str) -> None:
        """Keep what it needs."""
        self._store = store
        self._site = site

    def keep(self, email: str, record: OfflineRecord) -> None:
        """Keep a record in place of the one before. Raises NeedsSetup where the store fails."""
        self._store.set(self._entry(email), json.dumps(asdict(record), ensure_ascii=False))

    def find(self, email: str) -> OfflineRecord | None:
        """Return what is remembered of a person, None where nothing is. Raises NeedsSetup."""
        kept = self._store.get(self._entry(email))
        if kept is None:
            return None
        try:
            return OfflineRecord(**json.loads(kept))
        except (ValueError, TypeError) as error:
            raise NeedsSetup(
                f"What {self._store.place} remembers of the last sign-in is damaged; sign in again once the "
                "database answers."
            ) from error

    def forget(self, email: str) -> None:
        """Remove what is remembered of a person. Raises NeedsSetup."""
        self._store.delete(self._entry(email))

    def _entry(self, email: str) -> str:
        return f"person {self._site} {digest_of(self._site, email)}"
