"""Machines of the plant's OPC UA server take firmware as its document says, while the others go on."""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from drivers.driver import Driver
from drivers.errors import LineLost
from drivers.firmware.registry import way_of
from drivers.firmware.target import Image, Phase
from drivers.opcua.spec import OPCUA
from drivers.plant.document import plant_document
from drivers.plant.factory import Factory
from drivers.plant.faults import FaultRefused
from drivers.plant.firmware.image import make_image
from drivers.plant.firmware.products import PRODUCTS, product_of
from drivers.plant.plan import PlantPlan
from drivers.values import Quality

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def factory() -> AsyncIterator[Factory]:
    factory = Factory(PlantPlan(modbus_port=0, opcua_port=0, update_period_s=0.05))
    await factory.start()
    yield factory
    await factory.stop()


async def until_all_are(quality: Quality, driver: Driver) -> None:
    while {value.quality for value in await driver.read()} != {quality}:  # noqa: ASYNC110 - the plant measures
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("device_id", ["PRESS-02", "OVEN-01", "MIXER-02"])
async def test_a_machine_takes_firmware_as_its_document_says(factory, device_id) -> None:
    flash = factory.flash(device_id)
    flash.habits = replace(flash.habits, install_s=0.0, reboot_s=0.3)
    entries = {entry["device_id"]: entry for entry in plant_document(factory.plan)["devices"]}
    entry, product = entries[device_id], PRODUCTS[entries[device_id]["type"]]
    assert entry["metadata"]["product"] == product.name
    hub, settings = OPCUA.make_hub(), OPCUA.settings_type.model_validate(entry["connection"])
    polled = hub.driver(settings, [OPCUA.parse_address(tag["address"]) for tag in entry["tags"]])
    neighbour = hub.driver(settings, [OPCUA.parse_address("ns=1;s=Dryer01.Temperature")])
    way = way_of(product.way)
    target = way.make(hub, settings, way.profile_type.model_validate(product.profile))
    data = make_image(product.name, "2.0.0")
    image = Image(data, "2.0.0", product.name, hashlib.sha256(data).digest())
    try:
        await polled.open()
        await neighbour.open()
        await target.open()
        await target.prepare()
        await target.transfer(image, lambda _: None)
        await target.install()
        async with asyncio.timeout(5.0):
            await until_all_are(Quality.BAD, polled)
            assert (await neighbour.read())[0].quality is Quality.GOOD
            while True:
                with contextlib.suppress(LineLost):
                    if (await target.look()).phase is Phase.UNCONFIRMED:
                        break
                await asyncio.sleep(0.01)
            await target.confirm()
            standing = await target.look()
            await until_all_are(Quality.GOOD, polled)
    finally:
        await target.close()
        await hub.close()
    assert (standing.identity.product, standing.identity.version) == (product.name, "2.0.0")
    assert flash.flashed == ["2.0.0"]


async def test_a_machine_that_takes_no_firmware_says_so(factory) -> None:
    with pytest.raises(FaultRefused, match="DRYER-01 takes no firmware"):
        factory.flash("DRYER-01")
    assert factory.flash("DRIVE-01").running == "1.0.0"


async def test_a_large_plant_has_a_bounded_number_of_updatable_nodes() -> None:
    plan = PlantPlan(devices=4000)
    assert sum(product_of(machine) is not None for machine in plan.opcua_machines) == 60
