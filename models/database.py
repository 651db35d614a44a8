"""The way to PostgreSQL: a small pool, transactions, notifications.

Synchronous psycopg in threads, because its asynchronous mode refuses Windows' default event loop.
"""

import json
import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
import sqlalchemy
from psycopg import errors as pg
from psycopg import sql
from psycopg.types.json import set_json_loads
from sqlalchemy import event
from sqlalchemy.engine import Connection, ExceptionContext

from models.address import SYSTEM_AUTHORITIES, DatabaseAddress, parsed_address
from models.errors import DatabaseAway, NotAllowed, Rejected
from models.listening import heard
from models.refusal_notes import RefusalNotes
from models.translation import translated

_POOL_WAIT_S = 10.0
_MOST_DIGITS = 300


@dataclass(frozen=True, slots=True)
class Notification:
    """Something changed; `channel` says what: "catalogue", "alerts", "readings" or "people"."""

    channel: str
    payload: str


class Database:
    """One login's way to one database. Any thread may call; a connection belongs to one thread at a time."""

    def __init__(
        self,
        address: str | DatabaseAddress,
        application_name: str,
        pool_size: int = 2,
        authorities: str = SYSTEM_AUTHORITIES,
    ) -> None:
        """Keep the address; connects when first asked.

        Args:
            address: A URL, or an address that was read from one.
            application_name: Shown in the server's list of sessions.
            pool_size: Connections kept open.
            authorities: Who may certify the server, for a URL: a PEM file, or the system's.

        Raises:
            NeedsSetup: The URL is none.
        """
        self._address = parsed_address(address, authorities) if isinstance(address, str) else address
        self._application_name = application_name
        self._pool_size = pool_size
        self._engine = sqlalchemy.create_engine(
            "postgresql+psycopg://",
            pool_size=pool_size,
            max_overflow=2,
            pool_timeout=_POOL_WAIT_S,
            pool_pre_ping=True,
            # Whatever a statement carried must not show in the text of its failure.
            hide_parameters=True,
            # Prepared statements would keep a plan made while a partition was empty.
            connect_args={"prepare_threshold": None},
        )
        event.listen(self._engine, "do_connect", self._give_address)
        event.listen(self._engine, "handle_error", _drop_connections_to_a_former_leader)
        event.listen(self._engine, "connect", self._prepare)
        self._read_only_because = ""
        self._notes = RefusalNotes(self._engine, _note_refusal)

    def __repr__(self) -> str:
        return f"<Database {self.place}>"

    @property
    def address(self) -> DatabaseAddress:
        """Where it is and whose login is used."""
        return self._address

    @property
    def place(self) -> str:
        """Where the database is, for people to read: no user, no password."""
        return self._address.place

    def with_login(self, user: str, password: str | None, application_name: str | None = None) -> "Database":
        """Return another login's way to the same place; `password` as in `DatabaseAddress.with_login`."""
        address = self._address.with_login(user, password)
        other = Database(address, application_name or self._application_name, self._pool_size)
        if self._read_only_because:
            other.restrict_to_reading(self._read_only_because)
        return other

    def use_login(self, user: str, password: str | None) -> None:
        """Take this login for every connection made from now on: after a password change, or at enrolment."""
        self._address = self._address.with_login(user, password)

    def restrict_to_reading(self, why: str) -> None:
        """Write nothing from now on: the server refuses it, and people are told `why`, one sentence."""
        self._read_only_because = why
        self._engine.dispose()

    @contextmanager
    def transaction(self) -> Generator[Connection]:
        """Lend a connection; commit at the end, roll back on any exception.

        What the database does not allow is noted in its audit trail as well.

        Raises:
            StorageError: Every failure of the database, translated (models/errors.py).
        """
        try:
            with self._told_why_not(), translated(self._address):
                with self._engine.begin() as connection:
                    yield connection
        except NotAllowed as error:
            self._notes.refused(_reason(error))
            raise

    @contextmanager
    def autocommit(self) -> Generator[Connection]:
        """Lend a connection on which every statement commits by itself. Raises like `transaction`."""
        with self._told_why_not(), translated(self._address):
            with self._engine.connect() as connection:
                yield connection.execution_options(isolation_level="AUTOCOMMIT")

    def listen(self, channels: Sequence[str], stop: threading.Event) -> Iterator[Notification]:
        """Yield what is announced on `channels` until `stop` is set. Blocks; takes a connection of its own.

        The first item of each channel is yielded at once with payload "listening": whoever reads now misses
        nothing that is announced later.

        Raises:
            DatabaseAway: The connection could not be made or was cut; listen again later.
        """
        options: dict[str, Any] = dict(self._address.options(self._application_name))
        with translated(self._address):
            with psycopg.connect(**options, autocommit=True) as connection:
                for channel in channels:
                    connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
                for channel in channels:
                    yield Notification(channel, "listening")
                for channel, payload in heard(connection, stop):
                    yield Notification(channel, payload)
                    if stop.is_set():
                        return

    def close(self) -> None:
        """Close every connection that is not lent out. Safe twice; the next transaction opens new ones."""
        self._engine.dispose()

    def _prepare(self, connection: Any, record: object) -> None:
        """Make a new connection one that reads any number, and only reads where that is all we may."""
        del record
        set_json_loads(_json_loads, connection)
        # Not as an option of the connection: of several servers only one that takes changes is chosen.
        if self._read_only_because:
            connection.execute("SET default_transaction_read_only = on")
            connection.commit()

    @contextmanager
    def _told_why_not(self) -> Generator[None]:
        """Say of a write that this program itself withheld why it did: trying again would not help."""
        try:
            yield
        except DatabaseAway as error:
            if self._read_only_because and isinstance(error.__cause__, pg.ReadOnlySqlTransaction):
                raise Rejected(self._read_only_because) from error
            raise

    def _give_address(
        self, dialect: object, record: object, arguments: list[Any], options: dict[str, Any]
    ) -> None:
        """Name server and login only now, so that the engine itself never knows a password."""
        del dialect, record, arguments
        options.update(self._address.options(self._application_name))


def _json_loads(text: str | bytes) -> Any:
    """Read a document of the database's, whose numbers know no limit."""
    return json.loads(text, parse_int=_number)


def _number(digits: str) -> int | float:
    """Return a whole number; one beyond every float as infinite, so that arithmetic never fails on it."""
    return int(digits) if len(digits) <= _MOST_DIGITS else float(digits)


def _drop_connections_to_a_former_leader(context: ExceptionContext) -> None:
    # A server that follows another now still answers the pool's ping; only a new connection finds who leads.
    if isinstance(context.original_exception, pg.ReadOnlySqlTransaction):
        context.is_disconnect = True


def _note_refusal(connection: Connection, what: str) -> None:
    # Here, not above: the queries import this module's neighbours, and only a refusal needs them.
    from models.queries.audit import note_refusal

    note_refusal(connection, what)


def _reason(error: NotAllowed) -> str:
    """Return the database's own words, without the sentence that we put round them."""
    cause = getattr(error.__cause__, "orig", None) or error.__cause__
    diag = getattr(cause, "diag", None)
    return str(getattr(diag, "message_primary", None) or error)
