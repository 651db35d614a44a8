"""Accounts: what administrators see of persons and stations, and what a person may take home of their own."""

from dataclasses import dataclass, field
from datetime import datetime

from models.records.person import Person, Role


@dataclass(frozen=True, slots=True)
class Account:
    """A person as the list of users shows them.

    Attributes:
        has_password: False for the login that set the database up, and for a former person.
        is_former: Anonymised: name and e-mail address are gone, and nobody can sign in.
        devices_owned: Devices that belong to the person, removed ones left out.
        last_sign_in_at: None where none is recorded.
        updated_at: Hand it back with a change (`seen_at`): somebody else's change meanwhile is then noticed.
    """

    id: int
    name: str
    email: str
    role: Role
    is_active: bool
    has_password: bool
    is_former: bool
    devices_owned: int
    last_sign_in_at: datetime | None
    created_at: datetime
    updated_at: datetime

    @property
    def person(self) -> Person:
        """The person behind the account."""
        return Person(self.id, self.name, self.email, self.role)


@dataclass(frozen=True, slots=True)
class OwnRecord:
    """What a person's own workstation keeps, so that they can sign in while the database is away.

    Attributes:
        password_hash: bcrypt; never shown, and not in the record's text.
    """

    person: Person
    password_hash: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class StationAccount:
    """A station as the list of stations shows it.

    Attributes:
        last_seen_at: Its last sign of life; None before the first.
        updated_at: As in `Account`.
    """

    id: int
    name: str
    is_enabled: bool
    version: str
    last_seen_at: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class NewStation:
    """A station just enrolled: the login with which its program signs in."""

    id: int
    login: str
