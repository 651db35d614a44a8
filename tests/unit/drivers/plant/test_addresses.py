import asyncio

import pytest

from drivers.plant.addresses import PlantAddresses, PortTaken, free_port, recall, remember
from drivers.plant.factory import Factory
from drivers.plant.modbus_side import ModbusSide
from drivers.plant.plan import PlantPlan

ANY = PlantPlan(devices=3, modbus_port=0, opcua_port=0)


async def started(plan: PlantPlan, folder) -> Factory:
    factory = Factory(plan, state_dir=folder)
    await factory.start()
    return factory


def test_addresses_come_back_as_they_were_kept(tmp_path):
    kept = PlantAddresses((1502, 1503), 4841, 9000)
    remember(tmp_path / "deep" / "er", kept)
    assert recall(tmp_path / "deep" / "er") == kept


@pytest.mark.parametrize("content", [b"", b"{", b'{"modbus_ports": "x"}', b"\xff"])
def test_file_that_cannot_be_read_is_no_memory(tmp_path, content):
    (tmp_path / "plant.json").write_bytes(content)
    assert recall(tmp_path) is None


async def test_restarted_factory_comes_back_at_the_same_ports_and_leaves_no_task(tmp_path):
    first = await started(ANY, tmp_path)
    await first.stop()
    second = await started(ANY, tmp_path)
    await second.stop()
    await second.stop()
    assert second.plan.modbus_ports == first.plan.modbus_ports
    assert second.plan.opcua_port == first.plan.opcua_port
    assert second.control_port == first.control_port
    assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []


async def test_remembered_port_in_use_is_named_and_nothing_stays_open(tmp_path):
    port = free_port("127.0.0.1")
    remember(tmp_path, PlantAddresses((port, free_port("127.0.0.1")), free_port("127.0.0.1"), 0))
    blocker = await asyncio.start_server(lambda *_: None, "127.0.0.1", port)
    factory = Factory(ANY, state_dir=tmp_path)
    with pytest.raises(PortTaken, match=f"Port {port} on 127.0.0.1 is in use.*--modbus-port"):
        await factory.start()
    blocker.close()
    await blocker.wait_closed()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)


async def test_opcua_port_in_use_is_named():
    port = free_port("127.0.0.1")
    blocker = await asyncio.start_server(lambda *_: None, "127.0.0.1", port)
    factory = Factory(PlantPlan(devices=2, modbus_port=0, opcua_port=port))
    with pytest.raises(PortTaken, match=f"{port}.*--opcua-port"):
        await factory.start()
    blocker.close()
    await blocker.wait_closed()


async def test_gateways_after_the_first_step_over_ports_in_use():
    first = free_port("127.0.0.1")
    blocker = await asyncio.start_server(lambda *_: None, "127.0.0.1", first + 1)
    plan = PlantPlan(devices=3, modbus_port=first, opcua_port=first + 2)
    side = ModbusSide(plan)
    ports = await side.open(plan)
    await side.close()
    blocker.close()
    await blocker.wait_closed()
    assert ports[0] == first
    assert ports[1] > first + 2
