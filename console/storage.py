"""Opens the database a run works on: any server by URL, else the embedded one of the data folder."""

from collections.abc import Iterator
from contextlib import contextmanager

from console.settings import Settings
from models.database import Database
from models.schema_guard import check_schema, upgrade_schema
from models.server import EmbeddedServer


@contextmanager
def open_storage(settings: Settings, application_name: str, pool_size: int = 2) -> Iterator[Database]:
    """Give out the database, ready to use, and leave everything as it was found.

    The embedded server is created, adopted or started as needed, its schema brought up to this build; it
    stops when the last program that uses it has left. A server by URL belongs to somebody: its schema is
    only checked, and `main.py db upgrade` is what changes it.

    Args:
        settings: Which database.
        application_name: Shown in the server's list of sessions.
        pool_size: Connections kept open.

    Raises:
        StorageError: One sentence that says what to do.
    """
    server = None if settings.database_url else EmbeddedServer(settings.database_dir)
    try:
        url = settings.database_url or (server.ensure_running() if server else "")
        database = Database(url, application_name, pool_size)
        try:
            if server:
                upgrade_schema(database)
            else:
                check_schema(database)
            yield database
        finally:
            database.close()
    finally:
        if server:
            server.release()
