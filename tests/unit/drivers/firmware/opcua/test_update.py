"""A software update as it should go, and what a second station sees of it at each step."""

import asyncio

import pytest

from drivers.errors import LineLost, Refused
from drivers.firmware.target import Identity, Phase
from drivers.plant.firmware.flash import FlashState
from drivers.plant.firmware.habits import Habits
from drivers.plant.firmware.opcua_device import Offer

pytestmark = pytest.mark.asyncio(loop_scope="session")

CACHED, DIRECT = Offer(), Offer(is_direct=True)
BOTH = pytest.mark.parametrize("offer", [CACHED, DIRECT], ids=["cached", "direct"])


class OtherStation(Exception):
    """The device is another station's now."""


@BOTH
async def test_a_device_takes_new_firmware_and_stays_with_it_once_confirmed(rig_of, offer) -> None:
    rig = rig_of(offer)
    target = await rig.target()
    before = await target.look()
    assert (before.identity.version, before.phase, before.is_healthy) == ("1.0.0", Phase.IDLE, True)
    image = rig.image()
    await rig.deliver(target, image)
    assert rig.flash.image == image.data
    assert rig.sent == [0, 1024, 2048, 3072, 4096, 5000]
    standing = await rig.back(target)
    assert (standing.identity.version, standing.phase) == ("2.0.0", Phase.UNCONFIRMED)
    await target.confirm()
    after = await target.look()
    assert after.identity == Identity("press-a", "A1", rig.flash.make.serial, "2.0.0")
    assert (after.phase, after.pending_version, after.detail) == (Phase.IDLE, "", "")
    rig.clock.skip(100_000)
    assert (await target.look()).identity.version == "2.0.0"


@pytest.mark.parametrize("is_direct", [False, True])
async def test_a_device_without_optional_parts_takes_new_firmware_too(rig_of, is_direct) -> None:
    rig = rig_of(
        Offer(
            is_direct,
            has_lock=False,
            has_prepare=False,
            has_confirmation=False,
            has_health=False,
            has_hash=False,
            has_clear=False,
            write_block=None,
        )
    )
    target = await rig.target()
    await rig.deliver(target)
    standing = await rig.back(target)
    assert (standing.identity.version, standing.phase, standing.is_healthy) == ("2.0.0", Phase.IDLE, None)
    await target.confirm()
    await target.abandon()


@BOTH
async def test_a_transfer_stops_before_the_block_that_must_not_be_sent(rig_of, offer) -> None:
    rig = rig_of(offer)
    target = await rig.target()
    await target.prepare()

    def until_third(sent: int) -> None:
        if sent >= 2048:
            raise OtherStation

    with pytest.raises(OtherStation):
        await target.transfer(rig.image(), until_third)
    assert rig.flash.received(rig.clock()) == 2048
    await target.close()
    assert rig.flash.state(rig.clock()) is FlashState.IDLE


@BOTH
async def test_after_a_station_died_in_a_transfer_its_successor_begins_anew(rig_of, offer) -> None:
    rig = rig_of(offer)
    first = await rig.target()
    await first.prepare()
    begun = asyncio.Event()

    def note(sent: int) -> None:
        if sent:
            begun.set()

    rig.profile = rig.profile.model_copy(update={"answer_s": 5.0})
    transfer = asyncio.create_task(first.transfer(rig.image(size=200_000), note))
    await begun.wait()
    transfer.cancel()
    await asyncio.wait({transfer})
    await first.close()
    second = await rig.target()
    standing = await second.look()
    assert (standing.phase, standing.received_bytes, standing.identity.version) == (Phase.IDLE, 0, "1.0.0")
    await rig.deliver(second)
    assert (await rig.back(second)).identity.version == "2.0.0"
    assert rig.flash.interleaved == 0


async def test_a_successor_installs_what_lies_on_the_device(rig_of) -> None:
    rig = rig_of()
    first = await rig.target()
    await first.prepare()
    await first.transfer(rig.image(), rig.sent.append)
    await first.close()
    second = await rig.target()
    standing = await second.look()
    assert (standing.phase, standing.pending_version) == (Phase.STAGED, "2.0.0")
    await second.install()
    assert (await rig.back(second)).identity.version == "2.0.0"


async def test_a_direct_package_is_staged_for_the_session_that_holds_it_only(rig_of) -> None:
    rig = rig_of(DIRECT)
    first = await rig.target()
    await first.prepare()
    await first.transfer(rig.image(), rig.sent.append)
    standing = await first.look()
    assert (standing.phase, standing.pending_version) == (Phase.STAGED, "2.0.0")
    second = await rig.target()
    assert (await second.look()).phase is Phase.IDLE
    with pytest.raises(Refused, match="locked by"):
        await second.install()
    await first.close()
    with pytest.raises(Refused, match="went with its session"):
        await second.install()


async def test_a_successor_sees_that_a_device_installs(rig_of) -> None:
    rig = rig_of(habits=Habits(install_s=1000.0))
    first = await rig.target()
    await rig.deliver(first)
    await first.close()
    second = await rig.target()
    standing = await second.look()
    assert (standing.phase, standing.pending_version) == (Phase.INSTALLING, "2.0.0")
    with pytest.raises(Refused, match="installing already"):
        await second.prepare()
    with pytest.raises(Refused, match="installing already"):
        await second.abandon()


async def test_a_successor_sees_how_long_a_confirmation_is_waited_for(rig_of) -> None:
    rig = rig_of(confirm_within_s=3600.0)
    first = await rig.target()
    await rig.deliver(first)
    await rig.back(first)
    await first.close()
    standing = await (await rig.target()).look()
    assert standing.phase is Phase.UNCONFIRMED
    words, _, rest = standing.detail.partition(" in ")
    assert words == "it goes back by itself"
    assert 3590 <= float(rest.partition(" ")[0]) <= 3600


async def test_a_device_that_nobody_confirms_goes_back_and_says_why(rig_of) -> None:
    rig = rig_of(habits=Habits(reboot_s=20.0), confirm_within_s=600.0)
    target = await rig.target()
    await rig.deliver(target)
    assert (await rig.back(target)).phase is Phase.UNCONFIRMED
    rig.clock.skip(500.0)
    assert (await target.look()).phase is Phase.UNCONFIRMED
    rig.clock.skip(100.0)
    with pytest.raises(LineLost):
        await target.look()
    standing = await rig.back(target)
    assert (standing.identity.version, standing.phase) == ("1.0.0", Phase.FAILED)
    assert "nobody confirmed it in time" in standing.detail


async def test_a_package_that_is_checked_for_long_is_waited_for(rig_of) -> None:
    rig = rig_of(Offer(check_s=0.05))
    target = await rig.target()
    await target.prepare()
    await target.transfer(rig.image(), rig.sent.append)
    assert (await target.look()).phase is Phase.STAGED


async def test_a_package_that_is_checked_for_too_long_is_looked_at_later(rig_of) -> None:
    rig = rig_of(Offer(check_s=1000.0), check_s=0.0)
    target = await rig.target()
    await target.prepare()
    with pytest.raises(LineLost, match="has been checking the package"):
        await target.transfer(rig.image(), rig.sent.append)
    second = await rig.target()
    assert (await second.look()).phase is Phase.RECEIVING
    rig.clock.skip(1000.0)
    assert (await second.look()).phase is Phase.STAGED


@pytest.mark.parametrize("is_direct", [False, True])
async def test_a_slow_preparation_is_waited_for_and_gone_on_with(rig_of, is_direct) -> None:
    rig = rig_of(Offer(is_direct, prepare_s=1000.0), prepare_s=0.0)
    target = await rig.target()
    if not is_direct:
        await target.prepare()
        await target.transfer(rig.image(), rig.sent.append)
    order = target.prepare if is_direct else target.install
    with pytest.raises(LineLost, match="has been preparing itself"):
        await order()
    rig.clock.skip(1000.0)
    await order()


async def test_power_that_a_person_has_to_cycle_is_said(rig_of) -> None:
    rig = rig_of(habits=Habits(reboots_itself=False))
    target = await rig.target()
    await rig.deliver(target)
    standing = await target.look()
    assert standing.phase is Phase.INSTALLING
    assert "power to be switched off and on" in standing.detail
    rig.flash.restart(rig.clock())
    assert (await rig.back(target)).identity.version == "2.0.0"


@BOTH
async def test_what_was_begun_can_be_taken_back(rig_of, offer) -> None:
    rig = rig_of(offer)
    target = await rig.target()
    await target.prepare()
    await target.transfer(rig.image(), rig.sent.append)
    await target.abandon()
    assert rig.flash.state(rig.clock()) is FlashState.IDLE
    assert rig.nodes.device.preparation() == "Idle"
    standing = await (await rig.target()).look()
    assert (standing.phase, standing.identity.version) == (Phase.IDLE, "1.0.0")
    await target.abandon()


async def test_looking_and_closing_change_nothing(rig_of) -> None:
    rig = rig_of()
    target = await rig.target()
    for _ in range(3):
        await target.look()
    await target.close()
    await target.close()
    assert (rig.flash.transfers, rig.flash.reboots, rig.flash.flashed) == (0, 0, [])


async def test_confirming_what_does_not_wait_for_it_is_nothing(rig_of) -> None:
    rig = rig_of()
    target = await rig.target()
    await target.confirm()
    assert (await target.look()).phase is Phase.IDLE
