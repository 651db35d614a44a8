"""Fixtures every suite may use: a real PostgreSQL, and a fresh migrated database in it for each test."""

from __future__ import annotations

import functools
import gc
import importlib
import itertools
import os
import tempfile
from collections.abc import Generator, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import bcrypt
import pytest
from hypothesis import HealthCheck, settings

# Loaded before Qt: PySide6 reads the source of every module imported after it, and reading pydantic's while
# it is half loaded fails in some orders of test files.
from pydantic import BaseModel, ConfigDict, Field, ValidationError  # noqa: F401

from tests.quiet_room import ROOM, is_quiet, open_room

if TYPE_CHECKING:
    from models.database import Database
    from tests.account_parts import OldestServer, Site
    from tests.system_postgres import EncryptedPostgres

# Before anything loads Qt: a test shows its windows to nobody unless it brings a display of its own.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


# Every run draws other examples, so that few of them find in days what many find at once. No example is held
# to a time: another test may have the processor just then.
_UNHURRIED = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("every-run", max_examples=30, **_UNHURRIED)
settings.register_profile("thorough", max_examples=1000, **_UNHURRIED)
settings.load_profile("every-run")


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Find the tests without looking for garbage meanwhile, and as one of several processes from elsewhere.

    All processes of a run find all tests. pytest rewrites the assertions of each file where no process did so
    before: that is most of the work in a fresh clone, and so the processes share it.
    """
    gc.disable()
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    if worker != "0":
        _load_part(session.config, int(worker), int(os.environ["PYTEST_XDIST_WORKER_COUNT"]))
    found = yield
    gc.freeze()
    gc.enable()
    return found


def _load_part(config: pytest.Config, part: int, parts: int) -> None:
    places = [config.rootpath / argument.partition("::")[0] for argument in config.args]
    files = sorted(
        file for place in places for file in ([place] if place.is_file() else place.rglob("test_*.py"))
    )
    for file in files[len(files) * part // parts : len(files) * (part + 1) // parts]:
        name = ".".join(file.relative_to(config.rootpath).with_suffix("").parts)
        # What is wrong with a file is told where it is found in its turn.
        with suppress(Exception, pytest.skip.Exception):
            importlib.import_module(name)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files last in which a test is quiet: who waits for the room then has little else to do.

    In their order otherwise; the type checker begins, and is done before any of them.
    """
    quiet = {item.path for item in items if is_quiet(item)}
    items.sort(key=lambda item: item.path in quiet)


def pytest_configure(config: pytest.Config) -> None:
    """Share the room for quiet tests with the other processes of this run."""
    open_room(config)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(
    item: pytest.Item, nextitem: pytest.Item | None
) -> Generator[None, object, object]:
    """Run a test among others, or alone. Outside of everything else, so that no time-out counts the wait."""
    room = item.config.stash.get(ROOM, None)
    if room is None:
        return (yield)
    room.enter(is_alone=is_quiet(item))
    try:
        return (yield)
    finally:
        # What a quiet test shares with the next one works on in between.
        if not (is_quiet(item) and is_quiet(nextitem)):
            room.leave()


# Nobody needs these databases after a power cut; waiting for the disk is most of a short test. Copying and
# dropping a database looks through every shared buffer, and a test fills few. Each copy is a checkpoint, and
# each page that is touched after one would be logged as a whole, and compressed: half of a server's work.
SETTINGS = (
    "fsync = off",
    "synchronous_commit = off",
    "full_page_writes = off",
    "wal_compression = off",
    "file_copy_method = clone",
    "shared_buffers = '32MB'",
    "wal_level = minimal",
    "max_wal_senders = 0",
)


class DatabaseServer:
    """A PostgreSQL of this test run's own, with a migrated database to copy from."""

    def __init__(self, url: str, template: str) -> None:
        import psycopg

        self.url = url
        self._template = template
        self._numbers = itertools.count(1)
        self._connection = psycopg.connect(self.url_of("postgres"), autocommit=True)

    def url_of(self, name: str) -> str:
        """The address of another database on this server."""
        return self.url.replace(f"/{self._template}?", f"/{name}?")

    def create(self, *, is_empty: bool = False, source: str = "") -> str:
        """Make a database, a copy of `source` or else migrated unless `is_empty`, and return its name."""
        name = f"test_{next(self._numbers)}"
        source = source or ("template1" if is_empty else self._template)
        self.run(f'CREATE DATABASE "{name}" TEMPLATE "{source}" STRATEGY file_copy')
        return name

    def warm_up(self) -> None:
        """Have the first connection to each copy find what it would have to gather from the catalogues.

        Whoever connects first to a database since the start writes that down, and copies take it along.
        """
        import psycopg

        psycopg.connect(self.url).close()

    def drop(self, name: str) -> None:
        """Remove a database, whoever is connected to it."""
        self.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def run(self, statement: str) -> None:
        """Run one statement outside any test database."""
        self._connection.execute(statement.encode())

    def close(self) -> None:
        """Close the connection that databases are made and removed on."""
        self._connection.close()


class RememberingBcrypt:
    """bcrypt that works everything out once: the hash of a password, and whether the two belong together."""

    gensalt = staticmethod(bcrypt.gensalt)

    def __init__(self) -> None:
        self._hashes: dict[tuple[bytes, bytes], bytes] = {}
        self.checkpw = functools.cache(bcrypt.checkpw)

    def hashpw(self, password: bytes, salt: bytes) -> bytes:
        """Return a hash of the salt's cost, though not of that salt if there is one already."""
        kind = (password, salt[: len("$2b$12$")])
        if kind not in self._hashes:
            self._hashes[kind] = bcrypt.hashpw(password, salt)
        return self._hashes[kind]


@pytest.fixture(scope="session", autouse=True)
def quick_hashes() -> Iterator[None]:
    """A password costs a quarter of a second once, not in every test that signs somebody in."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("models.passwords.bcrypt", RememberingBcrypt())
        yield


@pytest.fixture(scope="session")
def database_server() -> Iterator[DatabaseServer]:
    """The embedded PostgreSQL, once a test process, in a folder that is gone afterwards."""
    from models.database import Database
    from models.schema_guard import upgrade_schema
    from models.server import DATABASE, EmbeddedServer
    from tests.system_postgres import quick_folder

    with tempfile.TemporaryDirectory(prefix="console-tests-", dir=quick_folder()) as folder:
        embedded = EmbeddedServer(Path(folder) / "database")
        url = embedded.ensure_running()
        try:
            database = Database(url, "tests")
            upgrade_schema(database)
            database.close()
            server = DatabaseServer(url, DATABASE)
            for setting in SETTINGS:
                server.run(f"ALTER SYSTEM SET {setting}")
            server.close()
            embedded.stop()
            server = DatabaseServer(embedded.ensure_running(), DATABASE)
            server.warm_up()
            yield server
            server.close()
        finally:
            embedded.stop()


@pytest.fixture
def database_url(database_server: DatabaseServer) -> Iterator[str]:
    """The address of a fresh, migrated database; removed after the test."""
    name = database_server.create()
    yield database_server.url_of(name)
    database_server.drop(name)


@pytest.fixture
def empty_database_url(database_server: DatabaseServer) -> Iterator[str]:
    """The address of a database without any schema of ours; removed after the test."""
    name = database_server.create(is_empty=True)
    yield database_server.url_of(name)
    database_server.drop(name)


@pytest.fixture(scope="session")
def shared_database(database_server: DatabaseServer) -> Iterator[Database]:
    """One migrated database for all tests that take back whatever they write."""
    from models.database import Database

    opened = Database(database_server.url_of(database_server.create()), "tests")
    yield opened
    opened.close()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An open `Database` on a fresh, migrated database."""
    from models.database import Database

    opened = Database(database_url, "tests")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def oldest_database_server() -> Iterator[OldestServer]:
    """PostgreSQL 15 with a migrated database, where it is installed; once a test process."""
    from tests.account_parts import oldest_server
    from tests.system_postgres import IS_INSTALLED, WHY_NOT

    if not IS_INSTALLED:
        pytest.skip(WHY_NOT)
    with oldest_server() as server:
        yield server


@pytest.fixture
def newest_site(database_url: str) -> Iterator[Site]:
    """A fresh database to add persons to, on the server that comes with the program."""
    from models.database import Database
    from tests.account_parts import Site

    with closing(Site(Database(database_url, "tests"))) as site:
        yield site


@pytest.fixture
def oldest_site(oldest_database_server: OldestServer) -> Iterator[Site]:
    """A fresh database to add persons to, on PostgreSQL 15."""
    from models.database import Database
    from tests.account_parts import Site

    with oldest_database_server.database() as url, closing(Site(Database(url, "tests"))) as site:
        yield site


@pytest.fixture(params=["newest_site", "oldest_site"])
def site(request: pytest.FixtureRequest) -> Site:
    """A fresh database to add persons to, once on the newest and once on the oldest server."""
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="session")
def encrypted_server() -> Iterator[EncryptedPostgres]:
    """PostgreSQL 15 with TLS, where it is installed, and without any database of ours."""
    from tests.system_postgres import IS_INSTALLED, WHY_NOT, EncryptedPostgres, system_postgres

    if not IS_INSTALLED:
        pytest.skip(WHY_NOT)
    with system_postgres() as server:
        yield EncryptedPostgres(server)
