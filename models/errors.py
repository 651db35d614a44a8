"""What can go wrong with storage, by what to do about it.

    StorageError
    ├── DatabaseAway        retry: not reachable, restarting, fell over, connection cut.
    ├── NeedsSetup          ask a human: no such database, wrong password, schema of another version.
    │   └── SchemaMismatch      older: `db upgrade`; newer: update this program.
    ├── Rejected            refuse: a constraint or a right says no. The text says which, in plain words.
    │   ├── AlreadyDone         somebody else was first; names who and when.
    │   └── NotAllowed          the signed-in person may not.
    └── StorageBug          our own mistake: bad SQL, a broken invariant.

SQLAlchemy's and psycopg's exceptions are translated once, in `database.translated()`.
"""


class StorageError(Exception):
    """Anything about storage. The text is shown to people as it is."""


class DatabaseAway(StorageError):
    """Nobody answers at the database's address right now: keep, and try again."""


class NeedsSetup(StorageError):
    """Somebody must set something up first; the text names the command."""


class SchemaMismatch(NeedsSetup):
    """The database's revision is not the one this build was made for."""


class Rejected(StorageError):
    """The database understood and declined."""


class AlreadyDone(Rejected):
    """Another person or station was first."""


class NotAllowed(Rejected):
    """The person signed in may not do this."""


class StorageBug(StorageError):
    """A statement of ours was wrong."""
