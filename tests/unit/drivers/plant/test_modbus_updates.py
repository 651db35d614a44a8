"""Machines behind the plant's gateways take firmware as the plant's document says, and neighbours go on."""

import argparse
import asyncio
import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from console.commandline import plant_firmware
from console.commandline.command import CommandError
from drivers.errors import LineLost
from drivers.firmware.registry import way_of
from drivers.firmware.target import Image
from drivers.modbus.hub import ModbusHub
from drivers.modbus.settings import ModbusTcpSettings
from drivers.plant.control import ControlRequest, ask_plant
from drivers.plant.document import plant_document
from drivers.plant.faults import FaultRefused
from drivers.plant.firmware.image import read_image
from drivers.plant.firmware.products import PRODUCTS
from drivers.plant.firmware.switching import MEANINGS, trouble_of
from drivers.plant.firmware.troubles import TroubleKind
from drivers.plant.modbus_side import ModbusSide
from drivers.plant.plan import PlantPlan


@pytest.mark.parametrize("product", PRODUCTS.values(), ids=lambda product: product.name)
def test_every_profile_of_the_plant_is_one_of_its_way(product) -> None:
    way_of(product.way).profile_type.model_validate(product.profile)


def test_the_document_names_what_a_machine_takes() -> None:
    entries = {entry["device_id"]: entry for entry in plant_document(PlantPlan())["devices"]}

    assert entries["DRIVE-01"]["metadata"] == {"product": "drive-a", "hardware": "A1"}
    assert "metadata" not in entries["COMPRESSOR-01"]


async def test_a_drive_is_updated_while_its_neighbour_answers() -> None:
    plan = PlantPlan(devices=8, modbus_port=0)
    side = ModbusSide(plan)
    plan = replace(plan, modbus_ports=await side.open(plan))
    drive, neighbour = plan.modbus_machines[:2]
    assert drive.gateway == neighbour.gateway
    updater = side.units[drive.row].updater
    assert updater is not None
    updater.flash.habits = replace(updater.flash.habits, install_s=0.0, reboot_s=0.2)
    hub, product = ModbusHub(), PRODUCTS["drive"]
    settings = [
        ModbusTcpSettings(host=plan.host, port=plan.port_of(machine), unit=machine.unit, timeout_s=0.1)
        for machine in (drive, neighbour)
    ]
    way = way_of(product.way)
    target = way.make(hub, settings[0], way.profile_type.model_validate(product.profile))
    beside = way_of("manual").make(
        hub, settings[1], way_of("manual").profile_type.model_validate({"instructions": "-"})
    )
    data = plant_firmware.make_image(product.name, "2.0.0", 2000, ("A1",))
    await target.open()
    await beside.open()
    await target.prepare()
    await target.transfer(Image(data, "2.0.0", product.name, hashlib.sha256(data).digest()), lambda _: None)
    await target.install()
    with pytest.raises(LineLost):
        await target.look()
    assert (await beside.look()).identity.version == "1.0.0"
    async with asyncio.timeout(3.0):
        while updater.is_silent:  # noqa: ASYNC110 - the plant's clock, not an event
            await asyncio.sleep(0.01)

    assert (await target.look()).identity.version == "2.0.0"
    assert (await target.look()).identity.serial == "DRIVE-A/DRIVE-01"
    await target.close()
    await beside.close()
    await hub.close()
    await side.close()


async def test_troubles_are_switched_and_firmware_is_told(running) -> None:
    async with running(PlantPlan(devices=1, modbus_port=0, update_period_s=60.0)) as factory:

        async def ask(*words: str, **more: object) -> object:
            return await asyncio.to_thread(ask_plant, factory.control_port, ControlRequest(*words, **more))

        await ask("trouble", "DRIVE-01", "lose-power", step="install")
        assert factory.flash("DRIVE-01").trouble.kind is TroubleKind.LOSE_POWER
        (told,) = await ask("firmware")
        assert (told["version"], told["is_bricked"], told["flashed"]) == ("1.0.0", False, [])
        await ask("trouble", "DRIVE-01")
        assert factory.flash("DRIVE-01").trouble is None
        with pytest.raises(FaultRefused, match="no device DRIVE-09"):
            await ask("trouble", "DRIVE-09", "stuck")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("lazy", "", 0, None), "No trouble is called lazy"),
        (("hang", "later", 0, None), "No step is called later"),
        (("hang", "", 0, -1.0), "0 or more seconds"),
        (("hang", "", -1, 1.0), "0 or more seconds"),
    ],
)
def test_a_trouble_that_is_none_is_refused(words: tuple[str, str, int, float | None], why: str) -> None:
    with pytest.raises(FaultRefused, match=why):
        trouble_of(*words)


def test_every_trouble_is_explained() -> None:
    assert set(MEANINGS) == set(TroubleKind)


def _parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    plant_firmware.add_image(parser)
    return parser.parse_args(words)


def test_an_image_is_written_with_the_profile_of_its_product(tmp_path: Path) -> None:
    told = plant_firmware.write_image(
        _parsed("pump-b", "2.0.0", str(tmp_path / "pump.bin"), "--size", "1000")
    )

    head = read_image((tmp_path / "pump.bin").read_bytes())
    assert (head.product, head.version, head.size) == ("pump-b", "2.0.0", 1000)
    profile = json.loads(Path(told["profile"]).read_text(encoding="utf-8"))
    assert way_of(told["way"]).profile_type.model_validate(profile)


@pytest.mark.parametrize(
    ("file", "size", "why"),
    [
        ("x.bin", "10", "at least"),
        ("x.bin", "99999999", "at most"),
        ("no/x.bin", "1000", "cannot be written"),
    ],
)
def test_an_image_that_cannot_be_is_refused(tmp_path: Path, file: str, size: str, why: str) -> None:
    with pytest.raises(CommandError, match=why):
        plant_firmware.write_image(_parsed("pump-b", "2.0.0", str(tmp_path / file), "--size", size))
