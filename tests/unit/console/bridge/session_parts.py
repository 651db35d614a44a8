"""A site without a database: who may come in is what the test says."""

import threading
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from models.errors import DatabaseAway, Refusal, SignInRefused, StorageError
from models.records.person import Person, Role
from tests.unit.console.bridge.bridge_parts import NOW, TICKET, FakeDatabase

EVA = Person(1, "Eva Lind", "eva@example.org", Role.OPERATOR)
PASSWORD = "correct horse battery"
WRONG = "The e-mail address or the password is wrong."
NOT_HERE = "The database is away, and nobody of that name signed in here."


@dataclass(frozen=True)
class FakeLogin:
    """What of `console.sign_in.Session` the bridge uses."""

    person: Person = EVA
    database: Any = None
    ticket: str = TICKET
    is_offline: bool = False
    expires_at: datetime = field(default_factory=lambda: datetime.fromtimestamp(NOW, UTC) + timedelta(days=7))
    notice: str = ""

    def is_own_password(self, password: str) -> bool:
        return password == PASSWORD


class FakeSite:
    """`away` and `refreshed` decide what the next call meets; `done` writes down what was asked."""

    def __init__(self, database: FakeDatabase) -> None:
        self.place = "console on this computer"
        self.cautions: tuple[str, ...] = ()
        self.away = ""
        self.needs_first_admin = False
        self.database = database
        self.person = EVA
        self.is_away = False
        self.knows_offline = True
        self.notice = ""
        self.failure: StorageError | None = None
        self.refreshed = 0
        self.done: list[str] = []
        self.gate = threading.Event()
        self.gate.set()

    def create_first_admin(self, name: str, email: str, password: str) -> None:
        self.done.append(f"create {name} {email}")
        if self.failure is not None:
            raise self.failure

    def sign_in(self, email: str, password: str, application_name: str) -> FakeLogin:
        self.gate.wait(5)
        self.done.append(f"sign in {email}")
        if self.is_away:
            raise DatabaseAway("The database does not answer.")
        if password != PASSWORD:
            raise SignInRefused(WRONG, Refusal.WRONG)
        return FakeLogin(self.person, self.database, notice=self.notice)

    def sign_in_offline(self, email: str, password: str, application_name: str) -> FakeLogin:
        if not self.knows_offline:
            raise SignInRefused(NOT_HERE, Refusal.WRONG)
        return FakeLogin(self.person, self.database, is_offline=True)

    def refresh(self, session: FakeLogin) -> FakeLogin:
        self.gate.wait(5)
        self.refreshed += 1
        if self.failure is not None:
            raise self.failure
        return replace(
            session, person=self.person, ticket=f"{self.refreshed:064x}", is_offline=False, expires_at=LATER
        )

    def password_changed(self, session: FakeLogin, password: str) -> FakeLogin:
        self.done.append("password changed")
        return replace(session, ticket="cd" * 32)

    def sign_out(self, session: FakeLogin) -> None:
        self.done.append(f"sign out {session.person.email}")


LATER = datetime.fromtimestamp(NOW, UTC) + timedelta(days=14)


class FakeDoor:
    """Opens the site; `refusals` come first."""

    def __init__(self, site: FakeSite) -> None:
        self.site = site
        self.refusals: list[StorageError] = []
        self.is_open = False

    def open(self) -> FakeSite:
        if self.refusals:
            raise self.refusals.pop(0)
        self.is_open = True
        return self.site

    def close(self) -> None:
        self.is_open = False
