"""Rollouts attacked: by persons who speak SQL, by stations that hold nothing, by two halves of one person."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from models.database import Database
from models.errors import LeaseLost, NotAllowed, Rejected, StorageError
from models.queries import rollout_work as work
from models.queries import rollouts
from models.records.person import Person, Role
from models.records.rollout import Outcome, RolloutId, RolloutState, Step, WaveState
from tests.account_parts import Site
from tests.conftest import DatabaseServer
from tests.unit.models.queries.rollout_parts import FirmwareSite, Station


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


def owner(factory: FirmwareSite, statement: str, **given: object) -> None:
    with factory.site.owner.transaction() as connection:
        connection.execute(text(statement), given)


@contextmanager
def person_is(factory: FirmwareSite, person: Person, change: str) -> Iterator[None]:
    """Somebody is disabled, or has another role, for a while."""
    owner(factory, f"UPDATE app.users SET {change} WHERE id = :id", id=person.id)
    try:
        yield
    finally:
        owner(
            factory,
            "UPDATE app.users SET is_active = true, role = :role WHERE id = :id",
            role=person.role,
            id=person.id,
        )


def submitted(factory: FirmwareSite) -> tuple[RolloutId, bytes]:
    made = factory.draft(factory.plan([factory.add_devices(1)]))
    planned = factory.seen(made).plan_hash
    with factory.engineers.transaction() as connection:
        rollouts.submit(connection, made, planned)
    return made, planned


def approved(factory: FirmwareSite) -> tuple[RolloutId, bytes]:
    made, planned = submitted(factory)
    with factory.admins.transaction() as connection:
        rollouts.approve(connection, made, planned)
    return made, planned


# ---- four eyes


def test_a_disabled_second_account_approves_nothing(factory: FirmwareSite) -> None:
    made, planned = submitted(factory)
    second = factory.site.add(Role.ADMIN)
    with factory.site.signed_in(second).transaction() as connection:
        owner(factory, "UPDATE app.users SET is_active = false WHERE id = :id", id=second.id)
        with pytest.raises((NotAllowed, Rejected)):
            rollouts.approve(connection, made, planned)
    assert factory.state(made) is RolloutState.AWAITING_APPROVAL


@pytest.mark.parametrize("change", ["role = 'operator'", "role = 'user'", "is_active = false"])
def test_an_approval_counts_as_long_as_its_giver_might_give_it(factory: FirmwareSite, change: str) -> None:
    made, planned = approved(factory)
    with person_is(factory, factory.admin, change):
        with factory.engineers.transaction() as connection, pytest.raises(Rejected, match="who may has"):
            rollouts.start(connection, made, planned)
    with factory.engineers.transaction() as connection:
        rollouts.start(connection, made, planned)


def test_a_plan_of_the_approver_is_not_approved_by_its_first_creator(factory: FirmwareSite) -> None:
    devices = factory.add_devices(2)
    made = factory.draft(factory.plan([devices]))
    with factory.admins.transaction() as connection:
        rollouts.save_plan(connection, made, "Mine", factory.plan([devices[:1]]))
        planned = rollouts.load_rollout(connection, made).plan_hash
        rollouts.submit(connection, made, planned)
    for login in (factory.engineers, factory.admins):
        with login.transaction() as connection, pytest.raises(NotAllowed, match="second person"):
            rollouts.approve(connection, made, planned)


def test_an_approval_is_of_one_plan(factory: FirmwareSite) -> None:
    made, planned = submitted(factory)
    with factory.admins.transaction() as connection, pytest.raises(Rejected, match="changed meanwhile"):
        rollouts.approve(connection, made, bytes(32))
    with factory.admins.transaction() as connection:
        rollouts.approve(connection, made, planned)
    with factory.engineers.transaction() as connection, pytest.raises(Rejected, match="changed meanwhile"):
        rollouts.start(connection, made, bytes(32))


def test_nothing_is_done_twice(factory: FirmwareSite) -> None:
    made, planned = approved(factory)
    with factory.admins.transaction() as connection, pytest.raises(Rejected, match="is approved already"):
        rollouts.approve(connection, made, planned)
    with factory.engineers.transaction() as connection:
        rollouts.start(connection, made, planned)
    with factory.engineers.transaction() as connection, pytest.raises(Rejected, match="is running, and only"):
        rollouts.start(connection, made, planned)
    with factory.operators.transaction() as connection:
        rollouts.halt(connection, made, "smoke")
    # Not even by starting it is a halt undone, nor is its reason overwritten.
    with factory.engineers.transaction() as connection, pytest.raises(Rejected, match="is halted, and only"):
        rollouts.start(connection, made, planned)
    with factory.operators.transaction() as connection, pytest.raises(Rejected, match="is halted already"):
        rollouts.halt(connection, made, "nothing")
    assert factory.seen(made).reason == "smoke"


def test_one_person_in_two_sessions_is_one_person(factory: FirmwareSite) -> None:
    made = halted(factory)
    with factory.engineers.transaction() as first, factory.engineers.transaction() as second:
        rollouts.ask_override(first, made, "it was the coffee")
        first.commit()
        with pytest.raises(NotAllowed, match="second person"):
            rollouts.agree_to_override(second, made)
    assert factory.state(made) is RolloutState.HALTED


def halted(factory: FirmwareSite) -> RolloutId:
    made = factory.started([factory.add_devices(1)])
    with factory.operators.transaction() as connection:
        rollouts.halt(connection, made, "smoke")
    return made


def test_whoever_may_not_any_more_asked_for_nothing(factory: FirmwareSite) -> None:
    made = halted(factory)
    with factory.engineers.transaction() as connection:
        rollouts.ask_override(connection, made, "it was the coffee")
    with person_is(factory, factory.engineer, "is_active = false"):
        with (
            factory.admins.transaction() as connection,
            pytest.raises(NotAllowed, match="not do so any more"),
        ):
            rollouts.agree_to_override(connection, made)


def test_an_override_of_one_halt_is_none_of_the_next(factory: FirmwareSite) -> None:
    made = halted(factory)
    with factory.engineers.transaction() as connection:
        rollouts.ask_override(connection, made, "it was the coffee")
        asked = connection.execute(
            text("SELECT max(id) FROM app.ota_approvals WHERE rollout_id = :id"), {"id": made}
        ).scalar_one()
    agree = text("SELECT app.agree_to_override(:asked)")
    with factory.admins.transaction() as connection:
        connection.execute(agree, {"asked": asked})
    with pytest.raises(StorageError, match="neither halted nor held"), factory.admins.transaction() as again:
        again.execute(agree, {"asked": asked})
    with factory.operators.transaction() as connection:
        rollouts.halt(connection, made, "smoke again")
    with pytest.raises(StorageError, match="something else happened"), factory.admins.transaction() as again:
        again.execute(agree, {"asked": asked})


def test_a_question_that_events_overtook_is_not_agreed_to(factory: FirmwareSite) -> None:
    devices = factory.add_devices(1)
    made = factory.started([devices])
    epoch, wave = conducted(factory, made)
    with factory.site.owner.transaction() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = 'replica'")
        connection.execute(text("UPDATE app.ota_waves SET state = 'held' WHERE id = :id"), {"id": wave})
    with factory.engineers.transaction() as connection:
        rollouts.ask_override(connection, made, "it was the coffee")
    with factory.station.works() as connection:
        work.move_wave(connection, made, epoch, wave, WaveState.HELD, WaveState.FAILED, "fire")
        work.conclude(connection, made, epoch, RolloutState.HALTED, "fire")
    with factory.admins.transaction() as connection, pytest.raises(Rejected, match="something else happened"):
        rollouts.agree_to_override(connection, made)


def conducted(factory: FirmwareSite, made: RolloutId):
    with factory.admins.transaction() as connection:
        wave = rollouts.load_waves(connection, made)[0].id
    with factory.station.works() as connection:
        return work.conduct(connection, factory.station.incarnation)[made], wave


# ---- stations


def claimed(factory: FirmwareSite, station: Station, **settings: object):
    devices = factory.add_devices(1)
    factory.give(station, devices)
    made = factory.started([devices], **settings)
    with station.works() as connection:
        (order,) = work.claim(connection, station.incarnation, 10, 30.0)
    return made, order.deployment


def test_a_station_acts_for_no_device_that_it_does_not_hold(factory: FirmwareSite) -> None:
    _, mine = claimed(factory, factory.station)
    for act in (
        lambda c: work.tell_step(c, mine.id, mine.epoch, Step.VERIFYING, deadline_s=60),
        lambda c: work.begin_install(c, mine.id, mine.epoch, 60),
        lambda c: work.end_try(c, mine.id, mine.epoch, Step.FAILED, Outcome.FAILED),
    ):
        with factory.other.works() as connection, pytest.raises(LeaseLost, match="another station's now"):
            act(connection)
        with factory.station.works() as connection, pytest.raises(LeaseLost, match="another station's now"):
            work.begin_install(connection, mine.id, mine.epoch + 1, 60)
    with factory.other.works() as connection:
        assert work.adopt(connection, factory.other.incarnation) == []
        assert work.claim(connection, factory.other.incarnation, 10, 30.0) == []


def test_a_station_that_was_disabled_is_nobody(factory: FirmwareSite) -> None:
    _, mine = claimed(factory, factory.station)
    owner(factory, "UPDATE app.stations SET is_enabled = false WHERE id = :id", id=factory.station.id)
    try:
        with pytest.raises((NotAllowed, StorageError)), factory.station.works() as connection:
            work.end_try(connection, mine.id, mine.epoch, Step.FAILED, Outcome.FAILED)
    finally:
        owner(factory, "UPDATE app.stations SET is_enabled = true WHERE id = :id", id=factory.station.id)


def test_a_device_is_done_once_it_says_so_itself(factory: FirmwareSite) -> None:
    _, mine = claimed(factory, factory.station)
    for observed in ("", "1.0.0", factory.runs + "-rc.1"):
        with pytest.raises((Rejected, StorageError, DBAPIError), match="says itself"):
            with factory.station.works() as connection:
                work.end_try(
                    connection, mine.id, mine.epoch, Step.DONE, Outcome.UPDATED, observed_version=observed
                )
    with factory.station.works() as connection:
        work.end_try(
            connection, mine.id, mine.epoch, Step.DONE, Outcome.UPDATED, observed_version=factory.runs
        )


def test_a_conductor_lets_no_wave_pass_that_people_have_to_decide(factory: FirmwareSite) -> None:
    made = factory.started([factory.add_devices(1), factory.add_devices(1)])
    epoch, wave = conducted(factory, made)
    for state, target in (
        (WaveState.HELD, WaveState.PASSED),
        (WaveState.FAILED, WaveState.PASSED),
        (WaveState.FAILED, WaveState.DEPLOYING),
    ):
        with factory.site.owner.transaction() as connection:
            connection.exec_driver_sql("SET LOCAL session_replication_role = 'replica'")
            connection.execute(
                text("UPDATE app.ota_waves SET state = :state WHERE id = :id"), {"state": state, "id": wave}
            )
        with pytest.raises(NotAllowed, match="only two persons"), factory.station.works() as connection:
            work.move_wave(connection, made, epoch, wave, state, target)
    with factory.admins.transaction() as connection:
        second = rollouts.load_waves(connection, made)[1].id
    with factory.station.works() as connection, pytest.raises(LeaseLost, match="before this one"):
        work.move_wave(connection, made, epoch, second, WaveState.PLANNED, WaveState.DEPLOYING)


def test_a_conductor_of_yesterday_moves_nothing(factory: FirmwareSite) -> None:
    made = factory.started([factory.add_devices(1)])
    epoch, wave = conducted(factory, made)
    for station, of in ((factory.station, epoch - 1), (factory.station, epoch + 1), (factory.other, epoch)):
        with station.works() as connection, pytest.raises(LeaseLost, match="Another station conducts"):
            work.move_wave(connection, made, of, wave, WaveState.DEPLOYING, WaveState.FAILED)
    owner(factory, "UPDATE app.ota_rollouts SET conductor_until = now() WHERE id = :id", id=made)
    with factory.station.works() as connection, pytest.raises(LeaseLost, match="Another station conducts"):
        work.conclude(connection, made, epoch, RolloutState.COMPLETED)


# ---- versions and places


@pytest.mark.parametrize("change", ["status = 'deprecated'", "expires_at = now() - interval '1 s'"])
def test_a_version_that_went_bad_meanwhile_reaches_no_further_device(factory: FirmwareSite, change) -> None:
    devices = factory.add_devices(2)
    factory.give(factory.station, devices)
    was, factory.version = factory.version, factory.add_version()
    made = factory.started([devices], concurrency=1)
    with factory.station.works() as connection:
        (order,) = work.claim(connection, factory.station.incarnation, 10, 30.0)
    with factory.site.owner.transaction() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = 'replica'")
        connection.execute(
            text(f"UPDATE app.ota_versions SET {change} WHERE id = :id"), {"id": factory.version}
        )
    factory.version = was
    mine = order.deployment
    with factory.station.works() as connection:
        assert "deprecated nor expired" in work.begin_install(connection, mine.id, mine.epoch, 60)
        work.end_try(connection, mine.id, mine.epoch, Step.FAILED, Outcome.REFUSED)
        assert work.claim(connection, factory.station.incarnation, 10, 30.0) == []
    assert "deprecated nor expired" in factory.deployments(made)[1].waits_for


def test_an_expired_version_is_not_started_by_the_databases_clock(factory: FirmwareSite) -> None:
    made, planned = approved(factory)
    change = "UPDATE app.ota_versions SET expires_at = {} WHERE id = :id"
    with factory.site.owner.transaction() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = 'replica'")
        connection.execute(text(change.format("now()")), {"id": factory.version})
    try:
        with factory.engineers.transaction() as connection, pytest.raises(Rejected, match="ran out"):
            rollouts.start(connection, made, planned)
    finally:
        with factory.site.owner.transaction() as connection:
            connection.exec_driver_sql("SET LOCAL session_replication_role = 'replica'")
            connection.execute(text(change.format("'infinity'")), {"id": factory.version})


def test_the_budget_of_a_place_is_one_for_all_rollouts(factory: FirmwareSite) -> None:
    found = []
    for _ in range(2):
        devices = factory.add_devices(1, location="Hall C")
        factory.give(factory.station, devices)
        factory.started([devices], budget=1)
        with factory.station.works() as connection:
            found += work.claim(connection, factory.station.incarnation, 10, 30.0)
    first, second = (order.deployment for order in found)
    with factory.station.works() as connection:
        assert work.begin_install(connection, first.id, first.epoch, 60) == ""
        # Whoever takes over asks again, and is in nobody's way but its own.
        assert work.begin_install(connection, first.id, first.epoch, 60) == ""
        assert work.begin_install(connection, second.id, second.epoch, 60).startswith("another device")
