"""The way to PostgreSQL: a small pool, transactions, notifications; foreign errors become ours here, once.

Synchronous psycopg in threads, because its asynchronous mode refuses Windows' default event loop.
"""

import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
import sqlalchemy
from psycopg import errors as pg
from psycopg import sql
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from models.errors import (
    DatabaseAway,
    NeedsSetup,
    NotAllowed,
    Rejected,
    StorageBug,
    StorageError,
)

# A cut line is noticed after about 11 s of silence; a server that does not answer at all after 5 s.
_CONNECT = {
    "connect_timeout": "5",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
}
_OPTIONS = (
    "-c statement_timeout=30s -c lock_timeout=10s -c idle_in_transaction_session_timeout=60s -c timezone=UTC"
)
_POOL_WAIT_S = 10.0
_LISTEN_SLICE_S = 0.25
_CONSTRAINTS = {
    "device_latest_device_id_fkey": "A reading names a device the database does not know; import it first",
    "alert_thresholds_has_a_limit": "A threshold needs a minimum or a maximum",
    "alert_thresholds_min_below_max": "A threshold's minimum must lie below its maximum",
}


@dataclass(frozen=True, slots=True)
class Notification:
    """Something changed; `channel` says what: "catalogue", "alerts" or "readings"."""

    channel: str
    payload: str


class Database:
    """One login's way to one database. Any thread may call; a connection belongs to one thread at a time."""

    def __init__(self, url: str, application_name: str, pool_size: int = 2) -> None:
        self._url = _parsed(url, application_name)
        self._engine = sqlalchemy.create_engine(
            self._url,
            pool_size=pool_size,
            max_overflow=2,
            pool_timeout=_POOL_WAIT_S,
            pool_pre_ping=True,
            # Prepared statements would keep a plan made while a partition was empty.
            connect_args={"prepare_threshold": None},
        )

    @property
    def place(self) -> str:
        """Where the database is, for people to read: no user, no password."""
        url = self._url
        if not url.host:
            return f"{url.database} on this computer ({url.query.get('host', 'default socket')})"
        return f"{url.database} at {url.host}" + (f":{url.port}" if url.port else "")

    @contextmanager
    def transaction(self) -> Generator[Connection]:
        """Lend a connection; commit at the end, roll back on any exception.

        Raises:
            StorageError: Every failure of the database, translated (models/errors.py).
        """
        with translated(self.place):
            with self._engine.begin() as connection:
                yield connection

    @contextmanager
    def autocommit(self) -> Generator[Connection]:
        """Lend a connection on which every statement commits by itself. Raises like `transaction`."""
        with translated(self.place):
            with self._engine.connect() as connection:
                yield connection.execution_options(isolation_level="AUTOCOMMIT")

    def listen(self, channels: Sequence[str], stop: threading.Event) -> Iterator[Notification]:
        """Yield what is announced on `channels` until `stop` is set. Blocks; takes a connection of its own.

        The first item of each channel is yielded at once with payload "listening": whoever reads now misses
        nothing that is announced later.

        Raises:
            DatabaseAway: The connection could not be made or was cut; listen again later.
        """
        options = self._engine.dialect.create_connect_args(self._url)[1]
        with translated(self.place):
            with psycopg.connect(**options, autocommit=True) as connection:
                for channel in channels:
                    connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
                for channel in channels:
                    yield Notification(channel, "listening")
                while not stop.is_set():
                    for notify in connection.notifies(timeout=_LISTEN_SLICE_S):
                        yield Notification(notify.channel, notify.payload)
                        if stop.is_set():
                            return

    def close(self) -> None:
        """Close every connection that is not lent out. Safe twice; the next transaction opens new ones."""
        self._engine.dispose()


def shown_url(url: str) -> str:
    """Return a database address for people to read: a password in it becomes three asterisks."""
    address = _address(url)
    # libpq takes a password as a parameter too, and SQLAlchemy hides only the one before the @.
    hidden = {key: "***" for key in address.query if "password" in key}
    return address.update_query_dict(hidden).render_as_string(hide_password=True)


@contextmanager
def translated(place: str) -> Generator[None]:
    """Turn exceptions of SQLAlchemy and psycopg into StorageError, narrowest first. `place` is for people."""
    try:
        yield
    except PoolTimeout as error:
        raise DatabaseAway(f"The database {place} is busy: no connection came free within 10 s.") from error
    except DBAPIError as error:
        original = error.orig
        if isinstance(original, psycopg.Error):
            raise _ours(original, place) from original
        raise StorageBug(f"The database {place} could not be asked: {original}.") from error
    except SQLAlchemyError as error:
        raise StorageBug(f"The database {place} could not be asked: {error}.") from error
    except psycopg.Error as error:
        raise _ours(error, place) from error


def _ours(error: psycopg.Error, place: str) -> StorageError:
    text = error.diag.message_primary or _last_failure(str(error))
    match error:
        case pg.InsufficientPrivilege():
            return NotAllowed(f"The database does not allow this to the person signed in ({text}).")
        case pg.IntegrityError() | pg.RaiseException() | pg.DataError():
            return Rejected(_constraint_text(error, text))
        case pg.QueryCanceled() | pg.LockNotAvailable() | pg.DeadlockDetected() | pg.SerializationFailure():
            return DatabaseAway(f"The database {place} is too busy to finish in time ({text}); try again.")
        case pg.DiskFull() | pg.InsufficientResources() | pg.ReadOnlySqlTransaction():
            return DatabaseAway(f"The database {place} cannot write now ({text}).")
        case pg.UndefinedTable() | pg.InvalidSchemaName() | pg.UndefinedFunction() | pg.UndefinedColumn():
            return NeedsSetup(
                f"The database {place} lacks something of this program ({text}); run: main.py db upgrade."
            )
        case psycopg.OperationalError():
            return _connection_error(text, place)
        case _:
            return StorageBug(f"The database {place} refused a statement of this program: {text}.")


def _connection_error(text: str, place: str) -> StorageError:
    # libpq gives no SQLSTATE for a refused connection, only the server's words.
    if "password authentication failed" in text or "no password supplied" in text:
        return NeedsSetup(f"The database {place} does not accept this user name and password; correct them.")
    if "does not exist" in text and "database" in text:
        return NeedsSetup(
            f"There is no database {place}; create it on the server, then run: main.py db init."
        )
    if "no pg_hba.conf entry" in text or "Peer authentication failed" in text:
        return NeedsSetup(f"The database {place} does not let this user in from here; ask its administrator.")
    if "role" in text and "does not exist" in text:
        return NeedsSetup(f"The database {place} does not know this user name; correct it.")
    return DatabaseAway(f"The database {place} does not answer ({text}).")


def _last_failure(text: str) -> str:
    """Return libpq's own reason, without where it tried and what it advises: "Connection refused"."""
    told = [line.rpartition("failed: ")[2] for line in text.splitlines() if "failed: " in line]
    reason = told[-1] if told else text.strip().partition("\n")[0]
    return reason.removeprefix("FATAL:").strip().rstrip(".") or "no reason given"


def _constraint_text(error: psycopg.Error, text: str) -> str:
    if known := _CONSTRAINTS.get(error.diag.constraint_name or ""):
        return known + (f" ({error.diag.message_detail.rstrip('.')})." if error.diag.message_detail else ".")
    detail = error.diag.message_detail
    return f"The database declined: {text}" + (f" ({detail.rstrip('.')})." if detail else ".")


def _parsed(url: str, application_name: str) -> URL:
    address = _address(url)
    chosen = {**_CONNECT, "application_name": application_name, "options": _OPTIONS}
    return address.set(drivername="postgresql+psycopg").update_query_dict(
        {key: value for key, value in chosen.items() if key not in address.query}
    )


def _address(url: str) -> URL:
    try:
        address = make_url(url)
    except (ArgumentError, ValueError) as error:
        # The text itself may hold a password, so it is not repeated.
        raise NeedsSetup(
            "The database address is no URL; it looks like postgresql://user@host:5432/database."
        ) from error
    if address.drivername not in ("postgresql", "postgres", "postgresql+psycopg"):
        raise NeedsSetup(
            f"The database address begins with {address.drivername}; this program speaks to postgresql only."
        )
    if "@" in (address.host or ""):
        # What stands before the last @ of the host is the rest of a password, shown wherever the host is.
        raise NeedsSetup("The database address holds a second @; write an @ in a password as %40.")
    return address.set(drivername="postgresql")
