"""The plant of the access tests, on the newest PostgreSQL and, where it is installed, on the oldest."""

from collections.abc import Iterator

import pytest

from tests.contract.access_plant import AccessPlant
from tests.system_postgres import IS_INSTALLED, WHY_NOT, system_postgres


@pytest.fixture(scope="session")
def newest_plant(database_server) -> Iterator[AccessPlant]:
    name = database_server.create()
    plant = AccessPlant(database_server.url_of(name), name)
    yield plant
    plant.close()
    database_server.drop(name)


@pytest.fixture(scope="session")
def oldest_plant() -> Iterator[AccessPlant]:
    from models.database import Database
    from models.schema_guard import upgrade_schema

    with system_postgres() as server:
        server.start()
        url = server.owner_url
        database = Database(url, "tests")
        upgrade_schema(database)
        database.close()
        plant = AccessPlant(url, "test")
        yield plant
        plant.close()


_OLDEST = pytest.param("oldest_plant", marks=pytest.mark.skipif(not IS_INSTALLED, reason=WHY_NOT), id="15")


@pytest.fixture(scope="session", params=[pytest.param("newest_plant", id="18"), _OLDEST])
def plant(request) -> AccessPlant:
    """The plant on one server after the other; nothing is kept that a test does in it."""
    return request.getfixturevalue(request.param)
