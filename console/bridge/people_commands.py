"""What administrators do to persons' accounts, and a person to their own: commands, as in `commands.py`.

A password travels in a command as it was typed, because turning it into what is stored takes a quarter of a
second; it stands in no repr, and the command is dropped once it was answered. The change comes back to every
window as `people_changed`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from models.records.person import Person, Role

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class AddPerson:
    """Somebody new, with a password to begin with."""

    name: str
    email: str
    role: Role
    password: str = field(repr=False)

    def apply(self, connection: Connection, person: Person) -> int:
        """Return the new person's id. Raises StorageError."""
        from models.passwords import new_password
        from models.queries.people import create_person

        password = new_password(self.password, email=self.email, name=self.name)
        return create_person(connection, self.email, self.name, self.role, password)


@dataclass(frozen=True, slots=True)
class EditPerson:
    """Another name or e-mail address; None = as it is.

    Attributes:
        seen_at: `Account.updated_at` of what the administrator looked at, here and below.
    """

    person: int
    seen_at: datetime
    name: str | None
    email: str | None

    def apply(self, connection: Connection, person: Person) -> int:
        """Return the person's id. Raises StorageError."""
        from models.queries.people import change_email, rename_person

        seen_at: datetime | None = self.seen_at
        if self.name is not None:
            rename_person(connection, self.person, self.name, seen_at)
            # Our own change is not somebody else's; the row is held until both are done.
            seen_at = None
        if self.email is not None:
            change_email(connection, self.person, self.email, seen_at)
        return self.person


@dataclass(frozen=True, slots=True)
class ChangeRole:
    """Another role."""

    person: int
    seen_at: datetime
    role: Role

    def apply(self, connection: Connection, person: Person) -> int:
        """Return the person's id. Raises StorageError."""
        from models.queries.people import set_person_role

        set_person_role(connection, self.person, self.role, self.seen_at)
        return self.person


@dataclass(frozen=True, slots=True)
class SwitchPerson:
    """Let somebody sign in, or no longer."""

    person: int
    seen_at: datetime
    is_active: bool

    def apply(self, connection: Connection, person: Person) -> int:
        """Return how many open sessions were ended. Raises StorageError."""
        from models.queries.people import set_person_active

        return set_person_active(connection, self.person, is_active=self.is_active, seen_at=self.seen_at)


@dataclass(frozen=True, slots=True)
class ResetPassword:
    """Another password for somebody; `EndSessions` must follow."""

    person: Person
    seen_at: datetime
    password: str = field(repr=False)

    def apply(self, connection: Connection, person: Person) -> int:
        """Return how many open sessions were ended. Raises StorageError."""
        from models.passwords import new_password
        from models.queries.people import reset_password

        password = new_password(self.password, email=self.person.email, name=self.person.name)
        return reset_password(connection, self.person.id, password, self.seen_at)


@dataclass(frozen=True, slots=True)
class EndSessions:
    """Put somebody out who came in with the old password before the new one was stored."""

    person: int

    def apply(self, connection: Connection, person: Person) -> int:
        """Return how many open sessions were ended. Raises StorageError."""
        from models.queries.people import end_sessions

        return end_sessions(connection, self.person)


@dataclass(frozen=True, slots=True)
class AnonymisePerson:
    """Take a person's name, e-mail address, password and login away for good."""

    person: int
    seen_at: datetime

    def apply(self, connection: Connection, person: Person) -> int:
        """Return how many open sessions were ended. Raises StorageError."""
        from models.queries.people import anonymise_person

        return anonymise_person(connection, self.person, self.seen_at)


@dataclass(frozen=True, slots=True)
class SwitchStation:
    """Let a station in, or no longer."""

    station: int
    is_enabled: bool

    def apply(self, connection: Connection, person: Person) -> int:
        """Return how many open sessions were ended. Raises StorageError."""
        from models.queries.people import set_station_enabled

        return set_station_enabled(connection, self.station, is_enabled=self.is_enabled)


@dataclass(frozen=True, slots=True)
class ChangeOwnPassword:
    """Another password for the person signed in, who must know the old one."""

    person: Person
    old: str = field(repr=False)
    new: str = field(repr=False)

    def apply(self, connection: Connection, person: Person) -> bool:
        """Return whether the old password was right, and so the new one is in force. Raises StorageError."""
        from models.passwords import new_password, verify_password
        from models.queries.people import change_my_password, my_record

        if not verify_password(self.old, my_record(connection).password_hash):
            return False
        password = new_password(self.new, email=self.person.email, name=self.person.name)
        change_my_password(connection, password)
        return True
