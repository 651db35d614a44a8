"""Opens the database a command works on, as whom it was told to work."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from console.database_host import DatabaseHost, asked_password, asked_person
from console.settings import Settings
from console.sign_in import let_in
from console.sign_in_delay import COUNTS, SignInDelay
from models.database import Database
from models.schema_guard import check_schema


@contextmanager
def open_storage(settings: Settings, application_name: str, pool_size: int = 2) -> Iterator[Database]:
    """Give out the database, ready to use, and leave everything as it was found.

    The embedded server is created, adopted or started as needed, its schema brought up to this build; it
    stops when the last program that uses it has left. A server by URL belongs to somebody: its schema is
    only checked, and `main.py db upgrade` is what changes it.

    Args:
        settings: Which database, and as whom: a person signs in; without one it is the owner of the embedded
            database, or the login in the URL.
        application_name: Shown in the server's list of sessions.
        pool_size: Connections kept open.

    Raises:
        StorageError: One sentence that says what to do.
    """
    host = DatabaseHost(settings)
    try:
        host.start()
        database = _opened(host, settings, application_name, pool_size)
        try:
            yield database
        finally:
            database.close()
    finally:
        host.release()


def _opened(host: DatabaseHost, settings: Settings, application_name: str, pool_size: int) -> Database:
    person = asked_person(settings, host)
    if person is None:
        database = host.owner(application_name, pool_size)
    else:
        database = host.person(person, asked_password(person), application_name, pool_size)
    try:
        if person is None:
            fit = check_schema(database)
        else:
            delay = SignInDelay(settings.data_dir / COUNTS)
            fit = let_in(database, host.site, person, delay).fit
    except BaseException:
        database.close()
        raise
    for sentence in (fit.notice, *database.address.cautions):
        if sentence:
            sys.stderr.write(sentence + "\n")
    return database
