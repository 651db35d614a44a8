"""What stations find at updated devices some time after, in a real database."""

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime

import pytest
from sqlalchemy import text

from models.database import Database
from models.errors import LeaseLost
from models.queries import rollout_work as work
from models.queries import rollouts
from models.queries.rollout_evidence import tripped_in
from models.queries.rollout_second_looks import load_second_looks, tell_second_look
from models.records.device import DeviceId
from models.records.rollout import DeploymentOrder, Outcome, RolloutId, Step
from tests.account_parts import Site
from tests.conftest import DatabaseServer
from tests.unit.models.queries.rollout_parts import FirmwareSite


@pytest.fixture(scope="module")
def factory(database_server: DatabaseServer) -> Iterator[FirmwareSite]:
    name = database_server.create()
    with closing(Site(Database(database_server.url_of(name), "tests"))) as site:
        made = FirmwareSite(site)
        made.station.enter()
        made.other.enter()
        yield made
        made.close()
    database_server.drop(name)


def updated(
    factory: FirmwareSite, devices: int = 1, outcome: Outcome = Outcome.UPDATED
) -> tuple[RolloutId, list[DeviceId]]:
    """Bring the version to some devices of the first station; the rollout goes on."""
    ids = factory.add_devices(devices + 1)
    factory.give(factory.station, ids)
    made = factory.started([ids[:devices], ids[devices:]])
    with factory.station.works() as connection:
        for order in work.claim(connection, factory.station.incarnation, 99, 60.0):
            work.tell_step(
                *(connection, order.deployment.id, order.deployment.epoch, Step.VERIFYING),
                deadline_s=60.0,
                serial="SN-1",
            )
            work.end_try(
                *(connection, order.deployment.id, order.deployment.epoch, Step.DONE, outcome),
                observed_version=version_of(order),
            )
    return made, ids[:devices]


def version_of(order: DeploymentOrder) -> str:
    return order.version.partition("+")[0]


def due(factory: FirmwareSite, rollout: RolloutId) -> list[DeploymentOrder]:
    with factory.station.works() as connection:
        return [one for one in load_second_looks(connection) if one.deployment.rollout == rollout]


def tell(
    factory: FirmwareSite,
    order: DeploymentOrder,
    version: str,
    is_healthy: bool | None = None,
    by=None,
    serial: str = "SN-1",
) -> None:
    with (by or factory.station).works() as connection:
        tell_second_look(
            *(connection, order.deployment, version),
            is_healthy=is_healthy,
            detail="fan stands",
            serial=serial,
        )


def tripped(factory: FirmwareSite, rollout: RolloutId, after: datetime | None = None) -> list[str]:
    with factory.station.works() as connection:
        return tripped_in(connection, rollout, [], after)


def test_a_device_that_runs_another_version_by_now_trips_the_gate_once(factory: FirmwareSite) -> None:
    rollout, _ = updated(factory)
    (order,) = due(factory, rollout)
    tell(factory, order, version_of(order))
    assert tripped(factory, rollout) == []
    for _ in range(2):
        tell(factory, order, "0.9.0")
    (sentence,) = tripped(factory, rollout)
    assert sentence.endswith(f" runs 0.9.0, not {version_of(order)}.")
    with factory.admins.transaction() as connection:
        now = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
        kinds = [event.kind for event in rollouts.load_events(connection, rollout)]
        seen = rollouts.load_deployments(connection, rollout)[0].observed_version
    assert (kinds.count("changed after its update"), seen) == (1, "0.9.0")
    tell(factory, order, "0.9.0")
    assert tripped(factory, rollout, now) == []  # two persons said that it goes on all the same


def test_a_device_that_says_that_it_is_not_well_trips_the_gate(factory: FirmwareSite) -> None:
    rollout, _ = updated(factory)
    (order,) = due(factory, rollout)
    for is_healthy in (True, None):
        tell(factory, order, version_of(order), is_healthy)
    assert tripped(factory, rollout) == []
    tell(factory, order, version_of(order), is_healthy=False)
    (sentence,) = tripped(factory, rollout)
    assert sentence.endswith(" says that it is not well: fan stands.")


def test_a_device_that_was_exchanged_meanwhile_trips_the_gate(factory: FirmwareSite) -> None:
    rollout, _ = updated(factory)
    (order,) = due(factory, rollout)
    tell(factory, order, version_of(order), serial="SN-2")
    (sentence,) = tripped(factory, rollout)
    assert sentence.endswith(" is another device: its serial number is SN-2, and it was SN-1.")


def test_a_device_that_ran_the_version_before_its_turn_is_looked_at_like_the_others(
    factory: FirmwareSite,
) -> None:
    rollout, devices = updated(factory, outcome=Outcome.ALREADY)
    (order,) = due(factory, rollout)
    assert order.deployment.device == devices[0]
    tell(factory, order, "0.9.0")
    assert len(tripped(factory, rollout)) == 1


def test_only_the_station_that_polls_the_device_tells_of_it(factory: FirmwareSite) -> None:
    rollout, devices = updated(factory, 2)
    first, second = due(factory, rollout)
    factory.give(factory.other, devices[:1])
    assert [one.deployment.device for one in due(factory, rollout)] == devices[1:]
    with pytest.raises(LeaseLost):
        tell(factory, first, "0.9.0")
    with pytest.raises(LeaseLost):
        tell(factory, second, "0.9.0", by=factory.other)
    assert tripped(factory, rollout) == []


def test_what_is_over_or_updated_by_another_rollout_is_not_looked_at(factory: FirmwareSite) -> None:
    rollout, devices = updated(factory)
    (order,) = due(factory, rollout)
    later = factory.started([devices])
    assert len(due(factory, rollout)) == 1
    with factory.station.works() as connection:
        work.claim(connection, factory.station.incarnation, 99, 60.0)
    assert due(factory, rollout) == []
    with pytest.raises(LeaseLost, match="another update's"):
        tell(factory, order, "0.9.0")
    other, _ = updated(factory)
    assert len(due(factory, other)) == 1
    with factory.admins.transaction() as connection:
        rollouts.halt(connection, other, "enough")
    assert due(factory, other) == []
    assert later != other
