"""Two stations and two persons at one rollout at once, at random: nothing illegal, and nobody locked out.

In the end somebody gives the rollout up in the midst of it: then nothing is begun any more, and what was in
the middle reaches its end.
"""

import itertools
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress

import pytest
from sqlalchemy import text
from sqlalchemy.engine import Connection

from models.database import Database
from models.errors import LeaseLost, NotAllowed, Rejected
from models.queries import rollout_work as work
from models.queries import rollouts
from models.records.rollout import DeploymentStatus, Outcome, RolloutId, RolloutState, Step, WaveState
from models.rollout_states import ROLLOUT_MOVES, STEP_MOVES, WAVE_MOVES
from tests.account_parts import Site
from tests.conftest import DatabaseServer
from tests.unit.models.queries.rollout_parts import FirmwareSite, Station

CONCURRENCY, BUDGET = 3, 1
ROUNDS = 60
ENDS = (
    (Step.DONE, Outcome.UPDATED),
    (Step.FAILED, Outcome.FAILED),
    (Step.ROLLED_BACK, Outcome.ROLLED_BACK),
    (Step.RETRY, None),
)
# What is refused is another's by then, or not what people want; whatever else is raised fails the test.
REFUSED = (LeaseLost, Rejected, NotAllowed)


@pytest.fixture
def factory(database_server: DatabaseServer) -> Iterator[FirmwareSite]:
    name = database_server.create()
    with closing(Site(Database(database_server.url_of(name), "tests"))) as site:
        made = FirmwareSite(site)
        made.station.enter()
        made.other.enter()
        yield made
        made.close()
    database_server.drop(name)


class Crowd:
    """Everybody who has to do with one rollout, each on a thread and a login of their own."""

    def __init__(self, factory: FirmwareSite, made: RolloutId, gives_up_after: int = ROUNDS) -> None:
        self.factory, self.made = factory, made
        self.gives_up_after = gives_up_after
        """So many rounds before somebody gives the rollout up; ROUNDS = nobody does."""
        self.errors: list[BaseException] = []
        self.sampled: list[tuple[int, int]] = []
        """Devices under way, and the most of them that a place had away, at one moment."""
        with factory.admins.transaction() as connection:
            self.waves = [wave.id for wave in rollouts.load_waves(connection, made)]

    def run(self) -> None:
        factory = self.factory
        threads = [
            threading.Thread(target=self._tell_errors, args=(act, place), name=f"crowd {place}")
            for place, act in enumerate(
                (
                    *(lambda dice: self._work(dice, factory.station),) * 2,
                    *(lambda dice: self._work(dice, factory.other),) * 2,
                    lambda dice: self._conduct(dice, factory.station),
                    lambda dice: self._conduct(dice, factory.other),
                    lambda dice: self._decide(dice, factory.engineers),
                    lambda dice: self._decide(dice, factory.admins),
                    self._give_up,
                    self._move_leases,
                    self._sample,
                )
            )
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _tell_errors(self, act: Callable[[random.Random], None], place: int) -> None:
        dice = random.Random(place)
        try:
            for _ in range(ROUNDS):
                with suppress(*REFUSED):
                    act(dice)
        except BaseException as error:  # noqa: BLE001 - told by the test
            self.errors.append(error)

    def _work(self, dice: random.Random, station: Station) -> None:
        with station.works() as connection:
            orders = work.adopt(connection, station.incarnation)
        with station.works() as connection:
            orders += work.claim(connection, station.incarnation, dice.randint(1, 3), 30.0)
        for mine in (order.deployment for order in orders):
            with suppress(*REFUSED), station.works() as connection:
                work.tell_step(connection, mine.id, mine.epoch, Step.TRANSFERRING, deadline_s=60)
            with suppress(*REFUSED), station.works() as connection:
                work.begin_install(connection, mine.id, mine.epoch, 60)
            if dice.random() < 0.1:
                continue  # as a station that died: taken over once the lease has moved
            step, outcome = dice.choice(ENDS)
            with suppress(*REFUSED), station.works() as connection:
                work.end_try(
                    connection, mine.id, mine.epoch, step, outcome, observed_version=self.factory.runs
                )

    def _conduct(self, dice: random.Random, station: Station) -> None:
        with station.works() as connection:
            epoch = work.conduct(connection, station.incarnation).get(self.made, 0)
        states = list(WaveState)
        if dice.random() < 0.3:  # seldom: a wave that has moved on gives nobody work
            with station.works() as connection:
                source, target = dice.choice(states), dice.choice(states)
                work.move_wave(connection, self.made, epoch, dice.choice(self.waves), source, target)
        if dice.random() < 0.02:
            with station.works() as connection:
                work.conclude(connection, self.made, epoch, RolloutState.HALTED, "chance")

    def _decide(self, dice: random.Random, login: Database) -> None:
        acts: tuple[Callable[[Connection], None], ...] = (
            lambda c: rollouts.pause(c, self.made, "chance"),
            lambda c: rollouts.halt(c, self.made, "chance"),
            *(lambda c: rollouts.resume(c, self.made),) * 6,
            *(lambda c: rollouts.ask_override(c, self.made, "chance"),) * 3,
            *(lambda c: rollouts.agree_to_override(c, self.made),) * 3,
            lambda c: rollouts.soak_again(c, self.made),
        )
        with login.transaction() as connection:
            dice.choice(acts)(connection)

    def _give_up(self, dice: random.Random) -> None:
        # Counted in what others did, so that it is given up in the midst of it, however fast each is.
        if self.gives_up_after == ROUNDS or len(self.sampled) < self.gives_up_after:
            with self.factory.operators.transaction() as connection:
                rollouts.load_waves(connection, self.made)
            return
        for act in (rollouts.halt, rollouts.abort):
            with suppress(*REFUSED), self.factory.admins.transaction() as connection:
                act(connection, self.made, "enough")

    def drain(self) -> None:
        """Let the first station bring what is in the middle to an end, as whoever takes over does."""
        station = self.factory.station
        self.factory.give(station, [one.device for one in self.factory.deployments(self.made)])
        with station.works() as connection:
            orders = work.adopt(connection, station.incarnation)
        for place, (order, (step, outcome)) in enumerate(zip(orders, itertools.cycle(ENDS), strict=False)):
            with station.works() as connection:
                mine = order.deployment
                assert work.begin_install(connection, mine.id, mine.epoch, 60) != "", f"order {place}"
                work.end_try(
                    connection, mine.id, mine.epoch, step, outcome, observed_version=self.factory.runs
                )

    def _move_leases(self, dice: random.Random) -> None:
        station = dice.choice((self.factory.station, self.factory.other))
        devices = [one.device for one in self.factory.deployments(self.made)]
        self.factory.give(station, dice.sample(devices, 4))

    def _sample(self, dice: random.Random) -> None:
        with self.factory.site.owner.transaction() as connection:
            row = connection.execute(
                text(
                    "SELECT (SELECT count(*) FROM app.ota_deployments WHERE status = 'in_progress') AS busy, "
                    "(SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM app.ota_deployments AS o "
                    "  JOIN app.devices AS d ON d.id = o.device_id "
                    "  WHERE o.step IN ('installing', 'rebooting', 'verifying', 'confirming') "
                    "  GROUP BY d.location) AS a) AS away"
                )
            ).one()
        self.sampled.append((row.busy, row.away))


def test_a_crowd_at_one_rollout_breaks_none_of_its_rules(factory: FirmwareSite) -> None:
    devices = [*factory.add_devices(20, location="Hall A"), *factory.add_devices(20, location="Hall B")]
    factory.give(factory.station, devices[::2])
    factory.give(factory.other, devices[1::2])
    made = factory.started([devices[:30], devices[30:]], concurrency=CONCURRENCY, budget=BUDGET)
    crowd = Crowd(factory, made)
    crowd.run()
    assert crowd.errors == []
    assert max(busy for busy, _ in crowd.sampled) <= CONCURRENCY
    assert max(away for _, away in crowd.sampled) <= BUDGET
    ended = [one for one in factory.deployments(made) if one.status is not DeploymentStatus.PENDING]
    assert ended, "nobody got anything done"
    with factory.admins.transaction() as connection:
        events = rollouts.load_events(connection, made, 100_000)
    finals = {Step.DONE, Step.FAILED, Step.ROLLED_BACK}
    told = [event.device for event in events if event.kind in finals and event.device]
    over = [one.device for one in factory.deployments(made) if one.step in finals]
    assert sorted(told) == sorted(over)  # each end is told once, and there is no other


@pytest.fixture
def moves(factory: FirmwareSite) -> Callable[[], set[tuple[str, str, str]]]:
    """Note every move that the database makes; returns them, each once."""
    tables = {"ota_rollouts": "state", "ota_waves": "state", "ota_deployments": "step"}
    with factory.site.owner.transaction() as connection:
        connection.exec_driver_sql("CREATE TABLE app.seen_moves (of text, source text, target text)")
        connection.exec_driver_sql(
            "CREATE FUNCTION app.see_move() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN "
            "INSERT INTO app.seen_moves SELECT TG_TABLE_NAME, m.a, m.b "
            "FROM (SELECT to_jsonb(OLD) ->> TG_ARGV[0], to_jsonb(NEW) ->> TG_ARGV[0]) AS m (a, b) "
            "WHERE m.a <> m.b; "
            "RETURN NULL; END $$"
        )
        for table, column in tables.items():
            connection.exec_driver_sql(
                f"CREATE TRIGGER see_move AFTER UPDATE ON app.{table} FOR EACH ROW "
                f"EXECUTE FUNCTION app.see_move('{column}')"
            )

    def seen() -> set[tuple[str, str, str]]:
        with factory.site.owner.transaction() as connection:
            rows = connection.execute(text("SELECT DISTINCT of, source, target FROM app.seen_moves"))
            return {(row.of, row.source, row.target) for row in rows}

    return seen


LEGAL = {
    *(("ota_rollouts", a, b) for a, targets in ROLLOUT_MOVES.items() for b in targets),
    *(("ota_waves", a, b) for a, targets in WAVE_MOVES.items() for b in targets),
    *(("ota_deployments", a, b) for a, targets in STEP_MOVES.items() for b in targets),
}


@pytest.mark.parametrize("gives_up_after", [20, pytest.param(6, marks=pytest.mark.slow)])
def test_a_rollout_given_up_in_the_midst_of_a_crowd_leaves_no_device_in_the_middle(
    factory: FirmwareSite, moves, gives_up_after: int
) -> None:
    devices = factory.add_devices(20)
    factory.give(factory.station, devices[::2])
    factory.give(factory.other, devices[1::2])
    made = factory.started([devices[:10], devices[10:]], concurrency=6)
    crowd = Crowd(factory, made, gives_up_after)
    crowd.run()
    assert crowd.errors == []
    assert factory.state(made) is RolloutState.ABORTED
    crowd.drain()
    assert moves() <= LEGAL
    assert {one.status for one in factory.deployments(made)} <= {
        DeploymentStatus.COMPLETED,
        DeploymentStatus.FAILED,
    }
    with factory.admins.transaction() as connection:
        kinds = [event.kind for event in rollouts.load_events(connection, made, 100_000)]
    since = kinds[: kinds.index("aborted")]
    assert not [kind for kind in since if kind in ("begun", "installing") or kind.startswith("wave ")]
    # Nothing of it stands in the way of the next rollout.
    factory.started([devices])


def test_a_try_that_would_come_again_does_not_slip_past_giving_up(factory: FirmwareSite) -> None:
    devices = factory.add_devices(1)
    factory.give(factory.station, devices)
    made = factory.started([devices])
    with factory.station.works() as connection:
        (order,) = work.claim(connection, factory.station.incarnation, 1, 30.0)
    with factory.admins.transaction() as connection:
        rollouts.halt(connection, made, "enough")

    def give_up() -> None:
        with factory.admins.transaction() as connection:
            rollouts.abort(connection, made, "enough")

    thread = threading.Thread(target=give_up, name="gives up")
    mine = order.deployment
    with factory.station.works() as connection:
        work.end_try(connection, mine.id, mine.epoch, Step.RETRY, None)
        thread.start()
        while thread.is_alive() and not is_anybody_blocked(factory):
            thread.join(0.01)
    thread.join()
    (over,) = factory.deployments(made)
    assert (over.status, over.outcome) == (DeploymentStatus.FAILED, Outcome.NOT_BEGUN)


def is_anybody_blocked(factory: FirmwareSite) -> bool:
    with factory.site.owner.transaction() as connection:
        asked = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"
        return connection.exec_driver_sql(asked).scalar_one()


def test_a_site_is_idle_once_nothing_is_under_way_anywhere(factory: FirmwareSite) -> None:
    def is_idle() -> bool:
        with factory.other.works() as connection:
            return work.is_idle(connection)

    devices = factory.add_devices(2)
    factory.give(factory.station, devices)
    factory.draft(factory.plan([devices]))
    found = [is_idle()]
    made = factory.started([devices], concurrency=1)
    found.append(is_idle())
    with factory.station.works() as connection:
        (order,) = work.claim(connection, factory.station.incarnation, 9, 30.0)
    with factory.admins.transaction() as connection:
        rollouts.halt(connection, made, "enough")
        rollouts.abort(connection, made, "enough")
    found.append(is_idle())  # one device is in the middle
    mine = order.deployment
    with factory.station.works() as connection:
        work.end_try(connection, mine.id, mine.epoch, Step.FAILED, Outcome.FAILED)
    assert [*found, is_idle()] == [True, False, False, True]
