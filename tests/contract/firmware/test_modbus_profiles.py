"""What profiles may say: blocks numbered in every way, several files, versions anywhere; and mistakes."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import ValidationError

from drivers.errors import LineLost, NeedsHuman
from drivers.firmware.registry import way_of
from drivers.firmware.target import Phase, Progress
from drivers.modbus.hub import ModbusHub
from drivers.modbus.settings import ModbusRtuSettings, ModbusRtuTcpSettings
from drivers.plant.faults import Fault, FaultKind
from drivers.plant.firmware.modbus_updater import BASE
from drivers.plant.firmware.products import BLOCK_PROFILE, FILE_PROFILE, IDENTITY
from tests.contract.firmware.updatable import (
    TIMEOUT_S,
    UNIT,
    Updatable,
    image_of,
    looked,
    settled,
    unheeded,
    updatable,
    updated,
)

IMAGE = image_of()


@pytest.fixture
async def hub() -> AsyncIterator[ModbusHub]:
    made = ModbusHub()
    yield made
    await made.close()


@pytest.mark.parametrize(
    "more",
    [
        {"numbered": "before", "number_register": BASE + 100},
        {"numbered": "not"},
        {"numbered": "in front", "registers_per_block": 1},
        {"numbered": "in front", "registers_per_block": 121},
    ],
)
async def test_blocks_are_numbered_as_the_profile_says(hub: ModbusHub, more: dict[str, Any]) -> None:
    async with updatable() as device:
        target = device.target(hub, "modbus-register-block", BLOCK_PROFILE | more)
        assert await updated(target, IMAGE) == ("install", None)

        assert (await settled(target, device.flash)).identity.version == "2.0.0"
        assert device.flash.image == IMAGE.data


def _one_answer_swallowed(device: Updatable) -> Progress:
    """Return a progress that lets the device do what it is asked once, and say nothing."""
    blocks = itertools.count()

    def swallow(_sent: int) -> None:
        if next(blocks) == 8:
            device.gateway.faults[UNIT] = Fault("", FaultKind.SILENT, 0.0)
            asyncio.get_running_loop().call_later(TIMEOUT_S / 2, device.gateway.faults.clear)

    return swallow


async def test_a_block_without_number_is_not_sent_again_where_the_device_has_it(hub: ModbusHub) -> None:
    async with updatable() as device:
        target = device.target(hub, "modbus-register-block", BLOCK_PROFILE | {"numbered": "not"})
        await target.open()
        await target.prepare()
        await target.transfer(IMAGE, _one_answer_swallowed(device))

        assert device.flash.image == IMAGE.data


async def test_a_block_without_number_ends_the_transfer_where_nobody_knows(hub: ModbusHub) -> None:
    profile = BLOCK_PROFILE | {"numbered": "not", "is_resumable": False, "received": None}
    async with updatable() as device:
        target = device.target(hub, "modbus-register-block", profile)
        await target.open()
        await target.prepare()
        with pytest.raises(LineLost):
            await target.transfer(IMAGE, _one_answer_swallowed(device))

        now = time.monotonic()
        assert device.flash.content(now) == IMAGE.data[: device.flash.received(now)]


@pytest.mark.parametrize(
    ("more", "registers_per_record"),
    [({}, 1), ({"registers_per_request": 7}, 1), ({"counts": "requests", "registers_per_request": 16}, 16)],
)
async def test_an_image_goes_on_in_the_next_file(
    hub: ModbusHub, more: dict[str, Any], registers_per_record: int
) -> None:
    image = image_of(size=21_003)
    async with updatable() as device:
        updater = device.gateway.units[UNIT].updater
        assert updater is not None
        updater.registers_per_record = registers_per_record
        target = device.target(hub, "modbus-file-record", FILE_PROFILE | more)
        await target.open()
        await target.prepare()
        await target.transfer(image, unheeded)

        assert device.flash.image == image.data


@pytest.mark.parametrize(
    "version",
    [
        {"object": 2},
        {"numbers": {"register": BASE + 4, "count": 3}},
        {"text": {"register": BASE + 32, "count": 8}, "pattern": r"SN-(?P<major>\d)"},
        {"halves": {"register": BASE + 4, "count": 1}},
    ],
)
async def test_a_version_is_read_where_the_profile_says(hub: ModbusHub, version: dict[str, Any]) -> None:
    expected = {"object": "1.0.0", "numbers": "1.0.0", "text": "7.0.0", "halves": "0.1.0"}
    async with updatable() as device:
        target = device.target(hub, "modbus-file-record", FILE_PROFILE | {"version": version})
        await target.open()

        assert (await target.look()).identity.version == expected[next(iter(version))]


async def test_facts_become_the_words_of_the_manifest(hub: ModbusHub) -> None:
    facts = {
        "product": {
            "text": {"register": BASE + 48, "count": 16},
            "rules": [{"match": "drive-a", "becomes": "DR"}],
        },
        "hardware": {"number": {"register": BASE + 4}},
    }
    async with updatable() as device:
        target = device.target(hub, "modbus-file-record", FILE_PROFILE | facts)
        await target.open()

        identity = (await target.look()).identity
        assert (identity.product, identity.hardware) == ("DR", "1")


async def test_firmware_by_hand_is_looked_at_and_nothing_else(hub: ModbusHub) -> None:
    profile = {"instructions": "Use the laptop.", "modbus": IDENTITY}
    async with updatable() as device:
        target = device.target(hub, "manual", profile)
        await target.open()
        await target.prepare()
        for act in (target.transfer(IMAGE, unheeded), target.install()):
            with pytest.raises(NeedsHuman, match="updated by hand: Use the laptop"):
                await act
        await target.confirm()
        await target.abandon()

        standing = await looked(target)
        assert (standing.identity.version, standing.phase) == ("1.0.0", Phase.IDLE)
        assert device.flash.transfers == 0
        await target.close()
    assert way_of("manual").is_by_hand


async def test_a_state_that_nobody_explained_needs_somebody(hub: ModbusHub) -> None:
    state = {"place": {"register": BASE + 1}, "meanings": {"9": {"phase": "idle"}}}
    orders = dict.fromkeys(("prepare", "start", "commit", "confirm", "abandon"))
    async with updatable() as device:
        target = device.target(hub, "modbus-file-record", FILE_PROFILE | orders | {"state": state})
        await target.open()
        with pytest.raises(NeedsHuman, match="update state 0, which its update profile does not explain"):
            await target.look()


@pytest.mark.parametrize(
    ("way", "more", "why"),
    [
        ("modbus-file-record", {"registers_per_request": 122}, "at most 121"),
        ("modbus-file-record", {"first_record": 1, "records_per_file": 10_000}, "leave the file"),
        (
            "modbus-file-record",
            {"version": {"object": 2, "numbers": {"register": 1, "count": 2}}},
            "one place",
        ),
        ("modbus-file-record", {"product": {"number": {"register": 1, "count": 5}}}, "at most 4"),
        ("modbus-file-record", {"received": None}, "going on with a transfer needs"),
        ("modbus-file-record", {"install": {"register": 1, "words": [70000]}}, "70000 is none"),
        ("modbus-file-record", {"commit": {"register": 1, "words": [1], "ends_in": [99]}}, "no meaning"),
        ("modbus-file-record", {"health": {"place": {"register": 65535, "count": 2}, "good": [1]}}, "leaves"),
        ("modbus-register-block", {"registers_per_block": 123}, "at most 122"),
        ("modbus-register-block", {"data_register": 0}, "no room"),
        ("modbus-register-block", {"data_register": 65500}, "leaves the registers"),
        ("modbus-register-block", {"surprise": 1}, "Extra inputs"),
    ],
)
def test_a_profile_that_cannot_be_meant_is_refused_when_it_is_read(
    way: str, more: dict[str, Any], why: str
) -> None:
    base = FILE_PROFILE if way == "modbus-file-record" else BLOCK_PROFILE
    with pytest.raises(ValidationError, match=why):
        way_of(way).profile_type.model_validate(base | more)


async def test_a_block_larger_than_the_device_writes_never_reaches_the_line(hub: ModbusHub) -> None:
    async with updatable() as device:
        way = way_of("modbus-register-block")
        settings = device.settings(max_registers_per_write=64)
        target = way.make(hub, settings, way.profile_type.model_validate(BLOCK_PROFILE))
        await target.open()
        with pytest.raises(NeedsHuman, match="needs 121 registers in one write"):
            await target.transfer(IMAGE, unheeded)
        await target.close()


def test_only_what_hangs_on_a_serial_bus_has_neighbours_that_stand_still() -> None:
    line = way_of("modbus-file-record").line
    serial = ModbusRtuSettings(serial_port="/dev/null")

    assert line(serial) == line(ModbusRtuSettings(serial_port="/dev/./null", unit=7)) == "serial /dev/null"
    assert line(ModbusRtuTcpSettings(host="Converter", port=4001)) == "rtu converter:4001"
    assert way_of("manual").line(serial) == ""


def test_every_field_of_a_profile_is_explained() -> None:
    for kind in ("modbus-file-record", "modbus-register-block", "manual"):
        fields = way_of(kind).profile_type.model_fields
        assert [name for name, field in fields.items() if not field.description] == []


def test_an_unknown_way_is_told_with_those_there_are() -> None:
    with pytest.raises(KeyError, match="modbus-file-record, modbus-register-block"):
        way_of("carrier-pigeon")
