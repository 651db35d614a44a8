"""Where a question is asked: about the past at a replica, where there is one; all others at the database."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from models.database import Database

T = TypeVar("T")
Kind = TypeVar("Kind", bound=type)

_MARK = "is_about_the_past"


def about_the_past(kind: Kind) -> Kind:
    """Mark a class of questions that a replica may answer: they only read, and some seconds do not matter.

    Not for what is open now, nor for anything that somebody confirms or signs.
    """
    setattr(kind, _MARK, True)
    return kind


def answer(question: Callable[[Connection], T], database: Database) -> T:
    """Ask where the question belongs. Blocks; for worker threads.

    Raises:
        StorageError: As `Database.transaction`, of the database itself.
    """

    def ask_here() -> T:
        with database.transaction() as connection:
            return question(connection)

    if not getattr(question, _MARK, False) or database.replica is None:
        return ask_here()
    return database.replica.answer(question, ask_here)
