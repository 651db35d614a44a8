"""Who is at the window, as one immutable snapshot, and what the sign-in page says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from console.sign_in import Session


class Phase(StrEnum):
    """How far this window has come.

    OPENING ──→ FIRST_ADMIN ──→ SIGNED_IN ⇄ SIGNED_OUT
        └─────→ SIGNED_OUT          └─────→ ENDED ──→ SIGNED_IN
    """

    OPENING = "opening"
    """The database is being made, started or looked for."""
    FIRST_ADMIN = "first admin"
    """Nobody has a password yet."""
    SIGNED_OUT = "signed out"
    SIGNED_IN = "signed in"
    ENDED = "ended"
    """Signed out by somebody or something else; the sentence says by what."""


@dataclass(frozen=True, slots=True)
class SessionState:
    """What the window needs to know about its session.

    Attributes:
        phase: See Phase.
        sentence: What is being waited for, why nobody was let in, or why the session ended; may be empty.
        is_fault: Whether the sentence says that something did not work.
        is_busy: Whether somebody is being let in at this moment.
        email: Whose sign-in ended or was refused, to be offered again.
        place: Where the database is, for people to read; empty until that is known.
        away: One sentence why the database did not answer when it was looked for; empty if it did.
        cautions: Sentences about weaker protection that somebody chose.
        session: Of the person signed in, else None.
        is_locked: Whether the controls are locked. The view never is.
    """

    phase: Phase = Phase.OPENING
    sentence: str = ""
    is_fault: bool = False
    is_busy: bool = False
    email: str = ""
    place: str = ""
    away: str = ""
    cautions: tuple[str, ...] = ()
    session: Session | None = None
    is_locked: bool = False
