"""Rollouts in a real database, everybody under a login of their own."""

import itertools
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest
from sqlalchemy import text

from models.database import Database
from models.errors import LeaseLost, NotAllowed, Rejected
from models.queries import rollout_work as work
from models.queries import rollouts
from models.records.rollout import DeploymentStatus, Outcome, RolloutState, Step, WaveState
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


def test_a_plan_is_approved_by_somebody_else_and_started(factory: FirmwareSite) -> None:
    first, second = factory.add_devices(2)
    made = factory.draft(factory.plan([[first], [second]]))
    drafted = factory.seen(made)
    assert (drafted.state, drafted.creator) == (RolloutState.DRAFT, factory.engineer.name)
    with factory.engineers.transaction() as connection:
        rollouts.submit(connection, made, drafted.plan_hash)
    with factory.engineers.transaction() as connection, pytest.raises(NotAllowed, match="second person"):
        rollouts.approve(connection, made, drafted.plan_hash)
    with factory.admins.transaction() as connection:
        rollouts.approve(connection, made, drafted.plan_hash)
    with factory.engineers.transaction() as connection:
        rollouts.start(connection, made, drafted.plan_hash)
    assert factory.state(made) is RolloutState.RUNNING
    assert factory.wave_states(made) == [WaveState.DEPLOYING, WaveState.PLANNED]
    assert [one.step for one in factory.deployments(made)] == [Step.QUEUED, Step.QUEUED]


def test_an_edit_after_the_approval_voids_it(factory: FirmwareSite) -> None:
    devices = factory.add_devices(2)
    made = factory.draft(factory.plan([devices]))
    approved = factory.seen(made).plan_hash
    with factory.engineers.transaction() as connection:
        rollouts.submit(connection, made, approved)
    with factory.admins.transaction() as connection:
        rollouts.approve(connection, made, approved)
    with factory.engineers.transaction() as connection:
        rollouts.save_plan(connection, made, "Drives", factory.plan([devices[:1]]))
    assert factory.state(made) is RolloutState.DRAFT
    assert factory.seen(made).approvals == ()
    with factory.engineers.transaction() as connection, pytest.raises(Rejected, match="changed meanwhile"):
        rollouts.start(connection, made, approved)
    with factory.engineers.transaction() as connection, pytest.raises(Rejected, match="approved"):
        rollouts.start(connection, made, factory.seen(made).plan_hash)


def test_whoever_edited_a_plan_last_cannot_approve_it(factory: FirmwareSite) -> None:
    made = factory.draft(plan := factory.plan([factory.add_devices(1)]))
    with factory.admins.transaction() as connection:
        rollouts.save_plan(connection, made, "Mine now", plan)
        rollouts.submit(connection, made, factory.seen(made).plan_hash)
    with factory.admins.transaction() as connection, pytest.raises(NotAllowed, match="second person"):
        rollouts.approve(connection, made, factory.seen(made).plan_hash)


def test_an_approver_who_lost_the_right_meanwhile_approved_nothing(factory: FirmwareSite) -> None:
    made = factory.draft(factory.plan([factory.add_devices(1)]))
    planned = factory.seen(made).plan_hash
    with factory.engineers.transaction() as connection:
        rollouts.submit(connection, made, planned)
    with factory.admins.transaction() as connection:
        rollouts.approve(connection, made, planned)
    with factory.site.owner.transaction() as connection:
        connection.execute(
            text("UPDATE app.users SET is_active = false WHERE id = :id"), {"id": factory.admin.id}
        )
    try:
        with (
            factory.engineers.transaction() as connection,
            pytest.raises(Rejected, match="approved this plan"),
        ):
            rollouts.start(connection, made, planned)
    finally:
        with factory.site.owner.transaction() as connection:
            connection.execute(
                text("UPDATE app.users SET is_active = true WHERE id = :id"), {"id": factory.admin.id}
            )


def test_nobody_plans_for_the_devices_of_others(factory: FirmwareSite) -> None:
    plan = factory.plan([factory.add_devices(1)])
    for login in (factory.strangers, factory.operators):
        with login.transaction() as connection, pytest.raises(NotAllowed):
            rollouts.save_plan(connection, None, "Not mine", plan)


def test_nobody_but_functions_writes_a_deployment(factory: FirmwareSite) -> None:
    (device,) = factory.add_devices(1)
    for login in (factory.admins, factory.engineers, factory.operators, factory.station.database):
        with pytest.raises(NotAllowed), login.transaction() as connection:
            connection.execute(
                text("INSERT INTO app.ota_deployments (device_id, version_id) VALUES (:device, :version)"),
                {"device": device, "version": factory.version},
            )


@pytest.mark.parametrize("status", ["draft", "deprecated"])
def test_only_a_released_version_is_started(factory: FirmwareSite, status: str) -> None:
    devices = factory.add_devices(1)
    factory.version, was = factory.add_version(status), factory.version
    try:
        with pytest.raises(Rejected, match=f"is {status}"):
            factory.started([devices])
    finally:
        factory.version = was


def test_a_device_is_brought_one_version_at_a_time(factory: FirmwareSite) -> None:
    devices = factory.add_devices(1)
    factory.started([devices])
    with pytest.raises(Rejected, match="has not done with fw-"):
        factory.started([devices])


def test_strangers_see_no_rollout_and_operators_halt_one(factory: FirmwareSite) -> None:
    made = factory.started([factory.add_devices(1)])
    with factory.strangers.transaction() as connection:
        assert made not in [one.id for one in rollouts.load_rollouts(connection)]
    with factory.strangers.transaction() as connection, pytest.raises(Rejected, match="no rollout"):
        rollouts.halt(connection, made, "because")
    with factory.operators.transaction() as connection, pytest.raises(Rejected, match="Say why"):
        rollouts.halt(connection, made, " ")
    with factory.operators.transaction() as connection:
        rollouts.halt(connection, made, "smoke at press 4")
    assert factory.state(made) is RolloutState.HALTED
    with factory.operators.transaction() as connection, pytest.raises(NotAllowed):
        rollouts.ask_override(connection, made, "never mind")


def test_going_on_after_a_halt_takes_two(factory: FirmwareSite) -> None:
    made = factory.started([factory.add_devices(1)])
    with factory.operators.transaction() as connection:
        rollouts.halt(connection, made, "smoke")
    with factory.engineers.transaction() as connection, pytest.raises(Rejected, match="not paused"):
        rollouts.resume(connection, made)
    with factory.engineers.transaction() as connection:
        rollouts.ask_override(connection, made, "it was the coffee")
    with factory.engineers.transaction() as connection, pytest.raises(NotAllowed, match="second person"):
        rollouts.agree_to_override(connection, made)
    assert factory.state(made) is RolloutState.HALTED
    with factory.admins.transaction() as connection:
        rollouts.agree_to_override(connection, made)
    assert factory.state(made) is RolloutState.RUNNING


def test_a_station_claims_only_devices_that_it_polls_and_no_more_than_the_plan_allows(
    factory: FirmwareSite,
) -> None:
    devices = factory.add_devices(4)
    factory.give(factory.station, devices[:3])
    factory.give(factory.other, devices[3:])
    made = factory.started([devices], concurrency=2)
    with factory.station.works() as connection:
        orders = work.claim(connection, factory.station.incarnation, 10, 30.0)
    mine = [order for order in orders if order.deployment.rollout == made]
    assert [order.deployment.device for order in mine] == devices[:2]
    assert {order.deployment.step for order in mine} == {Step.PREFLIGHT}
    assert {one.status for one in factory.deployments(made)[:2]} == {DeploymentStatus.IN_PROGRESS}
    assert factory.deployments(made)[2].waits_for == "others to finish"
    with factory.other.works() as connection:
        assert work.claim(connection, factory.other.incarnation, 10, 30.0) == []


def test_whoever_loses_the_device_is_refused_and_the_next_takes_over(factory: FirmwareSite) -> None:
    devices = factory.add_devices(1)
    factory.give(factory.station, devices)
    factory.started([devices])
    with factory.station.works() as connection:
        (order,) = work.claim(connection, factory.station.incarnation, 10, 30.0)
    mine = order.deployment
    with factory.station.works() as connection:
        state = work.tell_step(
            connection, mine.id, mine.epoch, Step.TRANSFERRING, deadline_s=60, bytes_sent=1000, percent=10
        )
    assert state is RolloutState.RUNNING
    factory.give(factory.other, devices)
    with factory.other.works() as connection:
        (adopted,) = work.adopt(connection, factory.other.incarnation)
    assert adopted.is_adopted
    assert (adopted.deployment.step, adopted.deployment.bytes_sent) == (Step.TRANSFERRING, 1000)
    for refused in (
        lambda c: work.tell_step(c, mine.id, mine.epoch, Step.VERIFYING, deadline_s=60),
        lambda c: work.begin_install(c, mine.id, mine.epoch, 60),
        lambda c: work.end_try(c, mine.id, mine.epoch, Step.DONE, Outcome.UPDATED),
    ):
        with factory.station.works() as connection, pytest.raises(LeaseLost, match="another station's now"):
            refused(connection)
    with factory.other.works() as connection:
        assert work.adopt(connection, factory.other.incarnation) == []


def test_an_installation_waits_while_paused_and_for_the_budget_of_its_place(factory: FirmwareSite) -> None:
    devices = factory.add_devices(2, location="Hall B")
    factory.give(factory.station, devices)
    made = factory.started([devices], budget=1)
    with factory.station.works() as connection:
        first, second = (o.deployment for o in work.claim(connection, factory.station.incarnation, 10, 30.0))
    with factory.operators.transaction() as connection:
        rollouts.pause(connection, made, "shift change")
    with factory.station.works() as connection:
        assert work.begin_install(connection, first.id, first.epoch, 60) == "the rollout to go on"
    with factory.engineers.transaction() as connection:
        rollouts.resume(connection, made)
    with factory.station.works() as connection:
        assert work.begin_install(connection, first.id, first.epoch, 60) == ""
        assert work.begin_install(connection, second.id, second.epoch, 60).startswith("another device")
        work.end_try(
            connection, first.id, first.epoch, Step.DONE, Outcome.UPDATED, observed_version=factory.runs
        )
        assert work.begin_install(connection, second.id, second.epoch, 60) == ""


def test_a_failed_try_comes_again_after_its_pause(factory: FirmwareSite) -> None:
    devices = factory.add_devices(1)
    factory.give(factory.station, devices)
    made = factory.started([devices])
    with factory.station.works() as connection:
        (order,) = work.claim(connection, factory.station.incarnation, 10, 30.0)
        mine = order.deployment
        work.end_try(connection, mine.id, mine.epoch, Step.RETRY, None, error="No answer.", again_s=60)
        assert work.claim(connection, factory.station.incarnation, 10, 30.0) == []
    (waiting,) = factory.deployments(made)
    assert (waiting.step, waiting.waits_for, waiting.error) == (Step.RETRY, "its next try", "No answer.")
    with factory.site.owner.transaction() as connection:
        connection.execute(
            text("UPDATE app.ota_deployments SET next_attempt_at = now() WHERE id = :id"), {"id": mine.id}
        )
    with factory.station.works() as connection:
        (again,) = work.claim(connection, factory.station.incarnation, 10, 30.0)
    assert (again.deployment.attempt, again.is_adopted) == (2, False)


def test_an_abort_ends_what_has_not_begun_and_leaves_the_rest_to_its_end(factory: FirmwareSite) -> None:
    devices = factory.add_devices(2)
    factory.give(factory.station, devices)
    made = factory.started([devices], concurrency=1)
    with factory.station.works() as connection:
        (order,) = work.claim(connection, factory.station.incarnation, 10, 30.0)
    with factory.admins.transaction() as connection:
        rollouts.halt(connection, made, "wrong build")
        rollouts.abort(connection, made, "wrong build")
    under_way, never = factory.deployments(made)
    assert (under_way.status, never.outcome) == (DeploymentStatus.IN_PROGRESS, Outcome.NOT_BEGUN)
    with factory.station.works() as connection:
        work.end_try(
            connection,
            under_way.id,
            order.deployment.epoch,
            Step.ROLLED_BACK,
            Outcome.ROLLED_BACK,
            error="Stopped.",
        )
    assert factory.deployments(made)[0].outcome is Outcome.ROLLED_BACK


def test_one_station_conducts_and_a_stale_one_is_refused(factory: FirmwareSite) -> None:
    devices = factory.add_devices(1)
    made = factory.started([devices])
    with factory.station.works() as connection:
        epoch = work.conduct(connection, factory.station.incarnation)[made]
    with factory.other.works() as connection:
        assert made not in work.conduct(connection, factory.other.incarnation)
    with factory.station.works() as connection:
        assert work.conduct(connection, factory.station.incarnation)[made] == epoch
    with factory.site.owner.transaction() as connection:
        connection.execute(
            text("UPDATE app.ota_rollouts SET conductor_until = now() WHERE id = :id"), {"id": made}
        )
    with factory.other.works() as connection:
        assert work.conduct(connection, factory.other.incarnation)[made] == epoch + 1
    with factory.station.works() as connection, pytest.raises(LeaseLost, match="Another station conducts"):
        work.conclude(connection, made, epoch, RolloutState.HALTED, "late")
    with factory.other.works() as connection:
        work.conclude(connection, made, epoch + 1, RolloutState.HALTED, "critical alert at its first device")
    assert factory.state(made) is RolloutState.HALTED


def test_waves_go_on_one_after_the_other_until_all_is_over(factory: FirmwareSite) -> None:
    devices = factory.add_devices(2)
    factory.give(factory.station, devices)
    made = factory.started([devices[:1], devices[1:]])
    with factory.admins.transaction() as connection:
        first, second = rollouts.load_waves(connection, made)
    with factory.station.works() as connection:
        epoch = work.conduct(connection, factory.station.incarnation)[made]
    for wave in (first, second):
        with factory.station.works() as connection:
            (order,) = work.claim(connection, factory.station.incarnation, 10, 30.0)
            mine = order.deployment
            assert mine.wave == wave.id
            work.end_try(
                connection, mine.id, mine.epoch, Step.DONE, Outcome.UPDATED, observed_version=factory.runs
            )
        with factory.station.works() as connection:
            for source, target in (
                (WaveState.DEPLOYING, WaveState.SETTLING),
                (WaveState.SETTLING, WaveState.SOAKING),
                (WaveState.SOAKING, WaveState.JUDGING),
            ):
                work.move_wave(connection, made, epoch, wave.id, source, target)
            work.move_wave(
                connection, made, epoch, wave.id, WaveState.JUDGING, WaveState.PASSED, "fine", {"alerts": 0}
            )
            if wave is first:
                work.move_wave(connection, made, epoch, second.id, WaveState.PLANNED, WaveState.DEPLOYING)
    with factory.station.works() as connection:
        work.conclude(connection, made, epoch, RolloutState.COMPLETED)
    assert factory.state(made) is RolloutState.COMPLETED
    with factory.admins.transaction() as connection:
        events = rollouts.load_events(connection, made)
        assert rollouts.load_waves(connection, made)[0].evidence == {"alerts": 0}
    assert events[0].kind == "completed"
    assert events[-1].kind == "planned"
    told = [(event.kind, event.text) for event in events if event.kind.startswith("wave ")]
    assert told[0] == ("wave passed", "Wave 2 of 2: fine")
    assert told[-1] == ("wave settling", "Wave 1 of 2")


def test_a_wave_that_is_watched_for_longer_is_named(factory: FirmwareSite) -> None:
    made = factory.started([factory.add_devices(1)])
    with factory.admins.transaction() as connection:
        (wave,) = rollouts.load_waves(connection, made)
    way = (*[*WaveState][1:5], WaveState.HELD)
    with factory.station.works() as connection:
        epoch = work.conduct(connection, factory.station.incarnation)[made]
        for source, target in itertools.pairwise(way):
            work.move_wave(connection, made, epoch, wave.id, source, target)
    with factory.admins.transaction() as connection:
        rollouts.soak_again(connection, made)
        last = rollouts.load_events(connection, made)[0]
    assert (last.kind, last.text) == ("watched for longer", "Wave 1 of 1")


def test_no_wave_jumps_over_its_soak(factory: FirmwareSite) -> None:
    made = factory.started([factory.add_devices(1)])
    with factory.admins.transaction() as connection:
        (wave,) = rollouts.load_waves(connection, made)
    with factory.station.works() as connection:
        epoch = work.conduct(connection, factory.station.incarnation)[made]
    with factory.station.works() as connection, pytest.raises(LeaseLost, match="cannot become passed"):
        work.move_wave(connection, made, epoch, wave.id, WaveState.DEPLOYING, WaveState.PASSED)


def test_an_older_start_of_a_station_is_refused(factory: FirmwareSite) -> None:
    with factory.station.works() as connection, pytest.raises(LeaseLost, match="newer start"):
        work.claim(connection, factory.station.incarnation - 1, 10, 30.0)


def test_a_rollback_touches_only_what_was_changed(factory: FirmwareSite) -> None:
    devices = factory.add_devices(2)
    factory.give(factory.station, devices[:1])
    made = factory.started([devices])
    with factory.station.works() as connection:
        (order,) = work.claim(connection, factory.station.incarnation, 10, 30.0)
        work.end_try(
            connection,
            order.deployment.id,
            order.deployment.epoch,
            Step.DONE,
            Outcome.UPDATED,
            observed_version=factory.runs,
        )
    assert factory.seen(factory.draft(replace(factory.plan([devices[:1]]), undoes=made))).undoes == made
    with pytest.raises(Rejected, match="on no others"):
        factory.draft(replace(factory.plan([devices]), undoes=made))
