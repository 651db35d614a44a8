"""Both ways that carry bytes over Modbus × all that can go wrong: the right branch, and no dead device."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator

import pytest

from drivers.errors import DriverError, LineLost, NeedsHuman, Refused
from drivers.firmware.target import Phase
from drivers.modbus.hub import ModbusHub
from drivers.plant.faults import Fault, FaultKind
from drivers.plant.firmware.flash import FlashState, Silent
from drivers.plant.firmware.troubles import Step, Trouble, TroubleKind
from tests.contract.firmware.updatable import (
    PROFILES,
    UNIT,
    image_of,
    looked,
    settled,
    unheeded,
    updatable,
    updated,
)

WAYS = pytest.mark.parametrize("way", list(PROFILES))
IMAGE = image_of()
LATER = 0.15
"""A hang or a reboot that is longer than a request takes."""


class NotMine(Exception):
    """The device is another station's."""


@pytest.fixture
async def hub() -> AsyncIterator[ModbusHub]:
    made = ModbusHub()
    yield made
    await made.close()


@WAYS
async def test_device_runs_the_new_firmware_and_is_the_same_device(hub: ModbusHub, way: str) -> None:
    async with updatable() as device:
        target = device.target(hub, way)
        await target.open()
        before = await target.look()
        assert await updated(target, IMAGE) == ("install", None)
        after = await settled(target, device.flash)

        assert (before.identity.version, before.phase, before.is_healthy) == ("1.0.0", Phase.IDLE, True)
        assert (after.identity.version, after.phase, after.is_healthy) == ("2.0.0", Phase.IDLE, True)
        assert (after.identity.product, after.identity.hardware) == ("drive-a", "A1")
        assert after.identity.serial == before.identity.serial == "SN-7"
        assert device.flash.image == IMAGE.data
        assert (device.flash.flashed, device.flash.transfers) == (["2.0.0"], 1)
        await target.close()
        await target.close()


@WAYS
async def test_staged_firmware_is_told_before_it_is_installed(hub: ModbusHub, way: str) -> None:
    async with updatable() as device:
        target = device.target(hub, way)
        await target.open()
        await target.prepare()
        await target.transfer(IMAGE, unheeded)

        standing = await target.look()
        assert (standing.phase, standing.pending_version) == (Phase.STAGED, "2.0.0")
        await target.abandon()
        assert (await target.look()).phase is Phase.IDLE


@WAYS
@pytest.mark.parametrize(
    ("trouble", "step", "error"),
    [
        (Trouble(TroubleKind.REFUSE_PREPARE), "prepare", Refused),
        (Trouble(TroubleKind.REFUSE_IMAGE), "transfer", Refused),
        (Trouble(TroubleKind.REFUSE_INSTALL), "install", Refused),
        (Trouble(TroubleKind.HANG, Step.PREPARE, seconds=LATER), "prepare", LineLost),
        (Trouble(TroubleKind.HANG, Step.BEGIN, seconds=LATER), "transfer", LineLost),
        (Trouble(TroubleKind.HANG, Step.RECEIVE, 1000, seconds=LATER), "transfer", LineLost),
        (Trouble(TroubleKind.HANG, Step.FINISH, seconds=LATER), "transfer", LineLost),
        (Trouble(TroubleKind.LOSE_POWER, Step.PREPARE), "prepare", LineLost),
        (Trouble(TroubleKind.LOSE_POWER, Step.BEGIN), "transfer", LineLost),
        (Trouble(TroubleKind.LOSE_POWER, Step.RECEIVE, 1000), "transfer", LineLost),
        (Trouble(TroubleKind.LOSE_POWER, Step.FINISH), "transfer", LineLost),
    ],
    ids=lambda value: f"{value.kind}-{value.step}" if isinstance(value, Trouble) else None,
)
async def test_what_breaks_before_the_installation_leaves_what_ran(
    hub: ModbusHub, way: str, trouble: Trouble, step: str, error: type[DriverError]
) -> None:
    async with updatable(trouble) as device:
        target = device.target(hub, way)
        failed_at, raised = await updated(target, IMAGE)
        assert failed_at == step
        assert type(raised) is error or isinstance(raised, error)

        standing = await looked(target)
        assert standing.identity.version == "1.0.0"
        assert standing.phase is not Phase.INSTALLING
        assert not device.flash.flashed
        # A successor gets through, whatever was left behind.
        device.flash.trouble = None
        assert await updated(target, IMAGE) == ("install", None)
        assert (await settled(target, device.flash)).identity.version == "2.0.0"
        assert (device.flash.is_bricked, device.flash.interleaved) == (False, 0)


@WAYS
@pytest.mark.parametrize(
    ("trouble", "phase", "version"),
    [
        (Trouble(TroubleKind.FAIL_INSTALL), Phase.FAILED, "1.0.0"),
        (Trouble(TroubleKind.ROLL_BACK), Phase.FAILED, "1.0.0"),
        (Trouble(TroubleKind.CLAIM_SUCCESS), Phase.IDLE, "1.0.0"),
        (Trouble(TroubleKind.SLOW_REBOOT, seconds=LATER), Phase.IDLE, "2.0.0"),
        (Trouble(TroubleKind.HANG, Step.INSTALL, seconds=LATER), Phase.STAGED, "1.0.0"),
        (Trouble(TroubleKind.LOSE_POWER, Step.INSTALL), Phase.STAGED, "1.0.0"),
    ],
    ids=lambda value: f"{value.kind}-{value.step}" if isinstance(value, Trouble) else None,
)
async def test_what_breaks_after_the_order_is_told_by_a_look(
    hub: ModbusHub, way: str, trouble: Trouble, phase: Phase, version: str
) -> None:
    async with updatable(trouble) as device:
        target = device.target(hub, way)
        assert await updated(target, IMAGE) == ("install", None)

        standing = await settled(target, device.flash)
        assert (standing.phase, standing.identity.version) == (phase, version)
        assert standing.pending_version == ("2.0.0" if phase is Phase.STAGED else "")
        assert ("failed" in standing.detail) == (phase is Phase.FAILED)
        assert not device.flash.is_bricked


@WAYS
async def test_one_that_never_comes_back_is_away_whenever_one_looks(hub: ModbusHub, way: str) -> None:
    async with updatable(Trouble(TroubleKind.NEVER_BACK), install_s=0.0) as device:
        target = device.target(hub, way)
        assert await updated(target, IMAGE) == ("install", None)

        for _ in range(2):
            with pytest.raises(LineLost):
                await target.look()
        assert not device.flash.is_bricked


@WAYS
async def test_one_that_installs_for_ever_says_so(hub: ModbusHub, way: str) -> None:
    async with updatable(Trouble(TroubleKind.STUCK)) as device:
        target = device.target(hub, way)
        assert await updated(target, IMAGE) == ("install", None)

        standing = await target.look()
        assert (standing.phase, standing.pending_version) == (Phase.INSTALLING, "2.0.0")


@WAYS
async def test_another_serial_and_bad_health_are_seen(hub: ModbusHub, way: str) -> None:
    for kind, serial, is_healthy in (
        (TroubleKind.OTHER_SERIAL, "SN-7-B", True),
        (TroubleKind.UNHEALTHY, "SN-7", False),
    ):
        async with updatable(Trouble(kind)) as device:
            target = device.target(hub, way)
            await updated(target, IMAGE)
            standing = await settled(target, device.flash)

            assert (standing.identity.serial, standing.is_healthy) == (serial, is_healthy)
            await target.close()


@WAYS
async def test_what_nobody_confirms_goes_back_and_what_is_confirmed_stays(hub: ModbusHub, way: str) -> None:
    async with updatable(confirm_within_s=30.0) as device:
        target = device.target(hub, way)
        await target.open()
        with pytest.raises(Refused):
            await target.confirm()
        await updated(target, IMAGE)
        standing = await settled(target, device.flash)
        assert (standing.phase, standing.identity.version) == (Phase.UNCONFIRMED, "2.0.0")

        await target.confirm()
        assert (await target.look()).phase is Phase.IDLE


async def test_what_reads_back_differently_is_never_committed(hub: ModbusHub) -> None:
    async with updatable(Trouble(TroubleKind.CORRUPT_READ_BACK)) as device:
        target = device.target(hub, "modbus-file-record")
        step, error = await updated(target, IMAGE)

        assert (step, type(error)) == ("transfer", LineLost)
        assert "holds something else than was sent in bytes 0 to 241" in str(error)
        assert device.flash.state(time.monotonic()) is FlashState.RECEIVING


@WAYS
async def test_a_transfer_stops_where_progress_says_so_and_a_successor_finishes_it(
    hub: ModbusHub, way: str
) -> None:
    told: list[int] = []

    def stop_in_the_middle(sent: int) -> None:
        told.append(sent)
        if sent > 1000:
            raise NotMine

    async with updatable() as device:
        first = device.target(hub, way)
        await first.open()
        await first.prepare()
        with pytest.raises(NotMine):
            await first.transfer(IMAGE, stop_in_the_middle)
        assert device.flash.received(time.monotonic()) == told[-1] < len(IMAGE.data)
        await first.close()

        other_hub = ModbusHub()
        second = device.target(other_hub, way)
        await second.open()
        standing = await second.look()
        assert (standing.phase, standing.received_bytes) == (Phase.RECEIVING, told[-1])
        sent: list[int] = []
        await second.transfer(IMAGE, sent.append)
        assert sent[0] == told[-1]
        await second.install()
        assert (await settled(second, device.flash)).identity.version == "2.0.0"
        assert (device.flash.flashed, device.flash.interleaved) == (["2.0.0"], 0)
        await other_hub.close()


@WAYS
async def test_a_half_transfer_of_another_image_is_begun_anew(hub: ModbusHub, way: str) -> None:
    other = image_of("1.5.0")

    def stop_in_the_middle(sent: int) -> None:
        if sent > 1000:
            raise NotMine

    async with updatable() as device:
        target = device.target(hub, way)
        await target.open()
        await target.prepare()
        with pytest.raises(NotMine):
            await target.transfer(other, stop_in_the_middle)

        sent: list[int] = []
        await target.transfer(IMAGE, sent.append)
        assert sent[0] == 0
        assert device.flash.image == IMAGE.data


@WAYS
async def test_a_transfer_may_be_cancelled_at_any_block(hub: ModbusHub, way: str) -> None:
    async with updatable() as device:
        for stop_at in range(0, 3001, 700):
            target = device.target(hub, way)
            await target.open()
            await target.prepare()
            reached = asyncio.Event()

            def note(sent: int, stop_at: int = stop_at, reached: asyncio.Event = reached) -> None:
                reached.set() if sent >= stop_at else None

            transfer = asyncio.create_task(target.transfer(IMAGE, note))
            await reached.wait()
            transfer.cancel()
            await asyncio.wait([transfer])
            standing = await looked(target)
            assert standing.identity.version == "1.0.0"
            assert standing.phase in (Phase.IDLE, Phase.RECEIVING)
            await target.close()
        assert (device.flash.flashed, device.flash.is_bricked) == ([], False)


@WAYS
async def test_a_device_that_keeps_what_it_had_is_gone_on_with(hub: ModbusHub, way: str) -> None:
    trouble = Trouble(TroubleKind.LOSE_POWER, Step.RECEIVE, 1500)
    async with updatable(trouble, keeps_interrupted=True) as device:
        target = device.target(hub, way)
        assert (await updated(target, IMAGE))[0] == "transfer"
        standing = await looked(target)
        sent: list[int] = []
        await target.transfer(IMAGE, sent.append)

        assert 1500 < standing.received_bytes == sent[0]
        assert device.flash.transfers == 1
        assert device.flash.image == IMAGE.data


@WAYS
async def test_a_boot_loader_with_one_bank_waits_for_a_whole_image(hub: ModbusHub, way: str) -> None:
    async with updatable(Trouble(TroubleKind.LOSE_POWER, Step.RECEIVE, 1500), banks=1) as device:
        target = device.target(hub, way)
        assert (await updated(target, IMAGE))[0] == "transfer"
        assert (await looked(target)).identity.version == ""

        assert (await updated(target, IMAGE))[1] is None
        assert (await settled(target, device.flash)).identity.version == "2.0.0"


@WAYS
async def test_blocks_under_way_together_arrive_whole_and_in_order(hub: ModbusHub, way: str) -> None:
    async with updatable() as device:
        target = device.target(hub, way, PROFILES[way] | {"blocks_at_once": 8})
        assert await updated(target, IMAGE) == ("install", None)

        assert (await settled(target, device.flash)).identity.version == "2.0.0"
        assert device.flash.image == IMAGE.data


@WAYS
async def test_requests_lost_among_blocks_under_way_together_are_sent_again(
    hub: ModbusHub, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with updatable() as device:
        updater = device.gateway.units[UNIT].updater
        assert updater is not None
        blocks = itertools.count()

        def deaf(_who: str, _request: bytes) -> bytes:
            raise Silent

        def lose_some(_sent: int) -> None:
            if next(blocks) == 10:
                monkeypatch.setattr(updater, "reply", deaf)
                asyncio.get_running_loop().call_later(0.05, monkeypatch.undo)

        target = device.target(hub, way, PROFILES[way] | {"blocks_at_once": 8}, retries=1)
        await target.open()
        await target.prepare()
        await target.transfer(IMAGE, lose_some)

        assert device.flash.image == IMAGE.data


@WAYS
@pytest.mark.parametrize("kind", [FaultKind.SHORT, FaultKind.DRIP, FaultKind.WRONG_UNIT, FaultKind.RESET])
async def test_blocks_under_way_together_are_all_given_up_with_the_first_that_fails(
    hub: ModbusHub, way: str, kind: FaultKind
) -> None:
    async with updatable() as device:

        def break_it(sent: int) -> None:
            if sent > 500:
                device.gateway.faults[UNIT] = Fault("", kind, 0.05)

        target = device.target(hub, way, PROFILES[way] | {"blocks_at_once": 8})
        await target.open()
        await target.prepare()
        with pytest.raises(LineLost):
            await target.transfer(IMAGE, break_it)
        assert device.flash.state(time.monotonic()) is FlashState.RECEIVING

        device.gateway.faults.clear()
        assert (await updated(target, IMAGE))[1] is None
        assert (await settled(target, device.flash)).identity.version == "2.0.0"


WIRE = [
    (FaultKind.SILENT, 0.0, LineLost),
    (FaultKind.GARBAGE, 0.0, LineLost),
    (FaultKind.WRONG_FUNCTION, 0.0, LineLost),
    (FaultKind.WRONG_UNIT, 0.0, LineLost),
    (FaultKind.WRONG_COUNT, 0.0, LineLost),
    (FaultKind.WRONG_TRANSACTION, 0.0, LineLost),
    (FaultKind.SHORT, 0.0, LineLost),
    (FaultKind.RESET, 0.0, LineLost),
    (FaultKind.EXCEPTION, 1.0, NeedsHuman),
    (FaultKind.EXCEPTION, 4.0, Refused),
    (FaultKind.EXCEPTION, 6.0, LineLost),
    (FaultKind.EXCEPTION, 11.0, LineLost),
]


@WAYS
@pytest.mark.parametrize(("kind", "value", "error"), WIRE)
async def test_false_answers_in_a_transfer_are_never_success(
    hub: ModbusHub, way: str, kind: FaultKind, value: float, error: type[DriverError]
) -> None:
    async with updatable() as device:

        def break_it(sent: int) -> None:
            if sent > 1000:
                device.gateway.faults[UNIT] = Fault("", kind, value)

        target = device.target(hub, way)
        await target.open()
        await target.prepare()
        with pytest.raises(error):
            await target.transfer(IMAGE, break_it)
        assert device.flash.state(time.monotonic()) is FlashState.RECEIVING

        device.gateway.faults.clear()
        assert (await updated(target, IMAGE))[1] is None
        assert (await settled(target, device.flash)).identity.version == "2.0.0"


@WAYS
async def test_the_connection_that_polls_is_the_one_that_updates(hub: ModbusHub, way: str) -> None:
    async with updatable(None, 6) as device:
        neighbour = hub.driver(device.settings(unit=6), [])
        await neighbour.open()
        target = device.target(hub, way)
        assert await updated(target, IMAGE) == ("install", None)
        await settled(target, device.flash)

        assert len(device.flash.talkers) <= 1
        assert len(device.gateway._connections) == 1
        await neighbour.close()


@WAYS
async def test_what_the_profile_names_and_the_device_lacks_needs_somebody(hub: ModbusHub, way: str) -> None:
    wrong = PROFILES[way] | {"health": {"place": {"register": 50000}, "good": [1]}}
    async with updatable() as device:
        target = device.target(hub, way, wrong)
        await target.open()
        with pytest.raises(NeedsHuman, match="The update profile does not fit this device"):
            await target.look()


@WAYS
async def test_an_image_that_is_too_large_never_reaches_the_line(hub: ModbusHub, way: str) -> None:
    async with updatable() as device:
        target = device.target(hub, way, PROFILES[way] | {"largest_image": 3000})
        await target.open()
        with pytest.raises(NeedsHuman, match="has 3001 bytes"):
            await target.transfer(IMAGE, unheeded)
        assert device.flash.transfers == 0
