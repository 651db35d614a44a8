"""Whether a database fits this build, and how it is made to.

Creating and upgrading run in one transaction under an advisory lock: two programs that start together upgrade
once, and a failed upgrade leaves nothing behind.
"""

import sys
import warnings
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import Connection

from models.cluster import OWNER
from models.database import Database
from models.errors import NeedsSetup, SchemaMismatch
from models.migrations import REVISION
from models.server_account import login

_OLDEST_SERVER = 15
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('app.schema_revision', 0))")


def check_schema(database: Database) -> None:
    """Return if the database is exactly of this build's revision.

    Raises:
        NeedsSetup: It is empty, or its schema `app` is not ours.
        SchemaMismatch: It is older (run `db upgrade`) or newer (update this program).
        DatabaseAway: It does not answer.
    """
    with database.transaction() as connection:
        _check_server(connection)
        found = _revision(connection, database.place)
    if found is None:
        raise NeedsSetup(f"The database {database.place} is empty; run: main.py db init.")
    _refuse_newer(found, database.place)
    if found != REVISION:
        raise SchemaMismatch(
            f"The database {database.place} has revision {found} and this program needs {REVISION}; "
            "run: main.py db upgrade."
        )


def upgrade_schema(database: Database) -> str:
    """Bring an empty or older database to this build's revision; return one sentence on what was done.

    The person who does this to an empty database becomes its first administrator.

    Raises:
        NeedsSetup: The server is older than PostgreSQL 15, or schema `app` is somebody else's.
        SchemaMismatch: The database is newer than this build.
        DatabaseAway: It does not answer, or somebody kept a table locked for 10 s.
    """
    with database.transaction() as connection:
        _check_server(connection)
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(_LOCK)
        found = _revision(connection, database.place)
        if found == REVISION:
            return f"The database {database.place} already has revision {REVISION}."
        if found is None:
            connection.execute(text("CREATE SCHEMA IF NOT EXISTS app"))
        else:
            _refuse_newer(found, database.place)
        _migrate(connection)
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


def _refuse_newer(found: str, place: str) -> None:
    if not (found.isdigit() and len(found) == len(REVISION)):
        raise SchemaMismatch(
            f"The database {place} has a revision {found!r} that this program does not know; "
            "update this program."
        )
    if found > REVISION:
        raise SchemaMismatch(
            f"The database {place} has revision {found}, newer than {REVISION} which this program knows; "
            "update this program."
        )


def _migrate(connection: Connection) -> None:
    # Imported here: only setting up needs Alembic, and every start of the program counts its imports.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        command.upgrade(config, "head")


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
