"""Whatever ends an update over OPC UA: no machine stays prepared or locked, and nothing is left on it."""

from dataclasses import replace

import pytest

from drivers.plant.firmware.opcua_device import Offer
from drivers.plant.firmware.troubles import Step as At
from drivers.plant.firmware.troubles import Trouble, TroubleKind
from models.records.rollout import Outcome, PlanSettings, RolloutState, Step
from tests.contract.firmware.opcua_updatable import MANIFEST, PROFILE, OpcuaBench
from tests.unit.console.station.rollouts.one_device import QUICK

pytestmark = pytest.mark.asyncio(loop_scope="session")

CACHED, DIRECT = Offer(), Offer(is_direct=True)
BOTH = pytest.mark.parametrize("offer", [CACHED, DIRECT], ids=["cached", "direct"])
SOON = 0.2
REFUSED = (Step.FAILED, Outcome.REFUSED)
LOST = (Step.FAILED, Outcome.FAILED)
BACK = (Step.ROLLED_BACK, Outcome.ROLLED_BACK)
TIMES = replace(QUICK, rebooting_s=1.5, installing_s=1.0)
ONCE = PlanSettings(times=TIMES, retries=0, soak_s=0)


def is_polled(at: OpcuaBench) -> bool:
    return at.polls.still[-1] == frozenset()


@BOTH
@pytest.mark.parametrize(
    ("trouble", "ended"),
    [
        (Trouble(TroubleKind.REFUSE_PREPARE), REFUSED),
        (Trouble(TroubleKind.REFUSE_IMAGE), REFUSED),
        (Trouble(TroubleKind.REFUSE_INSTALL), REFUSED),
        (Trouble(TroubleKind.FAIL_INSTALL), BACK),
        (Trouble(TroubleKind.ROLL_BACK), BACK),
        (Trouble(TroubleKind.CLAIM_SUCCESS), BACK),
        *(
            (Trouble(kind, step, 1500, SOON), LOST)
            for kind in (TroubleKind.HANG, TroubleKind.LOSE_POWER)
            for step in (At.BEGIN, At.RECEIVE, At.FINISH)
        ),
    ],
    ids=lambda value: f"{value.kind}-{value.step}" if isinstance(value, Trouble) else "",
)
async def test_what_goes_wrong_leaves_a_machine_that_works_as_before(bench_of, offer, trouble, ended) -> None:
    # Its preparation outlives its reboot: nobody but the station lets it go on.
    at = bench_of(replace(offer, stays_prepared=True), trouble)
    end = await at.update(at.order(settings=ONCE))
    assert at.device.left_behind() == {}
    # A direct package may have been taken when nothing was answered: then the device has the last word.
    assert (end.step, end.outcome) in (ended, BACK)
    assert "taken back" not in end.error
    assert is_polled(at)


async def test_a_machine_that_cannot_be_brought_back_to_work_is_told_of(bench_of) -> None:
    at = bench_of(DIRECT, Trouble(TroubleKind.REFUSE_INSTALL))
    resume = at.device.does.on_resume

    async def jams() -> tuple[()]:
        at.device.flash.trouble = Trouble(TroubleKind.HANG, At.PREPARE)
        await at.device.does._ask(lambda now: at.device.flash.prepare(now))
        return ()

    make, nodes = at.device.stand.nodes, at.device.builder.nodes
    make.answer(nodes["SoftwareUpdate/PrepareForUpdate/Resume"], (), jams)
    end = await at.update(at.order(settings=replace(ONCE, times=replace(TIMES, preparing_s=0.5))))
    make.answer(nodes["SoftwareUpdate/PrepareForUpdate/Resume"], (), resume)
    assert end.outcome is Outcome.REFUSED
    assert " What was begun could not be taken back: " in end.error


@BOTH
async def test_a_preparation_that_takes_too_long_is_ended(bench_of, offer) -> None:
    at = bench_of(replace(offer, prepare_s=60.0))
    patient = replace(MANIFEST, profile={**PROFILE, "prepare_s": 60})
    times = replace(TIMES, preparing_s=0.4, installing_s=0.4)
    end = await at.update(at.order(patient, settings=replace(ONCE, times=times)))
    assert end.outcome is Outcome.TIMED_OUT
    assert at.device.left_behind() == {}


@BOTH
async def test_a_halt_in_a_transfer_lets_the_machine_go_on(bench_of, offer) -> None:
    at = bench_of(offer)

    def halt(told) -> None:
        if told.step is Step.TRANSFERRING:
            at.store.state = RolloutState.HALTED

    at.store.on_told = halt
    assert (await at.update(at.order(settings=ONCE))).step is Step.RETRY
    assert at.device.left_behind() == {}


@BOTH
async def test_a_try_that_comes_again_leaves_no_machine_waiting_for_it(bench_of, offer) -> None:
    at = bench_of(replace(offer, stays_prepared=True), Trouble(TroubleKind.HANG, At.RECEIVE, 1500, SOON))
    end = await at.update(at.order(settings=replace(ONCE, retries=1, retry_s=3600.0)))
    assert end.step is Step.RETRY
    assert at.device.left_behind() == {}


@BOTH
@pytest.mark.parametrize("has_confirmation", [True, False])
async def test_a_machine_that_runs_the_new_version_goes_back_to_work(
    bench_of, offer, has_confirmation
) -> None:
    at = bench_of(replace(offer, stays_prepared=True, has_confirmation=has_confirmation))
    assert (await at.update(at.order(settings=ONCE))).outcome is Outcome.UPDATED
    assert at.device.left_behind() == {"runs": "2.0.0"}
    assert is_polled(at)


async def test_one_that_is_at_it_or_waits_for_its_confirmation_is_left_alone(bench_of) -> None:
    at = bench_of(DIRECT, Trouble(TroubleKind.UNHEALTHY))
    end = await at.update(at.order(settings=ONCE))
    assert (end.step, end.outcome) == LOST
    assert at.device.left_behind() == {"runs": "2.0.0", "state": "unconfirmed"}
    stuck = bench_of(CACHED, Trouble(TroubleKind.STUCK))
    end = await stuck.update(stuck.order(settings=replace(ONCE, times=replace(TIMES, rebooting_s=0.3))))
    assert end.outcome is Outcome.TIMED_OUT
    assert stuck.device.left_behind()["state"] == "installing"
