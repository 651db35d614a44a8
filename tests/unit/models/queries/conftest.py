"""Sites that the tests of a module share, in which persons and stations really sign in."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from models.database import Database
from tests.account_parts import OldestServer, Site
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


@pytest.fixture(scope="module")
def newest_lasting_site(database_server: DatabaseServer) -> Iterator[Site]:
    """One database a module, on the newest server."""
    name = database_server.create()
    with closing(Site(Database(database_server.url_of(name), "tests"))) as site:
        yield site
    database_server.drop(name)


@pytest.fixture(scope="module")
def oldest_lasting_site(oldest_database_server: OldestServer) -> Iterator[Site]:
    """One database a module, on the oldest server."""
    with oldest_database_server.database() as url, closing(Site(Database(url, "tests"))) as site:
        yield site


@pytest.fixture
def newest_shared_site(newest_lasting_site: Site) -> Iterator[Site]:
    """A site on the newest server, for tests that judge only the persons whom they add themselves."""
    yield newest_lasting_site
    newest_lasting_site.sign_out()


@pytest.fixture(params=["newest_lasting_site", "oldest_lasting_site"])
def shared_site(request: pytest.FixtureRequest) -> Iterator[Site]:
    """The same, once on the newest and once on the oldest server."""
    site: Site = request.getfixturevalue(request.param)
    yield site
    site.sign_out()
