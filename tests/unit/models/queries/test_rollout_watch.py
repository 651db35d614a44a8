"""Who is compared with whom when no device without the update is left: with its own past."""

from contextlib import closing
from datetime import timedelta

from models.database import Database
from models.queries import rollout_work as work
from models.queries.rollout_evidence import tripped_in, watch_of
from models.records.rollout import Outcome, Step
from tests.account_parts import Site
from tests.conftest import DatabaseServer
from tests.unit.models.queries.rollout_parts import FirmwareSite

HOUR = timedelta(hours=1)


def test_fresh_time_is_held_to_a_past_that_no_look_has_seen(database_server: DatabaseServer) -> None:
    name = database_server.create()
    with closing(Site(Database(database_server.url_of(name), "tests"))) as site:
        factory = FirmwareSite(site)
        factory.station.enter()
        devices = factory.add_devices(1)
        factory.give(factory.station, devices)
        made = factory.started([devices])
        with factory.station.works() as connection:
            (order,) = work.claim(connection, factory.station.incarnation, 10, 30.0)
            mine = order.deployment
            work.end_try(
                connection, mine.id, mine.epoch, Step.DONE, Outcome.UPDATED, observed_version=factory.runs
            )
        (over,) = factory.deployments(made)
        assert over.started_at is not None
        assert over.completed_at is not None
        first_at = over.completed_at + 2 * HOUR
        with factory.station.works() as connection:
            (seen,) = watch_of(connection, made, first_at, 0.0).control
            (fresh,) = watch_of(connection, made, first_at + HOUR, 0.0, first_at).control
            (updated,) = watch_of(connection, made, first_at + HOUR, 0.0, first_at).updated
        factory.close()
    database_server.drop(name)
    assert (seen.since, seen.until) == (over.started_at - 2 * HOUR, over.started_at)
    assert (fresh.since, fresh.until) == (over.started_at - 3 * HOUR, seen.since)
    assert (updated.since, updated.until) == (first_at, first_at + HOUR)


def test_a_device_that_ran_the_version_already_trips_the_gate_and_is_compared_with_nothing(
    database_server: DatabaseServer,
) -> None:
    name = database_server.create()
    with closing(Site(Database(database_server.url_of(name), "tests"))) as site:
        factory = FirmwareSite(site)
        factory.station.enter()
        devices = factory.add_devices(1)
        factory.give(factory.station, devices)
        made = factory.started([devices])
        with factory.station.works() as connection:
            (order,) = work.claim(connection, factory.station.incarnation, 10, 30.0)
            mine = order.deployment
            work.end_try(
                connection, mine.id, mine.epoch, Step.DONE, Outcome.ALREADY, observed_version=factory.runs
            )
        (over,) = factory.deployments(made)
        assert over.completed_at is not None
        with site.owner.transaction() as connection:
            connection.exec_driver_sql("UPDATE app.devices SET status = 'offline'")
        with factory.station.works() as connection:
            watch = watch_of(connection, made, over.completed_at + HOUR, 0.0)
            tripped = tripped_in(connection, made, watch.already, None)
        factory.close()
    database_server.drop(name)
    assert ([span.device for span in watch.already], watch.updated) == (devices, ())
    assert [sentence.partition(" since")[0][-14:] for sentence in tripped] == ["cannot be read"]
