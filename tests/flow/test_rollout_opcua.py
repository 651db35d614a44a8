"""A rollout over devices of an OPC UA server, by real stations: brought up to date, and looked at again."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from drivers.plant.firmware.opcua_device import Offer
from drivers.plant.firmware.opcua_stand import OpcuaStand
from drivers.plant.firmware.troubles import Trouble, TroubleKind
from models.database import Database
from models.records.device import JsonValue, Tag
from models.records.rollout import Outcome, RolloutState, Step
from tests.contract.firmware.opcua_updatable import IMAGE, MANIFEST, OpcuaUpdatable
from tests.flow.test_rollout import SETTINGS, Plant

OFFERS = (Offer(), Offer(is_direct=True), Offer(has_confirmation=False))


class OpcuaPlant(Plant):
    """The same, of devices of one OPC UA server."""

    manifest = replace(MANIFEST, expires_at=datetime.now(UTC).replace(microsecond=0) + timedelta(days=30))
    image = IMAGE

    def way_to(self, device: OpcuaUpdatable) -> tuple[str, dict[str, JsonValue], float, tuple[Tag, ...]]:
        node = f"ns=1;s={device.name}"
        settings = {"endpoint": device.stand.endpoint, "starting_node": node, "publishing_interval_ms": 50}
        return "opcua", settings, 0.1, (Tag("rpm", f"{node}/DeviceHealth"),)


@pytest.fixture
async def plant(database_url: str, tmp_path: Path) -> AsyncIterator[OpcuaPlant]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        stand = OpcuaStand(probe.getsockname()[1])
    await stand.start()
    made = OpcuaPlant(Database(database_url, "tests"), tmp_path)
    with closing(made.site):
        made.devices = [OpcuaUpdatable(stand, offer, None, {}) for offer in OFFERS]
        made.enter_devices()
        yield made
        await made.close()
        await stand.stop()


async def test_devices_of_a_server_are_brought_the_version_wave_by_wave(plant: OpcuaPlant) -> None:
    await plant.add_station()
    made = await asyncio.to_thread(plant.start, plant.ids[:1], plant.ids[1:])
    await plant.until(lambda: plant.state(made) is not RolloutState.RUNNING)
    assert plant.said(made) == (RolloutState.COMPLETED, "")
    assert {(one.step, one.outcome) for one in plant.deployments(made)} == {(Step.DONE, Outcome.UPDATED)}
    for device in plant.devices:
        assert (device.flash.flashed, device.flash.image) == (["2.0.0"], IMAGE)
        assert device.left_behind() == {"runs": "2.0.0"}


async def test_one_that_goes_back_while_its_wave_is_watched_halts_the_rollout(plant: OpcuaPlant) -> None:
    plant.devices[1].flash.trouble = Trouble(TroubleKind.ROLL_BACK, seconds=3.0)
    await plant.add_station()
    watched = replace(SETTINGS, soak_s=9.0)
    made = await asyncio.to_thread(lambda: plant.start(plant.ids[:2], plant.ids[2:], settings=watched))
    await plant.until(lambda: plant.state(made) is not RolloutState.RUNNING)
    assert plant.said(made) == (RolloutState.HALTED, "Since its update Drive 1 runs 1.0.0, not 2.0.0.")
    assert plant.devices[2].flash.flashed == []
