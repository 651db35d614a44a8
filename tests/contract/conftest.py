"""The plant of the access tests, on the newest PostgreSQL and, where it is installed, on the oldest."""

from collections.abc import Iterator

import pytest

from tests.contract.access_plant import AccessPlant
from tests.system_postgres import IS_INSTALLED, WHY_NOT


@pytest.fixture(scope="session")
def newest_plant(database_server) -> Iterator[AccessPlant]:
    name = database_server.create()
    plant = AccessPlant(database_server.url_of(name), name)
    yield plant
    plant.close()
    database_server.drop(name)


@pytest.fixture(scope="session")
def oldest_plant(oldest_database_server) -> Iterator[AccessPlant]:
    with oldest_database_server.database() as url:
        plant = AccessPlant(url, "oldest")
        yield plant
        plant.close()


_OLDEST = pytest.param("oldest_plant", marks=pytest.mark.skipif(not IS_INSTALLED, reason=WHY_NOT), id="15")


@pytest.fixture(scope="session", params=[pytest.param("newest_plant", id="18"), _OLDEST])
def plant(request) -> AccessPlant:
    """The plant on one server after the other; nothing is kept that a test does in it."""
    return request.getfixturevalue(request.param)
