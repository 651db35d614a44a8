"""Firmware as a plain file of an OPC UA server, and what a second station sees of it at each step."""

import pytest
from asyncua import ua
from pydantic import ValidationError

from drivers.errors import LineLost, NeedsHuman, Refused
from drivers.firmware.opcua_file import OpcuaFileProfile
from drivers.firmware.target import Identity, Phase
from drivers.plant.firmware.flash import FlashState
from drivers.plant.firmware.habits import Habits
from drivers.plant.firmware.products import OPCUA_FILE_PROFILE as PROFILE
from drivers.plant.firmware.products import OPCUA_READY as READY
from drivers.plant.firmware.products import OPCUA_STATES
from drivers.plant.firmware.troubles import Step, Trouble, TroubleKind

pytestmark = pytest.mark.asyncio(loop_scope="session")

CONFIRMED = Habits(needs_prepare=True, confirm_within_s=60.0)
LATER_S = 5.0


async def test_a_device_takes_a_file_and_stays_with_it_once_confirmed(file_rig_of) -> None:
    rig = file_rig_of(CONFIRMED)
    target = await rig.target()
    image = rig.image()
    await rig.deliver(target, image)
    assert rig.flash.image == image.data
    assert rig.sent == [0, 1024, 2048, 3072, 4096, 5000]
    assert rig.stand.nodes.value(rig.node("Control/Command")) == READY
    assert (await rig.back(target)).phase is Phase.UNCONFIRMED
    await target.confirm()
    rig.clock.skip(100_000)
    standing = await target.look()
    assert standing.identity == Identity("press-a", "A1", rig.flash.make.serial, "2.0.0")
    assert (standing.phase, standing.is_healthy, standing.detail) == (Phase.IDLE, True, "")


async def test_a_file_that_nobody_confirms_is_given_up(file_rig_of) -> None:
    rig = file_rig_of(CONFIRMED)
    target = await rig.target()
    await rig.deliver(target)
    await rig.back(target)
    with pytest.raises(Refused, match="unconfirmed"):
        await target.prepare()
    rig.clock.skip(60.0)
    standing = await rig.back(target)
    assert (standing.identity.version, standing.phase) == ("1.0.0", Phase.FAILED)
    assert "nobody confirmed it in time" in standing.detail


async def test_a_successor_sees_what_lies_there_and_installs_it(file_rig_of) -> None:
    rig = file_rig_of()
    first = await rig.target()
    await first.transfer(rig.image(), rig.sent.append)
    await first.close()
    second = await rig.target()
    standing = await second.look()
    assert (standing.phase, standing.pending_version) == (Phase.STAGED, "2.0.0")
    await second.install()
    assert (await rig.back(second)).identity.version == "2.0.0"


async def test_after_a_station_died_in_a_transfer_its_successor_begins_anew(file_rig_of) -> None:
    rig = file_rig_of()
    first, second = await rig.target(), await rig.target()

    def die(sent: int) -> None:
        if sent >= 2048:
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await first.transfer(rig.image(), die)
    assert (await second.look()).phase is Phase.RECEIVING
    with pytest.raises(NeedsHuman, match="Open"):
        await second.transfer(rig.image(), rig.sent.append)
    await first.close()
    assert (await second.look()).phase is Phase.IDLE
    await rig.deliver(second)
    assert (await rig.back(second)).identity.version == "2.0.0"


async def test_where_closing_is_the_order_the_file_is_open_until_then(file_rig_of) -> None:
    rig = file_rig_of(install=None)
    target = await rig.target()
    await target.transfer(rig.image(), rig.sent.append)
    standing = await target.look()
    assert (standing.phase, standing.pending_version) == (Phase.STAGED, "2.0.0")
    assert rig.flash.state(rig.clock()) is FlashState.RECEIVING
    await target.abandon()
    assert rig.flash.state(rig.clock()) is FlashState.IDLE
    await target.transfer(rig.image(), rig.sent.append)
    await target.install()
    assert rig.flash.state(rig.clock()) is FlashState.STAGED
    with pytest.raises(Refused, match="went with its session"):
        await target.install()


@pytest.mark.parametrize(
    ("kind", "order", "says"),
    [
        (TroubleKind.REFUSE_PREPARE, "transfer", "Firmware.Open"),
        (TroubleKind.REFUSE_IMAGE, "transfer", "Firmware.Close"),
        (TroubleKind.REFUSE_INSTALL, "install", "Control/Install"),
    ],
)
async def test_a_device_that_says_no_goes_on_as_it_was(file_rig_of, kind, order, says) -> None:
    rig = file_rig_of(trouble=Trouble(kind))
    target = await rig.target()
    await target.prepare()
    with pytest.raises(Refused, match=says):
        await rig.deliver(target)
    rig.flash.trouble = None
    second = await rig.target()
    assert (await second.look()).identity.version == "1.0.0"
    await target.close()
    await rig.deliver(second)
    assert (await rig.back(second)).identity.version == "2.0.0"


@pytest.mark.parametrize("step", [Step.BEGIN, Step.RECEIVE, Step.FINISH])
async def test_a_device_that_loses_its_power_can_be_begun_anew(file_rig_of, step) -> None:
    rig = file_rig_of(trouble=Trouble(TroubleKind.LOSE_POWER, step, after_bytes=1500))
    target = await rig.target()
    with pytest.raises(LineLost):
        await rig.deliver(target)
    await target.close()
    second = await rig.target()
    assert (await rig.back(second)).identity.version == "1.0.0"
    await rig.deliver(second)
    assert (await rig.back(second)).identity.version == "2.0.0"


@pytest.mark.parametrize(
    ("trouble", "version", "phase", "says"),
    [
        (Trouble(TroubleKind.LOSE_POWER, Step.INSTALL), "1.0.0", Phase.STAGED, ""),
        (Trouble(TroubleKind.FAIL_INSTALL), "1.0.0", Phase.FAILED, "could not be written"),
        (Trouble(TroubleKind.ROLL_BACK), "1.0.0", Phase.FAILED, "did not start"),
        (Trouble(TroubleKind.CLAIM_SUCCESS), "1.0.0", Phase.IDLE, ""),
        (Trouble(TroubleKind.SLOW_REBOOT, seconds=50.0), "2.0.0", Phase.IDLE, ""),
        (Trouble(TroubleKind.UNHEALTHY), "2.0.0", Phase.IDLE, ""),
    ],
    ids=lambda value: getattr(value, "kind", None),
)
async def test_what_became_of_an_installation_is_what_the_device_says(
    file_rig_of, trouble, version, phase, says
) -> None:
    rig = file_rig_of(trouble=trouble)
    target = await rig.target()
    await rig.deliver(target)
    standing = await rig.back(target)
    assert (standing.identity.version, standing.phase) == (version, phase)
    assert says in standing.detail
    assert standing.is_healthy is (trouble.kind is not TroubleKind.UNHEALTHY)


async def test_a_state_without_a_meaning_is_named_to_a_person(file_rig_of) -> None:
    rig = file_rig_of(state={"node": "Control/State", "meanings": {"77": "idle"}})
    with pytest.raises(NeedsHuman, match="Control/State says '0'"):
        await (await rig.target()).look()


@pytest.mark.parametrize(
    ("changes", "order"),
    [
        ({"file": "Nowhere"}, "transfer"),
        ({"install": {"call": "Control/Nowhere"}}, "install"),
        ({"prepare": {"write": "Nowhere", "value": 1}}, "prepare"),
        ({"state": {"node": "Nowhere", "meanings": {"0": "idle"}}}, "look"),
    ],
)
async def test_a_node_that_is_not_there_is_named_to_a_person(file_rig_of, changes, order) -> None:
    rig = file_rig_of(**changes)
    target = await rig.target()
    orders = {
        "look": target.look,
        "prepare": target.prepare,
        "transfer": lambda: target.transfer(rig.image(), rig.sent.append),
        "install": target.install,
    }
    with pytest.raises(NeedsHuman, match="Nowhere"):
        await orders[order]()


async def test_a_value_that_the_node_cannot_hold_is_refused(file_rig_of) -> None:
    rig = file_rig_of(prepare={"write": "Control/Command", "value": 70_000})
    with pytest.raises(NeedsHuman, match="Control/Command"):
        await (await rig.target()).prepare()


@pytest.mark.parametrize(
    "changes",
    [
        {"install": {}},
        {"install": {"call": "A", "write": "B", "value": 1}},
        {"install": {"write": "B"}},
        {"install": {"call": "ns=1;s=Install"}},
        {"file": "Firmware//Image"},
        {"file": "ns=x;s=Image"},
        {"state": {"node": "State", "meanings": {"0": "dreaming"}}},
        {"block_bytes": 0},
        {"nonsense": 1},
    ],
)
async def test_a_profile_that_makes_no_sense_is_refused(changes) -> None:
    with pytest.raises(ValidationError):
        OpcuaFileProfile.model_validate(PROFILE | changes)


def shows(rig, path: str, *variants: ua.Variant) -> None:
    """Let a node show one value after the other, and then the last for ever."""
    left = list(variants)
    rig.stand.server.iserver.set_attribute_value_callback(
        rig.node(path), lambda *_: ua.DataValue(left.pop(0) if len(left) > 1 else left[0])
    )


async def test_a_file_of_another_size_than_was_written_is_refused(file_rig_of) -> None:
    rig = file_rig_of()
    shows(rig, "Firmware/Size", ua.Variant(4999, ua.VariantType.UInt64))
    with pytest.raises(Refused, match="has 4999 bytes instead of the 5000"):
        await (await rig.target()).transfer(rig.image(), rig.sent.append)


async def test_a_file_that_is_still_checked_when_it_is_closed_is_waited_for(file_rig_of) -> None:
    receiving, staged, failed = (
        ua.Variant(OPCUA_STATES.index(state), ua.VariantType.Int32)
        for state in (FlashState.RECEIVING, FlashState.STAGED, FlashState.FAILED)
    )
    rig = file_rig_of()
    target = await rig.target()
    shows(rig, "Control/State", receiving, receiving, staged)
    await target.transfer(rig.image(), rig.sent.append)
    shows(rig, "Control/State", receiving, failed)
    with pytest.raises(Refused, match="was not accepted"):
        await target.transfer(rig.image(), rig.sent.append)
    rig.profile = rig.profile.model_copy(update={"check_s": 0.0})
    shows(rig, "Control/State", receiving)
    with pytest.raises(LineLost, match="has been checking the file"):
        await (await rig.target()).transfer(rig.image(), rig.sent.append)
