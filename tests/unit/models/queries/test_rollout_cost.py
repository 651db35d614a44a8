"""What stations ask of rollouts again and again costs the database little, however many devices wait."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import text

from models.database import Database
from tests.account_parts import Site
from tests.conftest import DatabaseServer
from tests.unit.models.queries.rollout_parts import FirmwareSite

DEVICES = 1000


@pytest.fixture
def factory(database_server: DatabaseServer) -> Iterator[FirmwareSite]:
    name = database_server.create()
    with closing(Site(Database(database_server.url_of(name), "tests"))) as site:
        made = FirmwareSite(site)
        made.station.enter()
        yield made
        made.close()
    database_server.drop(name)


def blocks(factory: FirmwareSite, call: str, **given: object) -> int:
    """Return how many blocks of the database a call of the station looks at."""
    with factory.station.works() as connection:
        (plan,) = connection.execute(
            text(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT {call}"),
            {"incarnation": factory.station.incarnation} | given,
        ).scalar_one()
    return plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"]


def test_a_thousand_devices_that_wait_cost_a_claim_little(factory: FirmwareSite) -> None:
    devices = factory.add_devices(DEVICES)
    factory.give(factory.station, devices)
    made = factory.started([devices], concurrency=1)
    claim = "app.claim_deployments(:incarnation, 64, 60)"
    first, again = (blocks(factory, claim) / DEVICES for _ in range(2))
    waiting = [one.waits_for for one in factory.deployments(made)]
    assert (waiting.count("others to finish"), waiting.count("")) == (DEVICES - 1, 1)
    # 32 and 8.2 blocks a device where each was asked about by itself.
    assert (first < 25.0, again < 7.5) == (True, True), (first, again)
