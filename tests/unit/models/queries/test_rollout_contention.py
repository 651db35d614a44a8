"""Two stations and two persons at one rollout at once, at random: nothing illegal, and nobody locked out."""

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

    def __init__(self, factory: FirmwareSite, made: RolloutId) -> None:
        self.factory, self.made = factory, made
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
