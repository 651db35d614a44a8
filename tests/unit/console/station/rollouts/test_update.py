"""One update of a device of the plant, over real Modbus, with everything that can go wrong with it."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from drivers.modbus.spec import MODBUS
from drivers.plant.firmware.image import make_image
from drivers.plant.firmware.troubles import Step as At
from drivers.plant.firmware.troubles import Trouble, TroubleKind
from models.firmware.manifest import manifest_bytes
from models.firmware.permits import permit_bytes
from models.firmware.signing import sign_manifest, sign_permit, texts_from_signatures
from models.records.firmware import DowngradePermit, StoredPermit
from models.records.rollout import InstallWindow, Outcome, PlanSettings, RolloutState, Step
from tests.contract.firmware.updatable import updatable
from tests.firmware_parts import RELEASE_KEY, STRANGE_KEY
from tests.unit.console.station.rollouts.one_device import DEVICE, IMAGE, MANIFEST, QUICK, Bench


@asynccontextmanager
async def bench(trouble: Trouble | None = None, **habits: object) -> AsyncIterator[Bench]:
    async with updatable(trouble, **habits) as device:
        hub = MODBUS[0].make_hub()
        try:
            yield Bench(device, hub)
        finally:
            await hub.close()


async def test_a_device_is_brought_the_version_and_proves_it() -> None:
    async with bench() as at:
        end = await at.update()
        assert (end.step, end.outcome, end.observed_version) == (Step.DONE, Outcome.UPDATED, "2.0.0")
        assert (at.device.flash.flashed, at.device.flash.image) == (["2.0.0"], IMAGE)
    assert at.store.steps == [
        Step.PREFLIGHT,
        Step.STAGING,
        Step.PREPARING,
        Step.TRANSFERRING,
        Step.REBOOTING,
        Step.VERIFYING,
    ]
    assert at.store.told[-1].from_version == "1.0.0"
    assert at.store.told[-1].serial == "SN-7"


async def test_it_stands_still_meanwhile_and_is_polled_to_prove_it() -> None:
    async with bench() as at:
        await at.update()
    assert at.polls.still[0] == {DEVICE}
    assert at.polls.still[-1] == frozenset()


async def test_what_runs_the_version_already_is_left_alone() -> None:
    async with bench() as at:
        await at.update()
        end = await at.update()
        assert (end.step, end.outcome) == (Step.DONE, Outcome.ALREADY)
        assert at.device.flash.transfers == 1


async def test_what_runs_the_version_already_is_held_to_what_updated_ones_are() -> None:
    async with bench() as at:
        await at.update()
        at.store.told.clear()
        assert (await at.update()).outcome is Outcome.ALREADY
        assert at.store.steps == [Step.VERIFYING]
        assert at.store.told[-1].serial == "SN-7"  # so that a later look knows it again
        at.polls.is_answering = False
        mute = await at.update(at.order(settings=PlanSettings(times=replace(QUICK, verifying_s=0.2))))
        assert (mute.step, mute.outcome) == (Step.FAILED, Outcome.TIMED_OUT)
        assert at.device.flash.transfers == 1


async def test_what_runs_the_version_already_and_is_not_well_has_failed() -> None:
    async with bench(Trouble(TroubleKind.UNHEALTHY)) as at:
        await at.update()
        end = await at.update()
        assert (end.step, end.outcome) == (Step.FAILED, Outcome.FAILED)
        assert "not well" in end.error


async def test_a_device_that_asks_is_confirmed_once_it_polls_well() -> None:
    async with bench(confirm_within_s=60.0) as at:
        end = await at.update()
        assert end.outcome is Outcome.UPDATED
        assert Step.CONFIRMING in at.store.steps
        assert at.device.flash.running == "2.0.0"


async def test_a_device_that_does_not_poll_well_is_not_confirmed_and_goes_back_by_itself() -> None:
    async with bench(confirm_within_s=0.3) as at:
        at.polls.is_answering = False
        end = await at.update(
            at.order(settings=PlanSettings(times=replace(QUICK, verifying_s=0.4), retries=0))
        )
        assert (end.step, end.outcome) == (Step.FAILED, Outcome.TIMED_OUT)
        assert end.error == "Verifying took longer than 0.4 s."
        assert Step.CONFIRMING not in at.store.steps


OLDER = make_image("drive-a", "0.9.0", 3001)
REFUSED = (Step.FAILED, Outcome.REFUSED)
LATE = (Step.FAILED, Outcome.TIMED_OUT)
BACK = (Step.ROLLED_BACK, Outcome.ROLLED_BACK)
PERSON = (Step.NEEDS_PERSON, Outcome.NEEDS_PERSON)


@pytest.mark.parametrize(
    ("trouble", "ended", "runs"),
    [
        (Trouble(TroubleKind.REFUSE_PREPARE), REFUSED, "1.0.0"),
        (Trouble(TroubleKind.REFUSE_IMAGE), REFUSED, "1.0.0"),
        (Trouble(TroubleKind.REFUSE_INSTALL), REFUSED, "1.0.0"),
        (Trouble(TroubleKind.FAIL_INSTALL), BACK, "1.0.0"),
        (Trouble(TroubleKind.ROLL_BACK), BACK, "1.0.0"),
        (Trouble(TroubleKind.CLAIM_SUCCESS), BACK, "1.0.0"),
        (Trouble(TroubleKind.NEVER_BACK), LATE, "2.0.0"),
        (Trouble(TroubleKind.STUCK), LATE, "1.0.0"),
        (Trouble(TroubleKind.OTHER_SERIAL), PERSON, "2.0.0"),
        (Trouble(TroubleKind.UNHEALTHY), (Step.FAILED, Outcome.FAILED), "2.0.0"),
    ],
    ids=lambda value: str(getattr(value, "kind", "")),
)
async def test_every_trouble_ends_in_a_named_state(trouble: Trouble, ended, runs: str) -> None:
    async with bench(trouble) as at:
        times = replace(QUICK, rebooting_s=0.8, installing_s=0.8)
        end = await at.update(at.order(settings=PlanSettings(times=times, retries=0)))
        assert (end.step, end.outcome) == ended
        assert end.error.endswith(".")
        flash = at.device.flash
        assert not flash.is_bricked
        assert flash.flashed.count("2.0.0") <= 1


@pytest.mark.parametrize("step", list(At))
async def test_power_lost_at_any_step_is_made_good_by_trying_again(step: At) -> None:
    async with bench(Trouble(TroubleKind.LOSE_POWER, step, after_bytes=1000)) as at:
        order = at.order(settings=PlanSettings(times=QUICK, retries=3))
        end = await at.update(order)
        attempts = 1
        while end.step is Step.RETRY:
            attempts += 1
            known = at.store.told[-1]
            end = await at.update(
                at.order(
                    settings=order.settings,
                    attempt=attempts,
                    from_version=known.from_version,
                    serial=known.serial,
                )
            )
        assert (end.step, end.outcome) in ((Step.DONE, Outcome.UPDATED), BACK)
        assert not at.device.flash.is_bricked


async def test_a_lost_line_is_tried_again_and_counts_when_all_tries_are_used_up() -> None:
    async with bench() as at:
        await at.device.gateway.close()
        settings = PlanSettings(times=QUICK, retries=1, retry_s=60.0)
        first = await at.update(at.order(settings=settings))
        last = await at.update(at.order(settings=settings, attempt=2))
    assert (first.step, first.outcome, first.again_s) == (Step.RETRY, None, 60.0)
    assert (last.step, last.outcome) == (Step.FAILED, Outcome.FAILED)


async def test_whoever_loses_the_device_sends_no_further_block() -> None:
    async with bench() as at:

        def lose(told) -> None:
            at.is_ours = told.step is not Step.TRANSFERRING

        at.store.on_told = lose
        with pytest.raises(IndexError):
            await at.update()  # nothing is ended: it is another's
        assert at.device.flash.flashed == []
        assert at.device.flash.transfers == 0


async def test_a_halt_in_the_middle_leaves_the_device_as_it_was() -> None:
    async with bench() as at:

        def halt(told) -> None:
            if told.step is Step.TRANSFERRING:
                at.store.state = RolloutState.HALTED

        at.store.on_told = halt
        end = await at.update()
        assert (end.step, end.outcome) == (Step.RETRY, None)
        assert (at.device.flash.running, at.device.flash.flashed) == ("1.0.0", [])


async def test_an_installation_waits_for_what_the_database_says() -> None:
    async with bench() as at:
        at.store.hindrances = ["another device of its place to be back"] * 2
        end = await at.update()
        assert end.outcome is Outcome.UPDATED
    waits = [told.waits_for for told in at.store.told if told.waits_for]
    assert waits == ["another device of its place to be back"] * 2
    assert frozenset() in at.polls.still[:-1]  # polled while it waits


async def test_outside_its_window_a_device_is_sent_everything_and_not_installed() -> None:
    async with bench() as at:
        today = datetime.now(UTC).weekday()
        window = InstallWindow(((today + 3) % 7,), "00:00", "00:01")

        def stop(told) -> None:
            if told.waits_for:
                at.store.state = RolloutState.HALTED

        at.store.on_told = stop
        end = await at.update(at.order(settings=PlanSettings(times=QUICK, window=window)))
        assert end.step is Step.RETRY
        assert [told.waits_for for told in at.store.told if told.waits_for] == ["its window, 00:00 to 00:01"]
        assert (at.device.flash.transfers, at.device.flash.flashed) == (1, [])


async def test_a_successor_asks_the_device_and_does_not_install_twice() -> None:
    async with bench(Trouble(TroubleKind.SLOW_REBOOT, seconds=0.3)) as at:

        def die(told) -> None:
            if told.step is Step.REBOOTING:
                at.is_ours = False

        at.store.on_told = die
        with pytest.raises(IndexError):
            await at.update()
        at.is_ours, at.store.on_told = True, lambda _: None
        known = at.store.told[-1]
        end = await at.update(
            at.order(
                is_adopted=True, step=Step.REBOOTING, from_version=known.from_version, serial=known.serial
            )
        )
        assert (end.step, end.outcome) == (Step.DONE, Outcome.UPDATED)
        assert at.device.flash.flashed == ["2.0.0"]


async def test_a_successor_installs_what_lies_there_and_was_never_ordered() -> None:
    async with bench() as at:
        at.store.hindrances = ["the rollout to go on"] * 50

        def die(told) -> None:
            at.is_ours = not told.waits_for

        at.store.on_told = die
        with pytest.raises(IndexError):
            await at.update()
        at.is_ours, at.store.on_told, at.store.hindrances = True, lambda _: None, []
        end = await at.update(
            at.order(is_adopted=True, step=Step.INSTALLING, from_version="1.0.0", serial="SN-7")
        )
        assert (end.step, end.outcome) == (Step.DONE, Outcome.UPDATED)
        assert (at.device.flash.flashed, at.device.flash.transfers) == (["2.0.0"], 1)


async def test_a_successor_finds_the_old_version_after_an_installation_and_counts_it() -> None:
    async with bench() as at:
        end = await at.update(
            at.order(is_adopted=True, step=Step.REBOOTING, from_version="1.0.0", serial="SN-7")
        )
        assert (end.step, end.outcome) == BACK
        assert at.device.flash.transfers == 0


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"product": "drive-b"}, "The image is made for drive-b, and the device says that it is drive-a."),
        ({"hardware": ("B9",)}, "The image is made for hardware B9, and the device says that it is A1."),
        ({"minimum_from": "1.5.0"}, "needs 1.5.0 or later"),
        ({"version": "0.9.0"}, "needs a signed permit"),
        ({"way": "carrier-pigeon"}, "no way of delivering firmware is called"),
        ({"profile": {}}, "The update profile in the manifest is damaged"),
        ({"expires_at": datetime(2029, 1, 1, tzinfo=UTC)}, "expired on 2029-01-01"),
    ],
)
async def test_a_manifest_that_is_not_for_it_flashes_nothing(changes, sentence: str) -> None:
    async with bench() as at:
        end = await at.update(at.order(replace(MANIFEST, **changes)))
        assert (end.step, end.outcome) == REFUSED
        assert sentence.lower() in end.error.lower()
        assert at.device.flash.transfers == 0


async def test_a_lower_sequence_than_it_ran_is_a_downgrade() -> None:
    async with bench() as at:
        end = await at.update(at.order(sequence_floor=3))
        assert (end.step, end.outcome) == REFUSED
        assert "permit" in end.error


async def test_a_station_that_remembers_more_than_a_database_that_was_set_back_refuses_a_way_back() -> None:
    async with bench() as at:
        assert (await at.update()).outcome is Outcome.UPDATED
        assert at.store.floors == {("D-7", "drive-a"): 2}
        end = await at.update(at.order(replace(MANIFEST, version="2.0.1", sequence=1), sequence_floor=0))
        assert (end.step, end.outcome) == REFUSED
        assert "sequence 1) would bring the device back from 2.0.0 (sequence 2)" in end.error
        assert at.device.flash.flashed == ["2.0.0"]


def permit(**changes: object) -> StoredPermit:
    whole = DowngradePermit("drive-a", "any", "1.0.0", "0.9.0", datetime(2999, 1, 1, tzinfo=UTC))
    data = permit_bytes(replace(whole, **changes))
    return StoredPermit(data, (sign_permit(data, RELEASE_KEY),))


async def test_a_device_goes_back_with_the_permit_that_is_for_it_among_others() -> None:
    older = replace(
        MANIFEST, version="0.9.0", size=len(OLDER), sha256=hashlib.sha256(OLDER).digest(), sequence=1
    )
    async with bench() as at:
        at.store.data = OLDER
        at.store.permits = (permit(from_version="1.5.0"), permit(serial="SN-9"))
        end = await at.update(at.order(older))
        assert (end.step, end.outcome) == REFUSED
        assert "is for devices that run 1.5.0, not 1.0.0" in end.error
        at.store.permits += (permit(serial="SN-7"),)
        end = await at.update(at.order(older))
        assert (end.outcome, at.device.flash.running) == (Outcome.UPDATED, "0.9.0")


async def test_a_good_manifest_of_another_version_than_was_planned_flashes_nothing() -> None:
    async with bench() as at:
        end = await at.update(replace(at.order(), version="2.0.1+drive-a"))
        assert (end.step, end.outcome) == REFUSED
        assert "2.0.1+drive-a was planned" in end.error
        assert at.device.flash.transfers == 0


async def test_unsigned_strangers_and_altered_manifests_flash_nothing() -> None:
    stranger = texts_from_signatures([sign_manifest(manifest_bytes(MANIFEST), STRANGE_KEY)])
    other = replace(MANIFEST, version="2.0.1")
    async with bench() as at:
        good = at.order().signatures
        for order in (
            at.order(signatures={}),
            at.order(signatures=stranger),
            at.order(other, signatures=dict(good)),
        ):
            end = await at.update(order)
            assert (end.step, end.outcome) == REFUSED
        assert at.device.flash.transfers == 0


async def test_a_device_that_is_another_one_by_now_needs_a_person() -> None:
    async with bench() as at:
        end = await at.update(at.order(from_version="1.0.0", serial="SN-8"))
        assert (end.step, end.outcome) == PERSON
        assert "SN-8" in end.error


async def test_a_device_that_runs_something_else_by_now_needs_a_person() -> None:
    async with bench() as at:
        end = await at.update(at.order(from_version="1.1.0", serial="SN-7"))
        assert (end.step, end.outcome) == PERSON
        assert "neither 1.1.0" in end.error


def test_the_image_of_these_tests_is_what_the_manifest_says() -> None:
    assert make_image("drive-a", "2.0.0", 3001) == IMAGE
    assert hashlib.sha256(IMAGE).digest() == MANIFEST.sha256
