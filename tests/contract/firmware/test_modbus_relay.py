"""Blocks that follow one another at once: none is left out whatever goes wrong, others keep their turn."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator

import pytest

from drivers.firmware.target import Progress
from drivers.modbus.address import Table
from drivers.modbus.asking import visiting
from drivers.modbus.hub import ModbusHub
from drivers.modbus.requests import ReadRequest
from drivers.plant.faults import Fault, FaultKind
from tests.contract.firmware.updatable import (
    PROFILES,
    TIMEOUT_S,
    UNIT,
    Updatable,
    image_of,
    updatable,
)

WAYS = pytest.mark.parametrize("way", list(PROFILES))
IMAGE = image_of()
BLOCK = {"modbus-file-record": 242, "modbus-register-block": 240}
"""Bytes of a block."""


@pytest.fixture
async def hub() -> AsyncIterator[ModbusHub]:
    made = ModbusHub()
    yield made
    await made.close()


def _for_a_moment(device: Updatable, fault: Fault, block: int = 5) -> Progress:
    """Return a progress that has the device do something wrong, from a block on, until it was asked again."""
    blocks = itertools.count()

    def play(_sent: int) -> None:
        if next(blocks) == block:
            device.gateway.faults[UNIT] = fault
            asyncio.get_running_loop().call_later(TIMEOUT_S / 2, device.gateway.faults.clear)

    return play


@WAYS
@pytest.mark.parametrize(
    "fault",
    [
        Fault("", FaultKind.SILENT, 0.0),
        Fault("", FaultKind.WRONG_TRANSACTION, 0.0),
        Fault("", FaultKind.EXCEPTION, 6.0),
    ],
    ids=lambda fault: fault.kind,
)
async def test_a_block_that_gets_stuck_is_sent_again_and_the_next_one_after_it(
    hub: ModbusHub, way: str, fault: Fault
) -> None:
    async with updatable() as device:
        target = device.target(hub, way, retries=1)
        await target.open()
        await target.prepare()
        await target.transfer(IMAGE, _for_a_moment(device, fault))

        assert device.flash.image == IMAGE.data
        await target.close()


@WAYS
async def test_leave_is_asked_once_for_each_block_before_it_is_sent(hub: ModbusHub, way: str) -> None:
    async with updatable() as device:
        target = device.target(hub, way)
        await target.open()
        await target.prepare()
        had: list[tuple[int, int]] = []
        await target.transfer(IMAGE, lambda sent: had.append((sent, device.flash.received(time.monotonic()))))

        at_first = [sent for sent, has in had if has == sent]
        assert set(range(0, len(IMAGE.data), BLOCK[way])) <= set(at_first)
        await target.close()


@WAYS
async def test_a_neighbour_on_the_line_has_its_turn_between_two_blocks(hub: ModbusHub, way: str) -> None:
    async with updatable(None, 6) as device:
        settings = device.settings(unit=6, max_in_flight=1)
        asked_at: set[int] = set()
        sent = 0

        def note(at: int) -> None:
            nonlocal sent
            sent = at

        async def ask_on() -> None:
            async with visiting(hub, settings) as visit:
                while True:
                    await visit.ask(ReadRequest(6, Table.HOLDING, 0, 1))
                    asked_at.add(sent)

        target = device.target(hub, way, max_in_flight=1)
        await target.open()
        await target.prepare()
        asking = asyncio.create_task(ask_on())
        await target.transfer(IMAGE, note)
        asking.cancel()
        await asyncio.wait([asking])

        assert len(asked_at) > len(IMAGE.data) / BLOCK[way] / 2
        assert device.flash.image == IMAGE.data
        await target.close()
