"""A site with an operator and a station that really sign in, for tests of what they do to alerts."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from models.database import Database
from tests.account_parts import Site
from tests.conftest import DatabaseServer
from tests.unit.models.queries.alarm_parts import Plant


@pytest.fixture(scope="module")
def plant(database_server: DatabaseServer) -> Iterator[Plant]:
    """One database a module; every test adds devices of its own."""
    name = database_server.create()
    with closing(Site(Database(database_server.url_of(name), "tests"))) as site:
        made = Plant(site)
        yield made
        made.close()
    database_server.drop(name)
