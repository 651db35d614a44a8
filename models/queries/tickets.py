"""Tickets: issued to persons, checked by stations.

The token is made here, on the person's computer, from the operating system's random source; the database is
handed its SHA-256 only. So the token itself passes neither the server, its log nor its backups, and the
server needs no random source of its own (core PostgreSQL has none that returns 32 bytes).
"""

import secrets
from collections.abc import Iterable

from sqlalchemy import text
from sqlalchemy.engine import Connection

from models.records.person import Role
from models.records.ticket import Ticket, TicketHolder, TicketState, digest_of

_TOKEN_BYTES = 32
_REGISTER = text("SELECT app.register_ticket(:digest, :workstation)")
_CHECK = text(
    "SELECT digest, state, person_id, name, role, expires_at, remaining_s"
    " FROM app.check_tickets(CAST(:digests AS bytea[]))"
)
_END = text("SELECT app.end_ticket(:digest, :in_s)")


def issue_ticket(conn: Connection, workstation: str = "") -> Ticket:
    """Issue a ticket to the person whose login this connection uses, valid for seven days.

    Args:
        conn: The person's own.
        workstation: The computer's name, for the list of who is signed in where.

    Raises:
        NotAllowed: The login belongs to no active person.
    """
    token = secrets.token_hex(_TOKEN_BYTES)
    parameters = {"digest": digest_of(token), "workstation": workstation}
    return Ticket(token, conn.execute(_REGISTER, parameters).scalar_one())


def check_ticket(conn: Connection, digest: bytes) -> TicketHolder | None:
    """Return whom a ticket speaks for; None where it is unknown, expired, ended or its person disabled.

    Raises:
        NotAllowed: The connection is not a station's.
    """
    answer = check_tickets(conn, (digest,)).get(digest)
    return answer if isinstance(answer, TicketHolder) else None


def check_tickets(conn: Connection, digests: Iterable[bytes]) -> dict[bytes, TicketHolder | TicketState]:
    """Check any number of tickets in one round trip; those that were never issued are missing in the answer.

    Raises:
        NotAllowed: The connection is not a station's.
    """
    answers: dict[bytes, TicketHolder | TicketState] = {}
    for row in conn.execute(_CHECK, {"digests": list(digests)}):
        state = TicketState(row.state)
        answers[bytes(row.digest)] = (
            TicketHolder(row.person_id, row.name, Role(row.role), row.expires_at, row.remaining_s)
            if state is TicketState.VALID
            else state
        )
    return answers


def drop_ticket(conn: Connection, token: str, in_s: int = 0) -> bool:
    """End a ticket of one's own at sign-out; returns whether it was valid. Stations hear of it at once.

    Args:
        conn: The person's own.
        token: Of the ticket.
        in_s: Seconds that it stays good: some, where another one takes its place and the window has yet to
            show that to its station.
    """
    return bool(conn.execute(_END, {"digest": digest_of(token), "in_s": in_s}).scalar_one())
