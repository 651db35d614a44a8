"""Servers that do not keep to the specification, or belong to somebody else at the moment."""

import asyncio

import pytest
from asyncua import ua

from drivers.errors import LineLost, NeedsHuman, Refused
from drivers.firmware.target import Phase
from drivers.plant.firmware.opcua_device import Offer
from drivers.plant.firmware.opcua_nodes import Bad, node_id

pytestmark = pytest.mark.asyncio(loop_scope="session")

LOADING = "SoftwareUpdate/Loading"
TRANSFER = f"{LOADING}/FileTransfer"
V = ua.VariantType


async def transferred(rig, size: int = 5000) -> None:
    target = await rig.target()
    await target.prepare()
    await target.transfer(rig.image(size=size), rig.sent.append)


@pytest.mark.parametrize(
    ("told", "blocks"), [(0, [0, 5000]), (2**32 - 1, [0, 5000]), (4999, [0, 4999, 5000])]
)
async def test_blocks_are_as_large_as_the_server_wants_them_where_it_can_have_them(
    rig_of, told, blocks
) -> None:
    rig = rig_of(Offer(write_block=told))
    await transferred(rig)
    assert rig.sent == blocks
    assert rig.flash.pending == "2.0.0"


async def test_blocks_that_no_request_holds_are_named_to_a_person(rig_of) -> None:
    rig = rig_of(Offer(write_block=2**32 - 1))
    with pytest.raises(NeedsHuman, match=r"blocks of 4294967295 bytes \(WriteBlockSize\)"):
        await transferred(rig, size=5 * 1024 * 1024)
    assert rig.sent == []


@pytest.mark.parametrize(
    "path",
    [
        "SoftwareUpdate",
        LOADING,
        f"{TRANSFER}/GenerateFileForWrite",
        f"{TRANSFER}/CloseAndCommit",
        f"{LOADING}/PendingVersion/SoftwareRevision",
        "SoftwareUpdate/PrepareForUpdate/Prepare",
        "SoftwareUpdate/Installation/InstallSoftwarePackage",
        "SoftwareUpdate/Installation/CurrentState",
        "SoftwareUpdate/Confirmation/Confirm",
        "Lock/InitLock",
    ],
)
async def test_what_is_missing_is_named_to_a_person_before_anything_is_begun(rig_of, path) -> None:
    rig = rig_of()
    rig.hide(path)
    target = await rig.target()
    with pytest.raises(NeedsHuman, match=path.rpartition("/")[2]):
        await target.prepare()
    assert rig.flash.transfers == 0


async def test_without_a_confirm_method_a_person_is_asked(rig_of) -> None:
    rig = rig_of()
    target = await rig.target()
    await rig.deliver(target)
    await rig.back(target)
    rig.hide("SoftwareUpdate/Confirmation/Confirm")
    second = await rig.target()
    with pytest.raises(NeedsHuman, match="Confirmation/Confirm"):
        await second.confirm()


@pytest.mark.parametrize(
    ("takes", "path", "order"),
    [
        ((V.String,), "SoftwareUpdate/Installation/InstallSoftwarePackage", "install"),
        ((V.Int32, V.Int32), f"{TRANSFER}/GenerateFileForWrite", "transfer"),
        ((), f"{TRANSFER}/CloseAndCommit", "transfer"),
    ],
)
async def test_a_method_with_other_arguments_is_named_to_a_person(rig_of, takes, path, order) -> None:
    rig = rig_of()

    async def never(*values: object) -> tuple[ua.Variant, ...]:
        raise AssertionError("called with arguments that it does not take")

    rig.stand.nodes.answer(rig.node(path), takes, never)
    with pytest.raises(NeedsHuman, match=path.rpartition("/")[2]):
        await rig.deliver(await rig.target())
    assert rig.flash.running == "1.0.0"


@pytest.mark.parametrize(
    "returned",
    [
        (),
        (ua.Variant(ua.NodeId(), V.NodeId), ua.Variant(1, V.UInt32)),
        (ua.Variant("file", V.String), ua.Variant(1, V.UInt32)),
        (ua.Variant(node_id("file", 1), V.NodeId),),
        (ua.Variant(node_id("file", 1), V.NodeId), ua.Variant("1", V.String)),
    ],
)
async def test_a_file_that_is_none_is_named_to_a_person(rig_of, returned) -> None:
    rig = rig_of()

    async def generate(which: int) -> tuple[ua.Variant, ...]:
        return returned

    rig.stand.nodes.answer(rig.node(f"{TRANSFER}/GenerateFileForWrite"), (V.Int32,), generate)
    with pytest.raises(NeedsHuman, match="GenerateFileForWrite returned"):
        await transferred(rig)
    assert rig.sent == []


async def test_somebody_elses_file_is_not_written_to(rig_of) -> None:
    other = rig_of(Offer(is_direct=True, has_lock=False, has_prepare=False))
    await transferred(other)
    other.stand.remove(other.name)
    rig = rig_of(Offer(has_lock=False))
    (theirs,) = rig.stand.files.handles.values()

    async def generate(which: int) -> tuple[ua.Variant, ...]:
        return ua.Variant(theirs.node, V.NodeId), ua.Variant(theirs.handle, V.UInt32)

    rig.stand.nodes.answer(rig.node(f"{TRANSFER}/GenerateFileForWrite"), (V.Int32,), generate)
    with pytest.raises(Refused, match="GetPosition"):
        await transferred(rig)
    assert theirs.position == 5000


async def test_a_file_in_which_something_stands_already_is_not_written_to(rig_of) -> None:
    rig = rig_of()
    device = rig.nodes.device
    generate_well = device.on_generate

    async def generate(which: int) -> tuple[ua.Variant, ...]:
        node, handle = await generate_well(which)
        rig.stand.files.handles[handle.Value].position = 77
        return node, handle

    rig.stand.nodes.answer(rig.node(f"{TRANSFER}/GenerateFileForWrite"), (V.Int32,), generate)
    with pytest.raises(Refused, match="77 bytes were written already"):
        await transferred(rig)
    assert rig.sent == []


async def test_a_file_that_another_writes_to_is_noticed_at_its_end(rig_of) -> None:
    rig = rig_of()
    target = await rig.target()
    await target.prepare()

    def meddle(sent: int) -> None:
        for opened in rig.stand.files.handles.values():
            opened.position += 1 if sent == 5000 else 0

    with pytest.raises(Refused, match="at byte 5001 after 5000 were written"):
        await target.transfer(rig.image(), meddle)


async def test_a_commit_that_hangs_ends_as_a_lost_line(rig_of) -> None:
    rig = rig_of(check_s=0.1)
    rig.timeout_s = 0.5

    async def hang(handle: int) -> tuple[ua.Variant, ...]:
        await asyncio.Event().wait()
        return ()

    rig.stand.nodes.answer(rig.node(f"{TRANSFER}/CloseAndCommit"), (V.UInt32,), hang)
    with pytest.raises(LineLost, match="No answer"):
        await transferred(rig)


async def test_an_error_of_the_completion_is_a_refusal(rig_of) -> None:
    rig = rig_of(Offer(check_s=0.05))
    target = await rig.target()
    await target.prepare()
    with pytest.raises(Refused, match="did not accept the package: image refused"):
        await target.transfer(rig.image(product="pump-a"), rig.sent.append)
    assert (await target.look()).phase is Phase.FAILED


async def test_another_package_than_was_sent_is_a_refusal(rig_of) -> None:
    rig = rig_of()
    target = await rig.target()
    image = rig.image()
    with pytest.raises(Refused, match=r"says that it holds 2\.0\.0 instead of 3\.0\.0"):
        await target.transfer(type(image)(image.data, "3.0.0", image.product, image.sha256), rig.sent.append)


async def test_another_hash_than_was_sent_is_a_refusal(rig_of) -> None:
    rig = rig_of()
    target = await rig.target()
    image = rig.image()
    with pytest.raises(Refused, match="the hash of the package"):
        await target.transfer(type(image)(image.data, "2.0.0", image.product, bytes(32)), rig.sent.append)


def shows(rig, path: str, variant: ua.Variant) -> None:
    rig.stand.server.iserver.set_attribute_value_callback(rig.node(path), lambda *_: ua.DataValue(variant))


async def test_a_state_that_nobody_knows_is_named_to_a_person(rig_of) -> None:
    rig = rig_of()
    state = "SoftwareUpdate/Installation/CurrentState"
    shows(rig, state, ua.Variant(ua.LocalizedText("Pondering"), V.LocalizedText))
    shows(rig, f"{state}/Id", ua.Variant(node_id(9999, 3), V.NodeId))
    shows(rig, f"{state}/Number", ua.Variant(99, V.UInt32))
    with pytest.raises(NeedsHuman, match="Installation is in the state 'Pondering'"):
        await (await rig.target()).look()


@pytest.mark.parametrize("told_by", ["name", "number"])
async def test_a_state_is_known_by_its_name_or_number_too(rig_of, told_by) -> None:
    rig = rig_of()
    state = "SoftwareUpdate/Installation/CurrentState"
    words = "Installing" if told_by == "name" else "Installiert"
    shows(rig, state, ua.Variant(ua.LocalizedText(words), V.LocalizedText))
    shows(rig, f"{state}/Id", ua.Variant(node_id("its own", 1), V.NodeId))
    shows(rig, f"{state}/Number", ua.Variant(2 if told_by == "number" else 0, V.UInt32))
    assert (await (await rig.target()).look()).phase is Phase.INSTALLING


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (ua.StatusCodes.BadUserAccessDenied, NeedsHuman),
        (ua.StatusCodes.BadNotImplemented, NeedsHuman),
        (ua.StatusCodes.BadInvalidState, Refused),
        (ua.StatusCodes.BadOutOfMemory, Refused),
        (ua.StatusCodes.BadNoCommunication, LineLost),
        (ua.StatusCodes.BadSessionClosed, LineLost),
    ],
)
async def test_a_status_code_is_an_error_by_who_can_help(rig_of, code, error) -> None:
    rig = rig_of()

    async def say(which: int) -> tuple[ua.Variant, ...]:
        raise Bad(code)

    rig.stand.nodes.answer(rig.node(f"{TRANSFER}/GenerateFileForWrite"), (V.Int32,), say)
    with pytest.raises(error, match=str(ua.StatusCode(ua.UInt32(code)).name)):
        await transferred(rig)


async def test_a_device_that_another_has_locked_is_refused_by_the_others_name(rig_of) -> None:
    rig = rig_of()
    first, second = await rig.target(), await rig.target()
    await first.prepare()
    with pytest.raises(Refused, match=r"locked by .+; wait until it is free"):
        await second.prepare()
    await first.close()
    await second.prepare()


async def test_nodes_that_moved_are_looked_for_anew(rig_of) -> None:
    rig = rig_of()
    target = await rig.target()
    await target.look()
    for path in ("SerialNumber", "SoftwareRevision"):
        rig.hide(path)
        rig.stand.nodes.forget(rig.node(path))
    with pytest.raises(LineLost, match="looked for anew"):
        await target.look()
    assert (await target.look()).identity.serial == ""


async def test_several_devices_are_named_to_a_person(rig_of) -> None:
    rig = rig_of()
    rig_of()
    with pytest.raises(NeedsHuman, match=r"2 devices in its DeviceSet \(Press\d+, Press\d+\)"):
        await (await rig.target()).look()


async def test_the_starting_node_says_which_of_several_devices_is_meant(rig_of) -> None:
    rig, other = rig_of(), rig_of()
    rig.start = (
        f"path=nsu=http://opcfoundation.org/UA/DI/;DeviceSet/nsu=http://opcfoundation.org/UA/DI/;{rig.name}"
    )
    assert (await (await rig.target()).look()).identity.serial == rig.flash.make.serial
    other.start = f"ns=1;s={other.name}"
    assert (await (await other.target()).look()).identity.serial == other.flash.make.serial
    other.start = "ns=1;s=Nobody"
    with pytest.raises(NeedsHuman, match="Nobody"):
        await (await other.target()).look()


async def test_a_transfer_of_its_own_looks_first_whether_it_can_be_ended(rig_of) -> None:
    rig = rig_of()
    rig.hide(f"{TRANSFER}/CloseAndCommit")
    with pytest.raises(NeedsHuman, match="CloseAndCommit"):
        await (await rig.target()).transfer(rig.image(), rig.sent.append)
    assert (rig.sent, rig.flash.transfers) == ([], 0)


@pytest.mark.parametrize("last", ["confirm", "abandon"])
async def test_a_device_is_free_once_an_update_is_over(rig_of, last) -> None:
    rig = rig_of()
    first, second = await rig.target(), await rig.target()
    await first.prepare()
    await getattr(first, last)()
    await second.prepare()


async def test_of_several_devices_the_only_one_that_takes_firmware_is_meant(rig_of, file_rig_of) -> None:
    rig = rig_of()
    file_rig_of()
    assert (await (await rig.target()).look()).identity.serial == rig.flash.make.serial
