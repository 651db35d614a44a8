"""What the database's functions refuse, in words for people: their sentences are complete but for the dot."""

from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from models.errors import AlreadyDone, NotAllowed, Rejected


@contextmanager
def told_plainly(of_whom: str = "an administrator") -> Generator[None]:
    """Turn what the functions called in here refuse into Rejected, AlreadyDone or NotAllowed.

    Args:
        of_whom: Who may call them, for the sentence told to whom PostgreSQL itself turns away.
    """
    try:
        yield
    except DBAPIError as error:
        diagnosis = getattr(error.orig, "diag", None)
        said = str(getattr(diagnosis, "message_primary", None) or "")
        if said.startswith("permission denied for function"):
            said = f"only {of_whom} may do this"
        sentence = said[:1].upper() + said[1:].rstrip(".") + "."
        match getattr(error.orig, "sqlstate", None):
            case "P0001":
                raise Rejected(sentence) from error.orig
            case "CN001":
                raise AlreadyDone(sentence) from error.orig
            case "42501":
                raise NotAllowed(sentence) from error.orig
            case _:
                raise
