"""The demonstration's three persons, one of each role. They exist in demo data folders only.

Their password is no secret: whoever can start the demonstration owns the database in its folder anyway.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from models.records.person import Role

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from console.settings import Settings
    from console.sign_in import Site
    from models.database import Database
    from models.records.device_entry import DeviceEntry

PASSWORD = "demo plant, three persons"
# Of PASSWORD. Made once, because it takes a quarter of a second; a test holds both together.
_HASH = "$2b$12$KEXalwbD0tCUcCY6fIL4deQFttB5dtvvDlY3gKFf5J1lyyRYX4X6m"
_EVERY_THIRD = 3
_BEGINNING_AT = 2  # Drive 3, so that an engineer, too, has an alert to handle


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """One person of the demonstration, as the entrance shows them.

    Attributes:
        key: What `main.py demo --as` calls them.
        name: Made up.
        line: What they may do, in one line.
        icon: A qtawesome name.
    """

    key: str
    name: str
    email: str
    role: Role
    line: str
    icon: str


PERSONS: tuple[DemoPerson, ...] = (
    DemoPerson(
        "admin",
        "Ada Berg",
        "admin@demo.example",
        Role.ADMIN,
        "Does everything, and adds people.",
        "mdi6.shield-account-outline",
    ),
    DemoPerson(
        "operator",
        "Mara Olsen",
        "operator@demo.example",
        Role.OPERATOR,
        "Sees the whole plant and handles its alerts.",
        "mdi6.monitor-eye",
    ),
    DemoPerson(
        "engineer",
        "Jonas Weiss",
        "engineer@demo.example",
        Role.USER,
        "Sees and configures only the devices they own.",
        "mdi6.wrench-outline",
    ),
)


def demo_person(key: str) -> DemoPerson | None:
    """Return the person of a key, None where there is none of that name."""
    return next((person for person in PERSONS if person.key == key), None)


class DemoDoor:
    """Opens the demonstration's site with its persons in it: what `SessionKeeper` takes for a way in.

    Attributes:
        owner: The way in of whoever owns the data folder, for taking the plant in; None until it is open.
    """

    def __init__(self, settings: Settings) -> None:
        """Keep which database; opens nothing. Imports what takes long, so call it from a worker thread."""
        from console.sign_in import SignIn
        from models.credentials import MemoryStore

        self._settings = settings
        # In memory: a demonstration leaves nothing in anybody's keyring.
        self._sign_in = SignIn(settings, MemoryStore())
        self.owner: Database | None = None

    def open(self) -> Site:
        """Open the site; whoever is missing is added. Raises StorageError."""
        from console.database_host import DatabaseHost

        site = self._sign_in.open()
        if self.owner is None:
            self.owner = DatabaseHost(self._settings).owner("demonstration")
        with self.owner.transaction() as connection:
            add_missing(connection)
            restore(connection)
        site.needs_first_admin = False
        return site

    def close(self) -> None:
        """Let go of the database. Safe twice."""
        owner, self.owner = self.owner, None
        if owner is not None:
            owner.close()
        self._sign_in.close()


def add_missing(connection: Connection) -> None:
    """Add those persons that the database does not know; where all are new, a site begins.

    Raises:
        StorageError: One sentence.
    """
    from console.site_clock import begin_with_local_zone
    from models.passwords import NewPassword, scram_verifier
    from models.queries.people import accounts, create_person

    known = {account.email for account in accounts(connection)}
    if known.isdisjoint(person.email for person in PERSONS):
        begin_with_local_zone(connection)
    for person in PERSONS:
        if person.email not in known:
            password = NewPassword(scram_verifier(PASSWORD), _HASH)
            create_person(connection, person.email, person.name, person.role, password)


def restore(connection: Connection) -> None:
    """Let everybody in again whom somebody disabled or gave another password while trying things out."""
    from models.passwords import NewPassword, scram_verifier
    from models.queries.people import accounts, has_hash, reset_password, set_person_active

    emails = {person.email for person in PERSONS}
    for account in accounts(connection):
        if account.email not in emails:
            continue
        if not account.is_active:
            set_person_active(connection, account.id, is_active=True)
        if not has_hash(connection, account.id, _HASH):
            reset_password(connection, account.id, NewPassword(scram_verifier(PASSWORD), _HASH))


def shared_out(connection: Connection, entries: Sequence[DeviceEntry]) -> list[DeviceEntry]:
    """Return the plant's devices, every third of them the engineer's."""
    from models.queries.people import accounts

    engineer = next(person.email for person in PERSONS if person.role is Role.USER)
    owner = next((account.id for account in accounts(connection) if account.email == engineer), None)
    return [
        replace(entry, device=replace(entry.device, user_id=owner))
        if place % _EVERY_THIRD == _BEGINNING_AT
        else entry
        for place, entry in enumerate(entries)
    ]
