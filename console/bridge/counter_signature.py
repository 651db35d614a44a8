"""A second person signs at somebody else's window: their e-mail and password, for one command.

The command travels on a connection of their own, opened for it and closed after it; the session at the window
stays whose it is, and nothing of the second person is kept.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from console.bridge.signature import SignatureTries, fresh_transaction

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from models.database import Database

_WRONG = "The e-mail address or the password is wrong."


@dataclass(frozen=True, slots=True, eq=False)
class CounterSignature:
    """What a second person typed, for one command."""

    email: str
    password: str = field(repr=False)
    tries: SignatureTries

    @contextmanager
    def transaction(self, database: Database) -> Generator[Connection]:
        """Lend a connection of that person's, as `Database.transaction` does; then close it.

        Raises:
            SignInRefused: E-mail and password are not one person's.
            StorageError: As `Database.transaction`.
        """
        from models.logins import person_login

        login = person_login(database.address.database, self.email)
        with fresh_transaction(database, login, self.password, self.tries, _WRONG) as connection:
            yield connection
