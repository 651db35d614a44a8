"""Whether a database fits this build, and how it is made to.

Creating and upgrading run in one transaction under an advisory lock: two programs that start together upgrade
once, and a failed upgrade leaves nothing behind. Programs that are running go on meanwhile: an upgrade waits
for a table less than a second, because whoever comes after it waits in the same queue; what it could not have
in time, it gives back as a whole and tries again.
"""

import logging
import sys
import threading
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from psycopg import errors as pg
from sqlalchemy import text
from sqlalchemy.engine import Connection

from models.cluster import OWNER
from models.database import Database
from models.errors import DatabaseAway, NeedsSetup, SchemaMismatch
from models.migrations import REVISION
from models.server_account import login
from models.watched_connection import LONG_WORK_S

_log = logging.getLogger(__name__)

_OLDEST_SERVER = 15
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('app.schema_revision', 0))")
# Another program may be upgrading; one statement of an upgrade may move a year of readings.
_LIMITS_OF_LOCK = "SET LOCAL lock_timeout = '60s'; SET LOCAL statement_timeout = '70s'"
# Others take tables in orders of their own, so they and an upgrade may come to wait in a circle. PostgreSQL
# looks for circles after a second and ends whom it finds first; an upgrade steps back before that.
_LIMITS_OF_STATEMENT = """
SET LOCAL lock_timeout = '800ms';
SET LOCAL statement_timeout = '15min';
SELECT set_config('deadlock_timeout', '100ms', true) FROM pg_roles WHERE rolname = current_user AND rolsuper;
"""
# Held shared by every writer of readings before it touches a table: once they are done none is half way.
_WRITERS_DONE = "DO $$ BEGIN PERFORM pg_advisory_xact_lock(app.rollup_lock()); END $$"
_ATTEMPTS = 10
_PAUSE_S = 2.0


@dataclass(frozen=True, slots=True)
class SchemaFit:
    """How well a database and this build go together.

    Attributes:
        revision: The database's.
        notice: One sentence for people, shown once; "" where both are of one age.
        is_read_only: The database changed too much for this build to write; it may still show.
    """

    revision: str
    notice: str = ""
    is_read_only: bool = False


def check_schema(database: Database, *, must_write: bool = False) -> SchemaFit:
    """Return how this build may use the database; where it may only read, `database` writes no more.

    Args:
        database: On any login of ours.
        must_write: For stations, which cannot do with reading.

    Raises:
        NeedsSetup: It is empty, or its schema `app` is not ours.
        SchemaMismatch: It is older (run `db upgrade`), or newer and no longer serves this build.
        DatabaseAway: It does not answer.
    """
    with database.transaction() as connection:
        _check_server(connection)
        found = _revision(connection, database.place)
        if found is None:
            raise NeedsSetup(f"The database {database.place} is empty; run: main.py db init.")
        fit = _fit(connection, found, database.place)
    if fit.is_read_only and must_write:
        raise SchemaMismatch(_too_new(found, database.place))
    if fit.is_read_only:
        database.restrict_to_reading(fit.notice)
    return fit


def upgrade_schema(database: Database, pause: Callable[[float], object] | None = None) -> str:
    """Bring an empty or older database to this build's revision; return one sentence on what was done.

    The person who does this to an empty database becomes its first administrator. A newer database that
    still serves this build is left as it is.

    Args:
        database: On the login that set it up, or a superuser's.
        pause: Waits so many seconds between two attempts.

    Raises:
        NeedsSetup: The server is older than PostgreSQL 15, or schema `app` is somebody else's.
        SchemaMismatch: The database is newer than this build and no longer serves it.
        DatabaseAway: It does not answer, or others kept a table in use through every attempt.
    """
    wait = pause or threading.Event().wait
    for attempt in range(1, _ATTEMPTS):
        try:
            return _upgrade(database)
        except DatabaseAway as error:
            if not _is_about_locks(error):
                raise
            _log.info("Attempt %d to upgrade the database found it in use", attempt)
        wait(_PAUSE_S)
    try:
        return _upgrade(database)
    except DatabaseAway as error:
        if not _is_about_locks(error):
            raise
        raise DatabaseAway(
            f"The database {database.place} was not upgraded, and nothing in it changed: {_ATTEMPTS} times "
            "others kept a table in use. Close reports and exports, then run again: main.py db upgrade."
        ) from error


def migrate(connection: Connection, until: str = "head") -> None:
    """Run the revisions that are missing up to `until`, in the transaction of `connection`."""
    # Imported here: only setting up needs Alembic, and every start of the program counts its imports.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        command.upgrade(config, until)


def _upgrade(database: Database) -> str:
    with database.transaction(LONG_WORK_S) as connection:
        _check_server(connection)
        connection.exec_driver_sql(_LIMITS_OF_LOCK)
        connection.execute(_LOCK)
        connection.exec_driver_sql(_LIMITS_OF_STATEMENT)
        found = _revision(connection, database.place)
        if found == REVISION:
            return f"The database {database.place} already has revision {REVISION}."
        if found is not None and not _is_older(found):
            fit = _fit(connection, found, database.place)
            if fit.is_read_only:
                raise SchemaMismatch(_too_new(found, database.place))
            return fit.notice
        if found is None:
            connection.execute(text("CREATE SCHEMA IF NOT EXISTS app"))
        else:
            connection.exec_driver_sql(_WRITERS_DONE)
        migrate(connection)
        if found is None:
            _add_first_person(connection)
            return f"The database {database.place} was set up, revision {REVISION}."
        return f"The database {database.place} was upgraded from revision {found} to {REVISION}."


def _check_server(connection: Connection) -> None:
    version = int(connection.execute(text("SHOW server_version_num")).scalar_one()) // 10_000
    if version < _OLDEST_SERVER:
        raise NeedsSetup(
            f"The database server is PostgreSQL {version}; this program needs {_OLDEST_SERVER} or newer."
        )


def _revision(connection: Connection, place: str) -> str | None:
    """Return the revision written in the database, None where there is no schema of ours yet."""
    marked = connection.execute(text("SELECT to_regclass('app.schema_revision') IS NOT NULL")).scalar_one()
    if not marked:
        strangers = connection.execute(
            text(
                "SELECT count(*) FROM pg_class "
                "WHERE relnamespace = to_regnamespace('app') AND relkind IN ('r', 'p')"
            )
        ).scalar_one()
        if strangers:
            raise NeedsSetup(
                f"The database {place} holds a schema named app that this program did not make; "
                "give it a database of its own."
            )
        return None
    found = connection.execute(text("SELECT version_num FROM app.schema_revision")).scalar_one_or_none()
    return None if found is None else str(found)


def _is_about_locks(error: DatabaseAway) -> bool:
    return isinstance(error.__cause__, pg.LockNotAvailable | pg.DeadlockDetected)


def _is_ours(revision: str) -> bool:
    return revision.isdigit() and len(revision) == len(REVISION)


def _is_older(found: str) -> bool:
    return _is_ours(found) and found < REVISION


def _fit(connection: Connection, found: str, place: str) -> SchemaFit:
    """Return how this build may use revision `found`; what a newer one still serves, it says itself."""
    if found == REVISION:
        return SchemaFit(found)
    if not _is_ours(found):
        raise SchemaMismatch(
            f"The database {place} has a revision {found!r} that this program does not know; "
            "update this program."
        )
    if found < REVISION:
        raise SchemaMismatch(
            f"The database {place} has revision {found} and this program needs {REVISION}; "
            "run: main.py db upgrade."
        )
    oldest_program, oldest_reader = _served(connection)
    if oldest_program <= REVISION:
        return SchemaFit(
            found, f"The database {place} is newer than this program (revision {found}); update it soon."
        )
    if oldest_reader <= REVISION:
        return SchemaFit(
            found,
            f"The database {place} is newer than this program (revision {found}), which therefore only shows "
            "and changes nothing; update this program.",
            is_read_only=True,
        )
    raise SchemaMismatch(_too_new(found, place))


def _served(connection: Connection) -> tuple[str, str]:
    """Return the oldest program that may write and that may read; nobody where the database does not say."""
    is_told = connection.execute(text("SELECT to_regclass('app.schema_support') IS NOT NULL")).scalar_one()
    row = (
        connection.execute(text("SELECT oldest_program, oldest_reader FROM app.schema_support")).one_or_none()
        if is_told
        else None
    )
    return ("9999", "9999") if row is None else (str(row[0]), str(row[1]))


def _too_new(found: str, place: str) -> str:
    return (
        f"The database {place} has revision {found}, newer than {REVISION} which this program knows; "
        "update this program."
    )


def _add_first_person(connection: Connection) -> None:
    role = str(connection.execute(text("SELECT session_user")).scalar_one())
    name = login() if role == OWNER else role
    connection.execute(
        text(
            "INSERT INTO app.users (email, password_hash, name, role, db_role) "
            "VALUES (:email, '!', :name, 'admin', :role) ON CONFLICT DO NOTHING"
        ),
        {"email": f"{name}@localhost", "name": _full_name(name) if role == OWNER else name, "role": role},
    )


def _full_name(account: str) -> str:
    if sys.platform != "win32":
        import os
        import pwd

        try:
            name = pwd.getpwuid(os.getuid()).pw_gecos.split(",")[0].strip()
        except KeyError:
            name = ""
        if name:
            return name
    return account
