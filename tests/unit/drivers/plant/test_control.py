import asyncio

import msgspec
import pytest
import pytest_asyncio

from drivers.plant.addresses import free_port
from drivers.plant.control import ControlRequest, ControlUnreachable, ask_plant
from drivers.plant.faults import FaultRefused
from drivers.plant.plan import PlantPlan

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def plant(running):
    async with running(PlantPlan(devices=1, modbus_port=0, update_period_s=60.0)) as factory:
        yield factory


async def ask(plant, *words, **more):
    return await asyncio.to_thread(ask_plant, plant.control_port, ControlRequest(*words, **more))


async def test_fault_is_switched_on_listed_and_switched_off(plant):
    switched = await ask(plant, "switch", "DRIVE-01", "slow", value=0.2)
    assert switched == {"device_id": "DRIVE-01", "kind": "slow", "value": 0.2}
    assert await ask(plant, "faults") == [switched]
    await ask(plant, "switch", "DRIVE-01", "slow", is_on=False)
    assert await ask(plant, "faults") == []


async def test_switching_off_what_is_not_on_changes_nothing(plant):
    await ask(plant, "switch", "DRIVE-01", "silent")
    await ask(plant, "switch", "DRIVE-01", "slow", is_on=False)
    assert [fault["kind"] for fault in await ask(plant, "faults")] == ["silent"]
    await ask(plant, "switch", "DRIVE-01", "silent", is_on=False)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("switch", "DRIVE-09", "slow"), "no device DRIVE-09"),
        (("switch", "DRIVE-01", "lazy"), "No fault is called lazy"),
        (("dance",), "does not know 'dance'"),
    ],
)
async def test_refusals_reach_the_asker_as_sentences(plant, words, sentence):
    with pytest.raises(FaultRefused, match=sentence):
        await ask(plant, *words)


async def test_counts_and_document_can_be_asked_for(plant, line_to):
    async with line_to(plant.plan.modbus_ports[0]) as line:
        await line.ask(1, b"\x03\x0c\x82\x00\x01")
    assert (await ask(plant, "counts"))["DRIVE-01"] == 1
    assert len((await ask(plant, "document"))["devices"]) == 1


async def test_line_that_is_no_request_ends_the_conversation(plant):
    reader, writer = await asyncio.open_connection("127.0.0.1", plant.control_port)
    request = msgspec.json.encode(ControlRequest("switch", "DRIVE-01", "silent"))
    writer.write(b"POST / HTTP/1.1\r\n\r\n" + request + b"\n")
    lines = (await asyncio.wait_for(reader.read(-1), 2.0)).splitlines()
    writer.close()
    assert len(lines) == 1
    assert "no request" in msgspec.json.decode(lines[0])["error"]
    assert plant.faults == ()


async def test_plant_that_is_not_there_is_named():
    with pytest.raises(ControlUnreachable, match="No plant answers"):
        ask_plant(free_port("127.0.0.1"), ControlRequest("faults"))
