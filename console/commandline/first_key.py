"""The first secret of a database makes its key: an administrator need not know before that there is one."""

import sys

from console.settings import Settings
from models.database import Database
from models.queries.people import current_person
from models.records.person import Role
from models.workstation import WorkstationKeys


def ensure_key(database: Database, keys: WorkstationKeys, settings: Settings) -> None:
    """Make the key of encrypted fields where there is none and an administrator asks; say so on stderr.

    Anybody else is told by whoever needs the key. Raises StorageError.
    """
    with database.transaction() as connection:
        is_missing = keys.open_box(connection).current is None
        if not is_missing or current_person(connection).role is not Role.ADMIN:
            return
        keys.create(connection, settings.station_name)
    sys.stderr.write(key_made(keys, database) + "\n")


def key_made(keys: WorkstationKeys, database: Database) -> str:
    """Say that the key was made, where it is, and how not to lose it."""
    with database.transaction() as connection:
        state = keys.state(connection)
    sentences = [
        f"A key for encrypted fields was made ({state.key_fingerprint}); this workstation keeps it in "
        f"{keys.store_place}.",
        "Should this computer be lost, what it encrypted is lost too, unless a second workstation holds the "
        "key: run main.py key request there.",
        keys.store_caution,
    ]
    return "\n".join(sentence for sentence in sentences if sentence)
