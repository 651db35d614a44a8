"""What can go wrong with storage, by what to do about it.

    StorageError
    ├── DatabaseAway        retry: not reachable, restarting, fell over, connection cut.
    │   └── CutOff              wait: this program cut itself off, for a drill.
    ├── ObjectsAway         retry: the store of images does not answer, is too slow, or failed.
    ├── NeedsSetup          ask a human: no such database, wrong password, schema of another version.
    │   ├── SchemaMismatch      older: `db upgrade`; newer: update this program.
    │   ├── SignInRefused       sign in (again): wrong, disabled, locked for a while, or expired.
    │   └── KeyMissing          enrol: the key of encrypted fields is not on this workstation.
    ├── Rejected            refuse: a constraint or a right says no. The text says which, in plain words.
    │   ├── AlreadyDone         somebody else was first; names who and when.
    │   ├── NotAllowed          the signed-in person may not.
    │   ├── LeaseLost           enter again: a newer start of this station took its place.
    │   ├── SealBroken          enter it again: an encrypted value was altered, or moved from elsewhere.
    │   ├── KeyRetired          enter it again: an encrypted value is older than the last change of key.
    │   └── FirmwareRefused     never use it: an image, its manifest or its address is not what it must be.
    ├── Stopped             nothing: whoever began it had it stopped.
    └── StorageBug          our own mistake: bad SQL, a broken invariant.

SQLAlchemy's and psycopg's exceptions are translated once, in `translation.translated()`.
"""

from enum import StrEnum


class Refusal(StrEnum):
    """Why a sign-in was refused. None of them tells whether there is such a person, unless they proved it."""

    WRONG = "wrong"
    DISABLED = "disabled"
    LOCKED = "locked"
    EXPIRED = "expired"


class StorageError(Exception):
    """Anything about storage. The text is shown to people as it is."""


class DatabaseAway(StorageError):
    """Nobody answers at the database's address right now: keep, and try again."""


class CutOff(DatabaseAway):
    """This program has cut itself off for a drill. `until` is the time of day here, "23:12:40"."""

    def __init__(self, text: str, until: str) -> None:
        super().__init__(text)
        self.until = until


class ObjectsAway(StorageError):
    """The store of images does not deliver right now; try again."""


class NeedsSetup(StorageError):
    """Somebody must set something up first; the text names the command."""


class SchemaMismatch(NeedsSetup):
    """The database's revision is not the one this build was made for."""


class SignInRefused(NeedsSetup):
    """A login was not let in, or is no longer. `reason` says why; the text says what to do."""

    def __init__(self, text: str, reason: Refusal) -> None:
        super().__init__(text)
        self.reason = reason


class Rejected(StorageError):
    """The database understood and declined."""


class AlreadyDone(Rejected):
    """Another person or station was first."""


class NotAllowed(Rejected):
    """The person signed in may not do this."""


class LeaseLost(Rejected):
    """This start of a station's program holds nothing any more."""


class KeyMissing(NeedsSetup):
    """A value is encrypted with a key that this workstation does not hold."""


class SealBroken(Rejected):
    """An encrypted value is not what was encrypted for this field of this device."""


class KeyRetired(Rejected):
    """A value is encrypted with a key that was retired since; it must not be trusted any more."""


class FirmwareRefused(Rejected):
    """An image, its manifest, its signatures or its address is not what it must be; nothing was flashed."""


class Stopped(StorageError):
    """Whoever began this wanted it to stop before its end."""


class StorageBug(StorageError):
    """A statement of ours was wrong."""
