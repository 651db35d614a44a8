"""Everything that can go wrong with the device itself: which error it is, and what a successor sees then."""

import math

import pytest

from drivers.errors import LineLost, Refused
from drivers.firmware.target import Phase
from drivers.plant.firmware.opcua_device import Offer
from drivers.plant.firmware.troubles import Step, Trouble, TroubleKind

pytestmark = pytest.mark.asyncio(loop_scope="session")

CACHED, DIRECT = Offer(), Offer(is_direct=True)
BOTH = pytest.mark.parametrize("offer", [CACHED, DIRECT], ids=["cached", "direct"])
BACK_IN_A_MOMENT = 5.0


async def orders_until(target, rig, last: str) -> None:
    """Give all orders before `last`, so that a test can give that one."""
    for name, order in (
        ("prepare", target.prepare),
        ("transfer", lambda: target.transfer(rig.image(), rig.sent.append)),
        ("install", target.install),
    ):
        if name == last:
            return
        await order()


def order_of(target, rig, name: str):
    return target.transfer(rig.image(), rig.sent.append) if name == "transfer" else getattr(target, name)()


@pytest.mark.parametrize(
    ("offer", "kind", "order", "says"),
    [
        (CACHED, TroubleKind.REFUSE_PREPARE, "install", "Prepare"),
        (DIRECT, TroubleKind.REFUSE_PREPARE, "prepare", "Prepare"),
        (CACHED, TroubleKind.REFUSE_IMAGE, "transfer", "the device does not like it"),
        (DIRECT, TroubleKind.REFUSE_IMAGE, "install", "the device does not like it"),
        (CACHED, TroubleKind.REFUSE_INSTALL, "install", "InstallSoftwarePackage"),
        (DIRECT, TroubleKind.REFUSE_INSTALL, "install", "CloseAndCommit"),
    ],
)
async def test_a_device_that_says_no_is_quoted_and_goes_on_as_it_was(
    rig_of, offer, kind, order, says
) -> None:
    rig = rig_of(offer, trouble=Trouble(kind))
    target = await rig.target()
    await orders_until(target, rig, order)
    with pytest.raises(Refused, match=says):
        await order_of(target, rig, order)
    if order == "install":
        assert rig.nodes.device.preparation() == ("PreparedForUpdate" if offer.is_direct else "Idle")
    await target.close()
    second = await rig.target()
    assert (await second.look()).identity.version == "1.0.0"
    rig.flash.trouble = None
    await rig.deliver(second)
    assert (await rig.back(second)).identity.version == "2.0.0"


@BOTH
async def test_firmware_for_another_product_is_refused_with_the_devices_words(rig_of, offer) -> None:
    rig = rig_of(offer)
    target = await rig.target()
    with pytest.raises(Refused, match="it is for pump-a, and this is press-a"):
        await rig.deliver(target, rig.image(product="pump-a"))
    standing = await target.look()
    assert standing.phase is Phase.FAILED
    assert "it is for pump-a" in standing.detail


@pytest.mark.parametrize(
    ("offer", "step", "order", "kind"),
    [
        (CACHED, Step.FINISH, "transfer", TroubleKind.HANG),
        (CACHED, Step.RECEIVE, "transfer", TroubleKind.LOSE_POWER),
        (DIRECT, Step.PREPARE, "prepare", TroubleKind.HANG),
        (DIRECT, Step.RECEIVE, "transfer", TroubleKind.LOSE_POWER),
        *(
            pytest.param(offer, step, order, kind, marks=pytest.mark.slow)
            for offer, step, order, kind in (
                (CACHED, Step.BEGIN, "transfer", TroubleKind.HANG),
                (CACHED, Step.BEGIN, "transfer", TroubleKind.LOSE_POWER),
                (CACHED, Step.RECEIVE, "transfer", TroubleKind.HANG),
                (CACHED, Step.FINISH, "transfer", TroubleKind.LOSE_POWER),
                (DIRECT, Step.PREPARE, "prepare", TroubleKind.LOSE_POWER),
                (DIRECT, Step.BEGIN, "transfer", TroubleKind.HANG),
                (DIRECT, Step.BEGIN, "transfer", TroubleKind.LOSE_POWER),
                (DIRECT, Step.RECEIVE, "transfer", TroubleKind.HANG),
            )
        ),
    ],
)
async def test_a_device_that_stops_answering_is_a_lost_line_and_can_be_begun_anew(
    rig_of, offer, step, order, kind
) -> None:
    rig = rig_of(offer, trouble=Trouble(kind, step, after_bytes=1500, seconds=BACK_IN_A_MOMENT), answer_s=0.0)
    rig.timeout_s = 0.5
    target = await rig.target()
    await orders_until(target, rig, order)
    with pytest.raises(LineLost):
        await order_of(target, rig, order)
    rig.clock.skip(2 * BACK_IN_A_MOMENT)
    second = await rig.target()
    standing = await rig.back(second)
    assert (standing.phase, standing.identity.version) == (Phase.IDLE, "1.0.0")
    await target.close()
    await rig.deliver(second)
    assert (await rig.back(second)).identity.version == "2.0.0"
    assert rig.flash.interleaved == 0


@BOTH
@pytest.mark.parametrize("kind", [TroubleKind.HANG, TroubleKind.LOSE_POWER])
async def test_an_order_to_install_that_is_not_answered_is_given_once(rig_of, offer, kind) -> None:
    rig = rig_of(
        offer, trouble=Trouble(kind, Step.INSTALL, seconds=BACK_IN_A_MOMENT), answer_s=0.0, check_s=0.0
    )
    rig.timeout_s = 0.5
    target = await rig.target()
    await rig.deliver(target)
    rig.clock.skip(2 * BACK_IN_A_MOMENT)
    standing = await rig.back(target)
    assert standing.identity.version == "1.0.0"
    assert rig.flash.flashed == []
    expected = Phase.IDLE if offer.is_direct else Phase.STAGED
    assert standing.phase in (expected, Phase.STAGED)


@pytest.mark.parametrize("kind", [TroubleKind.HANG, TroubleKind.LOSE_POWER])
async def test_a_confirmation_that_is_not_answered_is_a_lost_line(rig_of, kind) -> None:
    rig = rig_of(trouble=Trouble(kind, Step.CONFIRM, seconds=BACK_IN_A_MOMENT), answer_s=0.0)
    rig.timeout_s = 0.5
    target = await rig.target()
    await rig.deliver(target)
    assert (await rig.back(target)).phase is Phase.UNCONFIRMED
    with pytest.raises(LineLost):
        await target.confirm()
    rig.clock.skip(2 * BACK_IN_A_MOMENT)
    standing = await rig.back(target)
    assert (standing.identity.version, standing.phase) == ("1.0.0", Phase.FAILED)


@pytest.mark.parametrize(
    ("trouble", "version", "phase", "says"),
    [
        (Trouble(TroubleKind.FAIL_INSTALL), "1.0.0", Phase.FAILED, "the flash could not be written"),
        (Trouble(TroubleKind.ROLL_BACK), "1.0.0", Phase.FAILED, "2.0.0 did not start"),
        (Trouble(TroubleKind.CLAIM_SUCCESS), "1.0.0", Phase.IDLE, ""),
        (Trouble(TroubleKind.SLOW_REBOOT, seconds=50.0), "2.0.0", Phase.UNCONFIRMED, "confirmed"),
        (Trouble(TroubleKind.UNHEALTHY), "2.0.0", Phase.UNCONFIRMED, "DeviceHealth FAILURE"),
        (Trouble(TroubleKind.OTHER_SERIAL), "2.0.0", Phase.UNCONFIRMED, "confirmed"),
    ],
    ids=lambda value: getattr(value, "kind", None),
)
@pytest.mark.parametrize("offer", [CACHED, pytest.param(DIRECT, marks=pytest.mark.slow)])
async def test_what_became_of_an_installation_is_what_the_device_says(
    rig_of, offer, trouble, version, phase, says
) -> None:
    rig = rig_of(offer, trouble=trouble)
    target = await rig.target()
    await rig.deliver(target)
    await target.close()
    second = await rig.target()
    standing = await rig.back(second)
    is_direct_failure = offer.is_direct and phase is Phase.FAILED
    assert standing.identity.version == version
    assert standing.phase is phase or is_direct_failure
    assert says in standing.detail
    assert standing.is_healthy is (trouble.kind is not TroubleKind.UNHEALTHY)
    is_other = trouble.kind is TroubleKind.OTHER_SERIAL
    assert (standing.identity.serial != rig.flash.make.serial) is is_other


@BOTH
async def test_after_a_failed_installation_the_next_one_begins_from_there(rig_of, offer) -> None:
    rig = rig_of(offer, trouble=Trouble(TroubleKind.FAIL_INSTALL))
    target = await rig.target()
    await rig.deliver(target)
    assert (await rig.back(target)).phase is Phase.FAILED
    await rig.deliver(target)
    assert (await rig.back(target)).identity.version == "2.0.0"


async def test_a_device_that_gives_up_the_new_version_later_says_so(rig_of) -> None:
    rig = rig_of(trouble=Trouble(TroubleKind.ROLL_BACK, seconds=100.0))
    target = await rig.target()
    await rig.deliver(target)
    assert (await rig.back(target)).identity.version == "2.0.0"
    rig.clock.skip(100.0)
    standing = await rig.back(target)
    assert (standing.identity.version, standing.phase) == ("1.0.0", Phase.FAILED)
    assert "its watchdog struck" in standing.detail


async def test_a_device_that_installs_for_ever_goes_on_saying_so(rig_of) -> None:
    rig = rig_of(trouble=Trouble(TroubleKind.STUCK))
    target = await rig.target()
    await rig.deliver(target)
    rig.clock.skip(100_000.0)
    assert (await target.look()).phase is Phase.INSTALLING


async def test_a_device_that_never_comes_back_is_a_lost_line(rig_of) -> None:
    rig = rig_of(trouble=Trouble(TroubleKind.NEVER_BACK, seconds=math.inf))
    target = await rig.target()
    await rig.deliver(target)
    rig.clock.skip(100_000.0)
    with pytest.raises(LineLost):
        await target.look()
