"""What a window shows a station to prove who is signed in, and what the station learns from it."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from models.records.person import Role


@dataclass(frozen=True, slots=True)
class Ticket:
    """Proof of one sign-in, in the hands of the window.

    Attributes:
        token: 64 hexadecimal digits; whoever has them is the person, to a station. Never stored, never
            logged: the database and the stations know only its SHA-256.
        expires_at: By the database's clock.
    """

    token: str = field(repr=False)
    expires_at: datetime


class TicketState(StrEnum):
    """What the database says of a ticket it has issued."""

    VALID = "valid"
    EXPIRED = "expired"
    SIGNED_OUT = "signed out"
    PASSWORD_CHANGED = "password changed"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class TicketHolder:
    """Whom a valid ticket speaks for, as of the moment it was checked.

    Attributes:
        expires_at: By the database's clock.
        remaining_s: Seconds of validity left when it was checked; the station counts them by its own clocks.
            Two checks of one ticket differ in it, so it does not count when holders are compared.
    """

    person_id: int
    name: str
    role: Role
    expires_at: datetime
    remaining_s: float = field(compare=False)


@dataclass(frozen=True, slots=True)
class TicketRefusal:
    """Why a ticket opens nothing.

    Attributes:
        sentence: For the person at the window.
        is_final: Whether the ticket will never be accepted again; otherwise trying later makes sense.
    """

    sentence: str
    is_final: bool


TicketVerdict = TicketHolder | TicketRefusal


def digest_of(token: str) -> bytes:
    """Return what the database and the stations know a ticket by: 32 bytes of SHA-256."""
    return hashlib.sha256(token.encode(errors="replace")).digest()
