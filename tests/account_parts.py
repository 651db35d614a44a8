"""Persons for tests: real logins on a real server, opened as a window opens them."""

import itertools
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache

import psycopg
from sqlalchemy import text

from models.database import Database
from models.logins import person_login
from models.passwords import NewPassword, new_password
from models.queries.people import create_person
from models.records.person import Person, Role
from models.schema_guard import upgrade_schema
from tests.system_postgres import ASKING, SystemPostgres, system_postgres

PASSWORD = "correct horse battery"
_NUMBERS = itertools.count(1)
# As of the newest server: to copy and to drop a database is to look through every shared buffer, and a
# checkpoint after which whole pages would be logged.
_CHEAP_COPIES = {
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "jit": "off",  # as the server that comes with the program is configured
    "shared_buffers": "32MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


@cache
def stored(password: str = PASSWORD) -> NewPassword:
    """What is stored of a password; made once a test run, because it takes a quarter of a second."""
    return new_password(password, email="", name="")


class Site:
    """A database with persons in it. `owner` is the login that set it up."""

    def __init__(self, owner: Database) -> None:
        self.owner = owner
        self._opened: list[Database] = []
        # Rights on a database are not copied from its template.
        with owner.transaction() as connection:
            connection.execute(text("SELECT app.close_database()"))

    def add(self, role: Role = Role.OPERATOR, email: str = "", name: str = "") -> Person:
        """Add a person who signs in with PASSWORD."""
        number = next(_NUMBERS)
        address = email or f"{role}{number}@example.com"
        with self.owner.transaction() as connection:
            made = create_person(connection, address, name or f"Name{number} of {role}", role, stored())
            row = connection.execute(
                text("SELECT name, email FROM app.users WHERE id = :id"), {"id": made}
            ).one()
        return Person(made, row.name, row.email, role)

    def signed_in(self, person: Person | str, password: str = PASSWORD) -> Database:
        """Return a person's own way to the database, as yet unconnected."""
        email = person if isinstance(person, str) else person.email
        opened = self.owner.with_login(person_login(self.owner.address.database, email), password, "tests")
        self._opened.append(opened)
        return opened

    def all_text(self) -> str:
        """Return everything that stands in any table, as text."""
        with self.owner.transaction() as connection:
            tables = connection.execute(
                text(
                    "SELECT oid::regclass::text FROM pg_class WHERE relnamespace = 'app'::regnamespace "
                    "AND relkind = 'r'"
                )
            ).scalars()
            return "\n".join(
                str(row)
                for table in list(tables)
                for row in connection.execute(text(f"SELECT t::text FROM {table} AS t")).scalars()
            )

    def sign_out(self) -> None:
        """Close what persons opened; the site itself stays."""
        for opened in self._opened:
            opened.close()
        self._opened.clear()

    def close(self) -> None:
        """Close every database opened here."""
        self.sign_out()
        self.owner.close()


class OldestServer:
    """PostgreSQL 15 with a migrated database to copy from; persons need their passwords there."""

    def __init__(self, server: SystemPostgres) -> None:
        self._server = server
        # A connection costs as much as a copy of the database does; one is enough for all of them.
        self._connection = psycopg.connect(server.owner_url, autocommit=True)
        self._run("CREATE DATABASE migrated")
        migrated = Database(server.url_of("migrated"), "tests")
        upgrade_schema(migrated)
        migrated.close()

    def log(self) -> str:
        """Return what the server logged so far."""
        return self._server.log()

    @contextmanager
    def database(self, source: str = "migrated") -> Iterator[str]:
        """Lend the address of a fresh copy of `source`, which is nobody's at the moment."""
        name = f"test_{next(_NUMBERS)}"
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{source}" STRATEGY file_copy')
        try:
            yield self._server.url_of(name)
        finally:
            self._run(f'DROP DATABASE "{name}" WITH (FORCE)')

    def close(self) -> None:
        """Close the connection that databases are made and removed on."""
        self._connection.close()

    def _run(self, statement: str) -> None:
        self._connection.execute(statement.encode())


@contextmanager
def oldest_server() -> Iterator[OldestServer]:
    """Lend a PostgreSQL 15 of one's own, for as long as the block lasts."""
    with system_postgres(ASKING) as server:
        server.start(_CHEAP_COPIES)
        with closing(OldestServer(server)) as oldest:
            yield oldest
