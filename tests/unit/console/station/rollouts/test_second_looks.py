"""An updated device is looked at again: one that goes back, or is not well by then, is told."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

from console.station.health import LoopHealth
from console.station.rollouts.second_looks import SecondLooks
from drivers.modbus.spec import MODBUS
from drivers.plant.firmware.troubles import Trouble, TroubleKind
from models.errors import DatabaseAway
from models.records.rollout import Outcome, PlanSettings
from tests.contract.firmware.updatable import updatable
from tests.unit.console.station.rollouts.one_device import DEVICE, Bench


@asynccontextmanager
async def updated(trouble: Trouble | None = None) -> AsyncIterator[Bench]:
    async with updatable(trouble) as device:
        hub = MODBUS[0].make_hub()
        at = Bench(device, hub)
        try:
            assert (await at.update()).outcome is Outcome.UPDATED
            at.store.updated = [at.order()]
            yield at
        finally:
            await hub.close()


@asynccontextmanager
async def looking(at: Bench, health: LoopHealth | None = None) -> AsyncIterator[None]:
    looks = SecondLooks(at.ground(), health or LoopHealth())
    looks.start()
    try:
        yield
    finally:
        await looks.stop()


class Hand:
    """A clock that is set by hand."""

    now_s = 0.0

    def monotonic(self) -> float:
        return self.now_s

    def unix(self) -> float:
        return self.now_s


async def looked(at: Bench, looks: SecondLooks, clock: Hand, now_s: float) -> int:
    """Go round at a moment; returns how often the device was looked at by then."""
    clock.now_s = now_s
    await looks.look_round()
    return len(at.store.seen)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10.0):
        while True:
            if condition():
                return
            await asyncio.sleep(0.01)


async def test_a_device_that_goes_back_after_a_while_is_found_out() -> None:
    async with updated(Trouble(TroubleKind.ROLL_BACK, seconds=1.0)) as at, looking(at):
        await until(lambda: any(seen.identity.version == "1.0.0" for seen in at.store.seen))
    assert at.polls.still[-1] == frozenset()


async def test_it_is_looked_at_when_its_time_has_come_and_stands_still_for_one_look() -> None:
    async with updated() as at:
        clock, before = Hand(), len(at.polls.still)
        looks = SecondLooks(replace(at.ground(), clock=clock), LoopHealth())
        assert [await looked(at, looks, clock, now_s) for now_s in (0.0, 0.09, 0.1, 0.19, 0.21)] == [
            0,
            0,
            1,
            1,
            2,
        ]
        assert at.polls.still[before:] == [frozenset({DEVICE}), frozenset()] * 2


async def test_a_long_soak_is_looked_into_three_times() -> None:
    async with updated() as at:
        at.store.updated = [at.order(settings=PlanSettings(soak_s=30.0))]
        clock = Hand()
        looks = SecondLooks(replace(at.ground(), clock=clock), LoopHealth())
        assert [await looked(at, looks, clock, now_s) for now_s in (0.0, 9.0, 10.0, 20.0, 30.0)] == [
            0,
            0,
            1,
            2,
            3,
        ]


async def test_what_another_station_polls_or_updates_is_left_alone() -> None:
    async with updated() as at:
        clock = Hand()
        ground = replace(at.ground(), clock=clock)
        busy, stranger = (
            SecondLooks(ground, LoopHealth(), lambda: [DEVICE]),
            SecondLooks(ground, LoopHealth()),
        )
        at.is_ours = True
        assert [await looked(at, busy, clock, now_s) for now_s in (0.0, 1.0)] == [0, 0]
        at.is_ours = False
        assert [await looked(at, stranger, clock, now_s) for now_s in (2.0, 3.0)] == [0, 0]


async def test_a_database_that_is_away_ends_no_looking() -> None:
    async with updated() as at:
        there = at.store.second_looks

        def away() -> list:
            at.store.second_looks = there
            raise DatabaseAway("The database is away.")

        at.store.second_looks = away
        health = LoopHealth()
        async with looking(at, health):
            await until(lambda: len(at.store.seen) > 0)
        assert health.failures == 1
