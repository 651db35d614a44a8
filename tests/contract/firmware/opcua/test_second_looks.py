"""The second looks of a rollout at devices of an OPC UA server, each in a session of its own."""

from dataclasses import replace

import pytest

from console.station.health import LoopHealth
from console.station.rollouts.second_looks import SecondLooks
from drivers.plant.firmware.flash import Silent
from drivers.plant.firmware.opcua_device import Offer
from drivers.plant.firmware.troubles import Step as At
from drivers.plant.firmware.troubles import Trouble, TroubleKind
from models.records.rollout import Outcome, PlanSettings
from tests.contract.firmware.opcua_updatable import OpcuaBench
from tests.unit.console.station.rollouts.one_device import QUICK

pytestmark = pytest.mark.asyncio(loop_scope="session")
ONCE = PlanSettings(times=QUICK, retries=0, soak_s=0)
BOTH = pytest.mark.parametrize("offer", [Offer(), Offer(is_direct=True)], ids=["cached", "direct"])


class Hand:
    """A clock that is set by hand."""

    now_s = 0.0

    def monotonic(self) -> float:
        return self.now_s

    def unix(self) -> float:
        return self.now_s


class Looking:
    """An updated device, and the looks at it."""

    def __init__(self, at: OpcuaBench) -> None:
        self.at, self.clock = at, Hand()
        at.store.updated = [at.order(settings=ONCE)]
        self._looks = SecondLooks(replace(at.ground(), clock=self.clock), LoopHealth())

    async def look(self) -> tuple[str, str, bool | None]:
        """Look once it is due; returns version, serial number and health that were told."""
        for _ in range(2):  # first it is only noted when it is due
            self.clock.now_s += 1.0
            await self._looks.look_round()
        seen = self.at.store.seen[-1]
        return seen.identity.version, seen.identity.serial, seen.is_healthy


async def looking(at: OpcuaBench) -> Looking:
    assert (await at.update(at.order(settings=ONCE))).outcome is Outcome.UPDATED
    return Looking(at)


@BOTH
async def test_a_look_finds_what_the_device_says_and_leaves_it_as_it_is(bench_of, offer) -> None:
    at = bench_of(offer)
    looks = await looking(at)
    assert await looks.look() == ("2.0.0", at.device.flash.make.serial, True)
    assert at.device.left_behind() == {"runs": "2.0.0"}
    assert at.polls.still[-1] == frozenset()


async def test_one_that_goes_back_is_exchanged_or_falls_ill_is_found_out(bench_of) -> None:
    at = bench_of(Offer(has_confirmation=False))
    looks, flash = await looking(at), at.device.flash
    flash._is_unwell = True
    assert (await looks.look())[2] is False
    flash._serial += "-B"
    assert (await looks.look())[1] == f"{flash.make.serial}-B"
    flash.running = "1.0.0"
    assert (await looks.look())[0] == "1.0.0"


async def test_one_that_is_away_is_asked_again_when_it_is_back(bench_of) -> None:
    at = bench_of(Offer(has_confirmation=False))
    looks, flash = await looking(at), at.device.flash
    flash.trouble = Trouble(TroubleKind.HANG, At.PREPARE)
    with pytest.raises(Silent):
        flash.prepare(at.device.does.now)
    with pytest.raises(IndexError):
        await looks.look()
    assert at.polls.still[-1] == frozenset()
    flash._is_silent = False
    assert (await looks.look())[0] == "2.0.0"


async def test_many_devices_of_one_server_are_looked_at_without_a_session_left_open(bench_of) -> None:
    benches = [bench_of(Offer(is_direct=number % 2 == 0)) for number in range(4)]
    looks = [await looking(at) for at in benches]
    sessions = benches[0].device.stand.server.iserver
    before = sessions.isession._current_connections
    for one in looks:
        assert (await one.look())[0] == "2.0.0"
    assert sessions.isession._current_connections == before
