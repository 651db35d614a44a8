"""Every tag of a plant as real clients read it."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from asyncua import Client, ua
from pymodbus.client import AsyncModbusTcpClient

from drivers.plant.document import plant_document
from drivers.plant.modbus_side import ModbusSide
from drivers.plant.plan import APPLICATION_URI, PlantPlan

pytestmark = pytest.mark.asyncio(loop_scope="module")

WORDS = {"int16": 1, "uint16": 1, "int32": 2, "uint32": 2, "float32": 2}
ORDERS = {"ABCD": (0, 1, 2, 3), "CDAB": (2, 3, 0, 1), "BADC": (1, 0, 3, 2), "DCBA": (3, 2, 1, 0)}
TYPES = AsyncModbusTcpClient.DATATYPE


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def still(running):
    """A plant that measured once and then holds still, so that reading is not a race."""
    async with running(PlantPlan(modbus_port=0, opcua_port=0, update_period_s=60.0)) as factory:
        yield factory


async def read_modbus(client: AsyncModbusTcpClient, unit: int, tag: dict) -> float:
    """Read one tag of the document with a stack that shares nothing with the plant."""
    table, address, data_type, *order = tag["address"].split(":")
    read = {"holding": client.read_holding_registers, "input": client.read_input_registers}[table]
    reply = await read(int(address), count=WORDS[data_type], device_id=unit)
    assert not reply.isError()
    content = b"".join(register.to_bytes(2, "big") for register in reply.registers)
    positions = ORDERS[(order or ["ABCD"])[0]][: len(content)] if len(content) == 4 else (0, 1)
    ordered = bytes(content[position] for position in positions)
    words = [int.from_bytes(ordered[start : start + 2], "big") for start in range(0, len(ordered), 2)]
    raw = AsyncModbusTcpClient.convert_from_registers(words, getattr(TYPES, data_type.upper()))
    return raw * tag.get("scale", 1.0) + tag.get("offset", 0.0)


async def test_every_modbus_tag_of_the_document_reads_as_the_signal(still):
    entries = [e for e in plant_document(still.plan)["devices"] if e["driver"] == "modbus-tcp"]
    checked = 0
    for port in still.plan.modbus_ports:
        client = AsyncModbusTcpClient("127.0.0.1", port=port, timeout=2, retries=0)
        assert await client.connect()
        for entry in (entry for entry in entries if entry["connection"]["port"] == port):
            truth = still.values(entry["device_id"])
            for tag in entry["tags"]:
                value = await read_modbus(client, entry["connection"]["unit"], tag)
                tolerance = 0.5 * tag.get("scale", 1.0) + 1e-6 * abs(truth[tag["metric"]])
                assert value == pytest.approx(truth[tag["metric"]], abs=tolerance), (entry["device_id"], tag)
                checked += 1
        client.close()
    assert checked == sum(len(entry["tags"]) for entry in entries) == 51


async def test_every_opcua_tag_of_the_document_reads_as_the_signal_with_its_time(still):
    entries = [e for e in plant_document(still.plan)["devices"] if e["driver"] == "opcua"]
    async with Client(entries[0]["connection"]["endpoint"]) as client:
        namespaces = await client.get_namespace_array()
        for entry in entries:
            truth = still.values(entry["device_id"])
            for tag in entry["tags"]:
                text = tag["address"].replace(f"nsu={namespaces[1]}", "ns=1")
                data = await client.get_node(text).read_data_value()
                metric = tag["metric"]
                steps = {"pressure": 10.0, "power_consumption": 1.0, "rpm": 1.0}
                assert data.Value.Value == pytest.approx(truth[metric], abs=0.51 * steps.get(metric, 0.1))
                assert data.StatusCode.is_good()
                assert datetime.now(UTC) - data.SourceTimestamp < timedelta(seconds=60)


async def test_application_namespace_is_number_1_and_keeps_its_uri(still):
    async with Client(still.plan.opcua_endpoint) as client:
        assert (await client.get_namespace_array())[1] == APPLICATION_URI


async def test_machines_can_be_browsed_by_area(still):
    async with Client(still.plan.opcua_endpoint) as client:
        hall = client.get_node("ns=1;s=Hall A")
        names = [(await child.read_browse_name()).Name for child in await hall.get_children()]
        assert names == ["Press01", "Press02", "Press03", "Press04"]


async def test_node_that_does_not_exist_is_told_so(still):
    async with Client(still.plan.opcua_endpoint) as client:
        with pytest.raises(ua.UaStatusCodeError) as error:
            await client.get_node("ns=1;s=Press01.Colour").read_value()
        assert error.value.code == ua.StatusCodes.BadNodeIdUnknown


async def test_endpoint_offers_no_security_but_none(still):
    client = Client(still.plan.opcua_endpoint)
    endpoints = await client.connect_and_get_server_endpoints()
    assert [endpoint.SecurityMode for endpoint in endpoints] == [ua.MessageSecurityMode.None_]


async def test_unknown_unit_is_answered_by_the_gateway(still, line_to):
    async with line_to(still.plan.modbus_ports[0]) as line:
        assert await line.ask(99, b"\x03\x00\x00\x00\x01") == (1, 99, b"\x83\x0b")


async def test_requests_sent_ahead_are_all_answered_in_one_connection(still, line_to):
    async with line_to(still.plan.modbus_ports[0]) as line:
        for transaction in range(50):
            line.send(transaction, 1 + transaction % 4, b"\x03\x0c\x82\x00\x04")
        replies = [await line.receive() for _ in range(50)]
    assert [transaction for transaction, _, _ in replies] == list(range(50))


async def test_frame_that_arrives_in_pieces_is_answered_once(still, line_to):
    async with line_to(still.plan.modbus_ports[0]) as line:
        for piece in (b"\x00\x07\x00\x00", b"\x00\x06\x01", b"\x03\x0c\x82\x00", b"\x01"):
            line.writer.write(piece)
            await line.writer.drain()
            await asyncio.sleep(0)
        transaction, unit, pdu = await line.receive()
    assert (transaction, unit, pdu[:2]) == (7, 1, b"\x03\x02")


async def test_line_that_speaks_no_modbus_is_dropped(still, line_to):
    async with line_to(still.plan.modbus_ports[0]) as line:
        line.writer.write(b"GET / HTTP/1.1\r\n\r\n")
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await line.receive()


async def test_answered_requests_are_counted_by_device_and_request(still, line_to):
    before = still.answered("DRIVE-04").get((3, 3202, 12), 0)
    async with line_to(still.plan.modbus_ports[0]) as line:
        for _ in range(5):
            await line.ask(4, b"\x03\x0c\x82\x00\x0c")
        await line.ask(4, b"\x03\x00\x00\x00\x01")  # refused
    assert still.answered("DRIVE-04")[3, 3202, 12] - before == 5
    assert (3, 0, 1) not in still.answered("DRIVE-04")


async def test_a_port_never_opens_on_registers_without_a_measurement(running, monkeypatch):
    found = []
    open_ports = ModbusSide.open

    async def look_and_open(side: ModbusSide, plan: PlantPlan) -> tuple[int, ...]:
        found.extend(any(any(content) for _, content in unit._blocks) for unit in side.units)
        return await open_ports(side, plan)

    monkeypatch.setattr(ModbusSide, "open", look_and_open)
    async with running(PlantPlan(devices=8, modbus_port=0, opcua_port=0)):
        assert found
        assert all(found)
