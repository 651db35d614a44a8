"""Devices that are servers of their own: they take the whole server with them when they reboot."""

import asyncio
import socket

import pytest

from drivers.errors import LineLost, NeedsHuman
from drivers.firmware.manual import MANUAL, ManualProfile
from drivers.firmware.target import Phase
from drivers.opcua.settings import OpcuaSettings
from drivers.plant.firmware.habits import Habits
from drivers.plant.firmware.opcua_device import Offer
from drivers.plant.firmware.troubles import Step, Trouble, TroubleKind

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def eventually(is_so) -> None:
    async with asyncio.timeout(5.0):
        while not is_so():  # noqa: ASYNC110 - the server's own clock decides
            await asyncio.sleep(0.01)


REBOOTING = Habits(reboot_s=50.0)


@pytest.mark.parametrize("is_direct", [False, True])
async def test_an_update_outlives_the_servers_own_reboot(rig_of, is_direct) -> None:
    rig = rig_of(Offer(is_direct), REBOOTING, is_own_server=True)
    target = await rig.target()
    await rig.deliver(target)
    await eventually(lambda: not rig.stand.is_up and not target._session.is_open)
    with pytest.raises(LineLost):
        await target.look()
    with pytest.raises(LineLost):
        await target.open()
    rig.clock.skip(50.0)
    standing = await rig.back(target)
    assert (standing.identity.version, standing.phase) == ("2.0.0", Phase.UNCONFIRMED)
    await target.confirm()
    assert (await target.look()).phase is Phase.IDLE


async def test_a_server_that_goes_away_in_a_transfer_is_a_lost_line(rig_of) -> None:
    rig = rig_of(
        Offer(),
        REBOOTING,
        Trouble(TroubleKind.LOSE_POWER, Step.RECEIVE, after_bytes=1500),
        is_own_server=True,
    )
    target = await rig.target()
    with pytest.raises(LineLost):
        await rig.deliver(target)
    await eventually(lambda: not rig.stand.is_up)
    rig.clock.skip(50.0)
    assert (await rig.back(target)).phase is Phase.IDLE
    await rig.deliver(target)
    await eventually(lambda: not rig.stand.is_up)
    rig.clock.skip(50.0)
    assert (await rig.back(target)).identity.version == "2.0.0"


async def test_nobody_there_is_a_lost_line_and_a_wrong_security_a_persons_affair(rig_of) -> None:
    rig = rig_of()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    nobody = OpcuaSettings(endpoint=f"opc.tcp://127.0.0.1:{port}/plant")
    with pytest.raises(LineLost):
        await rig.way.make(rig.hub, nobody, rig.profile).open()
    secured = OpcuaSettings(endpoint=rig.stand.endpoint, security="Basic256Sha256")
    with pytest.raises(NeedsHuman, match="offers no endpoint with security Basic256Sha256"):
        await rig.way.make(rig.hub, secured, rig.profile).open()


async def test_an_order_without_a_connection_is_not_taken_for_given(rig_of) -> None:
    rig = rig_of()
    target = await rig.target()
    await target.transfer(rig.image(), rig.sent.append)
    await target.close()
    with pytest.raises(LineLost):
        await target.install()
    assert rig.flash.pending == "2.0.0"


async def test_what_somebody_flashed_by_hand_is_looked_at(rig_of) -> None:
    rig = rig_of()
    rig.way, rig.profile = MANUAL, ManualProfile(instructions="Plug in the stick.")
    target = await rig.target()
    standing = await target.look()
    assert (standing.identity.product, standing.identity.version) == ("press-a", "1.0.0")
    with pytest.raises(NeedsHuman, match="Plug in the stick"):
        await target.transfer(rig.image(), rig.sent.append)
    with pytest.raises(NeedsHuman, match="Plug in the stick"):
        await target.install()
