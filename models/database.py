"""The way to PostgreSQL: a small pool, transactions, notifications.

Synchronous psycopg in threads, because its asynchronous mode refuses Windows' default event loop.
"""

import json
import math
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy
from psycopg import errors as pg
from psycopg import sql
from psycopg.types.json import set_json_loads
from sqlalchemy import event
from sqlalchemy.engine import Connection, ExceptionContext

from models.address import SYSTEM_AUTHORITIES, DatabaseAddress, parsed_address
from models.errors import DatabaseAway, NotAllowed, Rejected
from models.listening import ANSWER_WITHIN_S, heard
from models.refusal_notes import RefusalNotes
from models.replica import Replica
from models.servers import Servers
from models.translation import translated
from models.watched_connection import Patience, ServerSilent, WatchedConnection

_POOL_WAIT_S = 10.0
PATIENT_S = 31.0
"""Silence allowed to a question that a person asks: what the server itself allows (30 s), and a second."""
HURRIED_S = 2.5
"""Silence allowed to a station, which must be free again within 3 s; work that takes longer says so."""
_MOST_PING_S = 2.0
_PATIENT_CONNECT_S = 3.0
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
        limit_s: float = PATIENT_S,
        servers: Servers | None = None,
        replica: DatabaseAddress | None = None,
    ) -> None:
        """Keep the address; connects when first asked.

        Args:
            address: A URL, or an address that was read from one.
            application_name: Shown in the server's list of sessions.
            pool_size: Connections kept open.
            authorities: Who may certify the server, for a URL: a PEM file, or the system's.
            limit_s: How long its server may be silent within one statement before the connection is given
                up. After each such silence a thread waits twice as long, until it was answered.
            servers: What is known of the place already; shared with who shares it.
            replica: Where questions about the past may be asked, with the same login.

        Raises:
            NeedsSetup: The URL is none.
        """
        self._address = parsed_address(address, authorities) if isinstance(address, str) else address
        self._application_name = application_name
        self._pool_size = pool_size
        self._limit_s = limit_s
        self._ping_s = min(_MOST_PING_S, limit_s / 3)
        self._servers = servers or Servers()
        self._servers.join(self)
        self._asking = _Asking()
        self._engine = sqlalchemy.create_engine(
            "postgresql+psycopg://",
            pool_size=pool_size,
            max_overflow=2,
            pool_timeout=_POOL_WAIT_S,
            pool_pre_ping=True,
            # Whatever a statement carried must not show in the text of its failure.
            hide_parameters=True,
            # Asking whether there is such a type takes three round trips of every first connection.
            use_native_hstore=False,
            # Prepared statements would keep a plan made while a partition was empty.
            connect_args={"prepare_threshold": None},
        )
        event.listen(self._engine, "do_connect", self._connect)
        event.listen(self._engine, "handle_error", _drop_connections_to_a_former_leader)
        event.listen(self._engine, "connect", self._prepare)
        event.listen(self._engine, "checkout", self._limit_lent)
        event.listen(self._engine, "checkin", self._limit_idle)
        self._replica = None if replica is None else Replica(replica, self._way_to)
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

    @property
    def replica(self) -> Replica | None:
        """Who may be asked about the past instead; None for nobody."""
        return self._replica

    def with_login(self, user: str, password: str | None, application_name: str | None = None) -> "Database":
        """Return another login's way to the same place; `password` as in `DatabaseAddress.with_login`."""
        address = self._address.with_login(user, password)
        name = application_name or self._application_name
        other = Database(address, name, self._pool_size, limit_s=self._limit_s, servers=self._servers)
        if self._read_only_because:
            other.restrict_to_reading(self._read_only_because)
        return other

    def use_login(self, user: str, password: str | None) -> None:
        """Take this login for every connection made from now on: after a password change, or at enrolment."""
        self._address = self._address.with_login(user, password)
        if self._replica is not None:
            self._replica.forget_login()

    def restrict_to_reading(self, why: str) -> None:
        """Write nothing from now on: the server refuses it, and people are told `why`, one sentence."""
        self._read_only_because = why
        self._engine.dispose()

    def cut_off(self, seconds: float) -> None:
        """Answer nothing for so many seconds, as if the database were away: for a drill. Ends by itself.

        Holds for every `Database` that came from this one by `with_login`, and for who listens. Open
        connections are shut within 0.1 s (listeners: 0.25 s). Any thread may call.
        """
        self._servers.cut_off(seconds)

    def restore(self) -> None:
        """End the drill. Safe twice, and without one."""
        self._servers.switch.restore()

    @contextmanager
    def transaction(self, limit_s: float | None = None) -> Generator[Connection]:
        """Lend a connection; commit at the end, roll back on any exception.

        What the database does not allow is noted in its audit trail as well.

        Args:
            limit_s: How long the server may be silent within a statement, in seconds; None = as was said of
                this `Database`. A server that is frozen would otherwise keep the calling thread for ever.

        Raises:
            StorageError: Every failure of the database, translated (models/errors.py).
        """
        try:
            with self._limited(limit_s), self._told_why_not(), translated(self._address):
                with self._engine.begin() as connection:
                    yield connection
        except NotAllowed as error:
            self._notes.refused(_reason(error))
            raise

    @contextmanager
    def autocommit(self, limit_s: float = PATIENT_S) -> Generator[Connection]:
        """Lend a connection on which every statement commits by itself. Arguments, errors: `transaction`."""
        with self._limited(limit_s), self._told_why_not(), translated(self._address):
            with self._engine.connect() as connection:
                yield connection.execution_options(isolation_level="AUTOCOMMIT")

    def listen(self, channels: Sequence[str], stop: threading.Event) -> Iterator[Notification]:
        """Yield what is announced on `channels` until `stop` is set. Blocks; takes a connection of its own.

        The first item of each channel is yielded at once with payload "listening": whoever reads now misses
        nothing that is announced later.

        Raises:
            DatabaseAway: The connection could not be made or was cut; listen again later.
        """
        options: dict[str, Any] = {**self._address.options(self._application_name), "autocommit": True}
        with translated(self._address):
            with self._connected(options, min(self._limit_s, ANSWER_WITHIN_S)) as connection:
                for channel in channels:
                    connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
                for channel in channels:
                    yield Notification(channel, "listening")
                connection.limit_s = math.inf
                try:
                    for channel, payload in heard(connection, stop):
                        yield Notification(channel, payload)
                        if stop.is_set():
                            return
                except ServerSilent:
                    self._servers.note_listener_lost(connection)
                    raise

    def close(self) -> None:
        """Close every connection that is not lent out. Safe twice; the next transaction opens new ones."""
        self._engine.dispose()
        if self._replica is not None:
            self._replica.close()

    def _way_to(self, place: DatabaseAddress) -> "Database":
        """Return this login's way to another place."""
        address = place.with_login(self._address.user, self._address.password or None)
        return Database(address, self._application_name, self._pool_size, servers=self._servers)

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

    @contextmanager
    def _limited(self, limit_s: float | None) -> Generator[None]:
        """Say for this thread how long a silence may be; learn from how long the answer took."""
        before, patience = self._asking.limit_s, self._asking.patience_of(self._limit_s)
        self._asking.limit_s = patience.limit_s if limit_s is None else limit_s
        began_s = time.monotonic()
        try:
            yield
        except DatabaseAway as error:
            if limit_s is None and isinstance(error.__cause__, ServerSilent):
                patience.met_silence()
            raise
        else:
            patience.was_answered(time.monotonic() - began_s)
        finally:
            self._asking.limit_s = before

    def _limit_lent(self, connection: WatchedConnection, record: object, proxy: object) -> None:
        del record, proxy
        limit_s = self._asking.limit_s
        connection.limit_s = self._limit_s if limit_s is None else limit_s

    def _limit_idle(self, connection: WatchedConnection | None, record: object) -> None:
        """Allow an idle connection only a short silence: the pool asks it before it is lent again."""
        del record
        if connection is not None:
            connection.limit_s = self._ping_s

    def _connect(
        self, dialect: object, record: object, arguments: list[Any], options: dict[str, Any]
    ) -> WatchedConnection:
        """Name server and login only now, so that the engine itself never knows a password."""
        del dialect, record, arguments
        limit_s = self._asking.limit_s
        return self._connected(
            {**options, **self._address.options(self._application_name)},
            self._limit_s if limit_s is None else limit_s,
        )

    def _connected(self, options: dict[str, Any], limit_s: float) -> WatchedConnection:
        is_patient = limit_s > _PATIENT_CONNECT_S or "connect_timeout" in self._address.explicit
        return self._servers.connect(options, limit_s, is_patient=is_patient)


class _Asking(threading.local):
    """What the calling thread asks with: the limit of its transaction, and its patience between them."""

    limit_s: float | None = None

    def __init__(self) -> None:
        super().__init__()
        self._patience: Patience | None = None

    def patience_of(self, least_s: float) -> Patience:
        """Return this thread's patience."""
        if self._patience is None:
            self._patience = Patience(least_s, max(least_s, PATIENT_S))
        return self._patience


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
