"""A signature: the password, typed once more, for one command that must not be given in passing.

The command then travels on a connection which that password has just opened; the database looks at the
connection's age. Guessing is slowed down as it is at the lock.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from models.errors import Refusal, SignInRefused

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from models.database import Database

_FREE_TRIES = 3
_LONGEST_WAIT_S = 30.0


class SignatureTries:
    """Counts wrong passwords in a row, from any thread, and says how long to wait."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Begin with none."""
        self._monotonic = monotonic
        self._wrong = 0
        self._next_try_at_s = 0.0

    def refusal(self) -> str:
        """Return why no password is tried now; empty where one is."""
        wait_s = self._next_try_at_s - self._monotonic()
        return f"Too many wrong passwords; wait {max(1, round(wait_s))} s." if wait_s > 0 else ""

    def count(self, *, is_right: bool) -> None:
        """Take note of a try."""
        self._wrong = 0 if is_right else self._wrong + 1
        over = self._wrong - _FREE_TRIES
        self._next_try_at_s = self._monotonic() + min(2.0**over, _LONGEST_WAIT_S) if over >= 0 else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Signature:
    """One password, typed by the person signed in, for one command."""

    password: str = field(repr=False)
    name: str
    tries: SignatureTries

    @contextmanager
    def transaction(self, database: Database) -> Generator[Connection]:
        """Lend a connection that the password has just opened, as `Database.transaction` does; then close it.

        Raises:
            SignInRefused: It is not the person's password.
            StorageError: As `Database.transaction`.
        """
        from models.queries.shelves import sign

        wrong = f"This is not {self.name}'s password; nothing was changed."
        login = database.address.user
        with fresh_transaction(database, login, self.password, self.tries, wrong) as connection:
            sign(connection)
            yield connection


@contextmanager
def fresh_transaction(
    database: Database, login: str, password: str, tries: SignatureTries, wrong: str
) -> Generator[Connection]:
    """Lend a connection that a password has just opened; then close it.

    Args:
        database: Which; its own login is another affair.
        login: Whose password it should be.
        password: As it was typed.
        tries: Counts whether it was right.
        wrong: What is said where it is not.

    Raises:
        SignInRefused: It is not the login's password.
        StorageError: As `Database.transaction`.
    """
    from models.queries.search_text import storable

    # What cannot be sent is nobody's; for an empty one libpq would look elsewhere.
    if not password or storable(password) != password:
        raise SignInRefused(wrong, Refusal.WRONG)
    theirs = database.with_login(login, password)
    try:
        with theirs.transaction() as connection:
            tries.count(is_right=True)
            yield connection
    except SignInRefused as error:
        if error.reason is not Refusal.WRONG:
            raise
        tries.count(is_right=False)
        raise SignInRefused(wrong, Refusal.WRONG) from error
    finally:
        theirs.close()
