"""A software update as it should go, and what a second station sees of it at each step."""

import pytest

from drivers.firmware.target import Identity, Phase
from drivers.plant.firmware.opcua_device import Offer

pytestmark = pytest.mark.asyncio(loop_scope="session")

CACHED, DIRECT = Offer(), Offer(is_direct=True)
BOTH = pytest.mark.parametrize("offer", [CACHED, DIRECT], ids=["cached", "direct"])


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
