"""Whatever ends an update over Modbus: the device runs what it ran, waits for nobody, and is polled again."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from drivers.modbus.address import parse_address
from drivers.modbus.hub import ModbusHub
from drivers.plant.firmware.flash import FlashState
from drivers.plant.firmware.modbus_updater import BASE
from drivers.plant.firmware.products import BLOCK_PROFILE
from drivers.plant.firmware.troubles import Step as At
from drivers.plant.firmware.troubles import Trouble, TroubleKind
from models.records.device import JsonValue
from models.records.firmware import Manifest
from models.records.rollout import Outcome, PlanSettings, Step
from tests.contract.firmware.updatable import updatable
from tests.unit.console.station.rollouts.one_device import MANIFEST, QUICK, Bench

BLOCKS = replace(MANIFEST, way="modbus-register-block", profile=BLOCK_PROFILE)
WAYS = pytest.mark.parametrize("manifest", [MANIFEST, BLOCKS], ids=["records", "blocks"])
SOON = 0.15
REFUSED = (Step.FAILED, Outcome.REFUSED)
LOST = (Step.FAILED, Outcome.FAILED)
BACK = (Step.ROLLED_BACK, Outcome.ROLLED_BACK)
LATE = (Step.FAILED, Outcome.TIMED_OUT)
PERSON = (Step.NEEDS_PERSON, Outcome.NEEDS_PERSON)
ONCE = PlanSettings(times=replace(QUICK, rebooting_s=0.8, installing_s=0.8), retries=0, soak_s=0)


@asynccontextmanager
async def bench(trouble: Trouble | None = None, **habits: object) -> AsyncIterator[Bench]:
    async with updatable(trouble, **habits) as device:
        hub = ModbusHub()
        try:
            yield Bench(device, hub)
        finally:
            await hub.close()


async def major_polled(at: Bench) -> object:
    """Return the major version as a poll of the device brings it."""
    driver = at.hub.driver(at.device.settings(retries=3), [parse_address(f"holding:{BASE + 4}")])
    try:
        async with asyncio.timeout(2.0):
            await driver.open()
            (value,) = await driver.read()
            return value.value
    finally:
        await driver.close()


def named(value: object) -> str:
    return f"{value.kind}-{value.step}" if isinstance(value, Trouble) else ""


@WAYS
@pytest.mark.parametrize(
    ("trouble", "ended"),
    [
        (Trouble(TroubleKind.REFUSE_PREPARE), REFUSED),
        (Trouble(TroubleKind.REFUSE_IMAGE), REFUSED),
        (Trouble(TroubleKind.REFUSE_INSTALL), REFUSED),
        (Trouble(TroubleKind.BOOT_OTHER_PRODUCT), REFUSED),
        (Trouble(TroubleKind.BOOT_OTHER_HARDWARE), REFUSED),
        (Trouble(TroubleKind.FAIL_INSTALL), BACK),
        (Trouble(TroubleKind.ROLL_BACK), BACK),
        (Trouble(TroubleKind.CLAIM_SUCCESS), BACK),
        *(
            (Trouble(kind, step, 1500, SOON), BACK if step is At.INSTALL else LOST)
            for kind in (TroubleKind.HANG, TroubleKind.LOSE_POWER)
            for step in (At.PREPARE, At.BEGIN, At.RECEIVE, At.FINISH, At.INSTALL)
        ),
    ],
    ids=named,
)
async def test_what_goes_wrong_leaves_a_device_that_works_as_before(
    manifest: Manifest, trouble: Trouble, ended: tuple[Step, Outcome]
) -> None:
    async with bench(trouble, keeps_interrupted=True) as at:
        end = await at.update(at.order(manifest, settings=ONCE))

        flash, now = at.device.flash, time.monotonic()
        assert (end.step, end.outcome) == ended
        assert "taken back" not in end.error
        assert (flash.state(now), flash.running, flash.pending) == (FlashState.IDLE, "1.0.0", "")
        assert (flash.flashed, flash.received(now), flash.is_bricked) == ([], 0, False)
        assert at.polls.still[-1] == frozenset()
        assert await major_polled(at) == 1


async def test_records_that_read_back_differently_are_forgotten() -> None:
    async with bench(Trouble(TroubleKind.CORRUPT_READ_BACK)) as at:
        end = await at.update(at.order(settings=ONCE))

        now = time.monotonic()
        assert (end.step, end.outcome) == LOST
        assert (at.device.flash.state(now), at.device.flash.received(now)) == (FlashState.IDLE, 0)
        assert (at.device.flash.running, await major_polled(at)) == ("1.0.0", 1)


@WAYS
@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (TroubleKind.BOOT_OTHER_PRODUCT, "made for drive-a, and the device says that it is drive-a-b."),
        (TroubleKind.BOOT_OTHER_HARDWARE, "made for hardware A1, and the device says that it is A1-B."),
        (TroubleKind.BOOT_OTHER_SERIAL, "its serial number is SN-7-B, and it was SN-7."),
    ],
)
async def test_a_boot_loader_of_something_else_is_sent_nothing(
    manifest: Manifest, kind: TroubleKind, sentence: str
) -> None:
    async with bench(Trouble(kind)) as at:
        end = await at.update(at.order(manifest, settings=ONCE))

        assert sentence in end.error
        assert end.error.endswith("It says so since it was prepared; nothing was sent.")
        assert (at.device.flash.transfers, at.device.flash.flashed) == (0, [])


@WAYS
async def test_another_device_that_answers_once_prepared_is_left_to_a_person(manifest: Manifest) -> None:
    async with bench(Trouble(TroubleKind.BOOT_OTHER_SERIAL)) as at:
        end = await at.update(at.order(manifest, settings=ONCE))

        assert (end.step, end.outcome) == PERSON
        assert at.device.flash.state(time.monotonic()) is FlashState.PREPARED
        assert at.polls.still[-1] == frozenset()
        assert await major_polled(at) == 1


@WAYS
async def test_a_boot_loader_is_waited_for_until_it_answers(manifest: Manifest) -> None:
    jump: dict[str, JsonValue] = {"register": BASE, "words": [1], "may_be_silent": True}
    async with bench(reboot_s=SOON) as at:
        flash = at.device.flash
        prepare = flash.prepare

        def jumps(now: float, **more: bool) -> None:
            prepare(now, **more)
            flash._away(now, SOON, flash._back_as_it_was)

        flash.prepare = jumps
        patient = replace(manifest, profile={**manifest.profile, "prepare": jump})
        end = await at.update(at.order(patient, settings=ONCE))

        assert (end.step, end.outcome) == (Step.DONE, Outcome.UPDATED)
        assert (flash.running, flash.transfers) == ("2.0.0", 1)


@WAYS
@pytest.mark.parametrize(
    ("trouble", "ended", "runs", "state"),
    [
        (Trouble(TroubleKind.SLOW_REBOOT, seconds=SOON), (Step.DONE, Outcome.UPDATED), "2.0.0", "idle"),
        (Trouble(TroubleKind.STUCK), LATE, "1.0.0", "installing"),
        (Trouble(TroubleKind.OTHER_SERIAL), PERSON, "2.0.0", "idle"),
        (Trouble(TroubleKind.UNHEALTHY), LOST, "2.0.0", "idle"),
    ],
    ids=named,
)
async def test_a_device_that_installed_or_is_at_it_is_told_nothing_more(
    manifest: Manifest, trouble: Trouble, ended: tuple[Step, Outcome], runs: str, state: str
) -> None:
    async with bench(trouble) as at:
        end = await at.update(at.order(manifest, settings=ONCE))

        flash = at.device.flash
        assert (end.step, end.outcome) == ended
        assert (flash.running, str(flash.state(time.monotonic()))) == (runs, state)
        assert at.polls.still[-1] == frozenset()
        assert await major_polled(at) == int(runs[0])


@WAYS
async def test_one_that_never_comes_back_is_no_longer_waited_for(manifest: Manifest) -> None:
    async with bench(Trouble(TroubleKind.NEVER_BACK)) as at:
        end = await at.update(at.order(manifest, settings=ONCE))

        assert (end.step, end.outcome) == LATE
        assert (at.polls.still[-1], at.device.flash.is_bricked) == (frozenset(), False)


@WAYS
@pytest.mark.parametrize("kind", [TroubleKind.HANG, TroubleKind.LOSE_POWER])
async def test_one_that_fails_while_it_is_confirmed_goes_back_and_works(
    manifest: Manifest, kind: TroubleKind
) -> None:
    async with bench(Trouble(kind, At.CONFIRM, seconds=SOON), confirm_within_s=30.0) as at:
        end = await at.update(at.order(manifest, settings=ONCE))

        assert end.step is Step.FAILED
        assert await major_polled(at) == 1
        assert at.device.flash.state(time.monotonic()) in (FlashState.IDLE, FlashState.FAILED)
        assert at.polls.still[-1] == frozenset()
