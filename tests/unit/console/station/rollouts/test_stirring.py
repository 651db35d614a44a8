"""An idle station asks one question now and then, and looks the moment that something is told."""

import asyncio

from console.station.health import LoopHealth
from console.station.rollouts.dispatch import Dispatch
from console.station.rollouts.stirring import Stirring
from models.errors import DatabaseAway
from tests.unit.console.station.rollouts.one_device import Memory

WITHIN_S = 5.0


class Database:
    """Says whether anything is under way, and counts who asks."""

    def __init__(self) -> None:
        self.is_idle, self.asked = True, 0
        self.is_away = False

    def answer(self) -> bool:
        self.asked += 1
        if self.is_away:
            raise DatabaseAway("The database is away.")
        return self.is_idle


async def until(condition) -> None:
    async with asyncio.timeout(WITHIN_S):
        while not condition():  # noqa: ASYNC110 - a thread's answer decides
            await asyncio.sleep(0.005)


async def test_whoever_waits_sleeps_until_a_rollout_is_told_of() -> None:
    database = Database()
    stirring = Stirring(database.answer, rest_s=3600.0)
    waiting = asyncio.create_task(stirring.until_stirred())
    await until(lambda: database.asked == 1)
    await asyncio.to_thread(stirring.stir)  # of a draft: still nothing is under way
    await until(lambda: database.asked == 2)
    database.is_idle = False
    await asyncio.to_thread(stirring.stir)
    async with asyncio.timeout(WITHIN_S):
        await waiting
    assert database.asked == 3


async def test_what_nobody_told_of_is_seen_after_a_rest() -> None:
    database = Database()
    waiting = asyncio.create_task(Stirring(database.answer, rest_s=0.01).until_stirred())
    await until(lambda: database.asked > 2)
    database.is_idle = False
    async with asyncio.timeout(WITHIN_S):
        await waiting


async def test_nobody_sleeps_while_something_is_under_way_or_nobody_knows() -> None:
    database = Database()
    stirring = Stirring(database.answer, rest_s=3600.0)
    async with asyncio.timeout(WITHIN_S):
        database.is_idle = False
        await stirring.until_stirred()
        database.is_away = True
        await stirring.until_stirred()
    stirring.stir()  # nobody is there to hear it


async def test_an_idle_dispatch_asks_for_no_devices_until_it_is_stirred() -> None:
    class Asked(Memory):
        rounds = 0

        def adopt(self, incarnation: int) -> list:
            self.rounds += 1
            return []

    database, store = Database(), Asked()
    stirring = Stirring(database.answer, rest_s=3600.0)

    class Ground:
        pass

    ground = Ground()
    ground.store = store
    dispatch = Dispatch(ground, lambda: 1, LoopHealth(), 0.005, stirred=stirring.until_stirred)
    dispatch.start()
    try:
        await until(lambda: database.asked == 1)
        before = store.rounds
        database.is_idle = False
        stirring.stir()
        await until(lambda: store.rounds > before + 2)
    finally:
        await dispatch.stop()
    assert before == 1
