"""Questions beside the polling: over its connection, behind its requests, and gone without a trace."""

import asyncio
import struct
from collections.abc import AsyncIterator

import pytest

from drivers.errors import DriverBug, LineLost
from drivers.modbus.address import Table, parse_address
from drivers.modbus.asking import RefusedByDevice, visiting
from drivers.modbus.driver import ModbusDriver
from drivers.modbus.hub import ModbusHub
from drivers.modbus.registers import read_registers
from drivers.modbus.requests import ReadRequest
from drivers.modbus.settings import ModbusRtuTcpSettings, ModbusTcpSettings
from drivers.opcua.settings import OpcuaSettings
from drivers.workbench import RegisterSpan
from tests.unit.drivers.modbus.pdu_server import PduServer


def truth(unit: int, pdu: bytes) -> bytes:
    function, start, count = struct.unpack(">BHH", pdu)
    if start + count > 1000:
        return bytes([function | 0x80, 2])
    if function < 3:
        bits = sum((start + at) % 2 << at for at in range(count))
        size = (count + 7) // 8
        return bytes([function, size]) + bits.to_bytes(size, "little")
    return bytes([function, 2 * count]) + struct.pack(f">{count}H", *range(start, start + count))


@pytest.fixture
async def device() -> AsyncIterator[PduServer]:
    server = PduServer(truth)
    await server.start()
    yield server
    await server.stop()


def settings(device: PduServer, **more: object) -> ModbusTcpSettings:
    base = {"host": "127.0.0.1", "port": device.port, "timeout_s": 0.5}
    return ModbusTcpSettings.model_validate(base | more)


async def polled(hub: ModbusHub, device: PduServer, **more: object) -> ModbusDriver:
    driver = hub.driver(settings(device, **more), [parse_address("holding:5")])
    await driver.open()
    return driver


async def test_question_takes_the_polled_connection_and_leaves_it(hub: ModbusHub, device: PduServer) -> None:
    driver = await polled(hub, device)
    async with visiting(hub, settings(device)) as visit:
        answer = await visit.ask(ReadRequest(1, Table.HOLDING, 7, 1))
    assert answer.payload == b"\x00\x07"
    assert answer.request[7:] == b"\x03\x00\x07\x00\x01"
    assert answer.response[7:] == b"\x03\x02\x00\x07"
    assert 0 < answer.took_ms < 500
    assert (await driver.read())[0].value == 5
    assert device.accepted == device.open_now == 1
    await driver.close()


async def test_connection_nobody_polls_is_closed_after_the_visit(hub: ModbusHub, device: PduServer) -> None:
    async with visiting(hub, settings(device)) as visit:
        for at in range(3):
            await visit.ask(ReadRequest(1, Table.HOLDING, at, 1))
        assert device.accepted == device.open_now == 1
    await device.until(lambda: not device.open_now)
    assert device.accepted == 1


async def test_question_waits_behind_what_is_polled(hub: ModbusHub, device: PduServer) -> None:
    driver = await polled(hub, device, max_in_flight=1)
    poll = asyncio.create_task(driver.read())
    await asyncio.sleep(0)  # The poll is on its way before the question.
    question = asyncio.create_task(read_registers(hub, settings(device), RegisterSpan("holding", 100, 1)))
    await asyncio.gather(poll, question)
    assert [struct.unpack(">BHH", pdu)[1] for _, pdu in device.asked] == [5, 100]
    await driver.close()


async def test_units_that_are_not_there_cost_the_polled_one_nothing(
    hub: ModbusHub, device: PduServer
) -> None:
    device.answer = lambda unit, pdu: truth(unit, pdu) if unit == 1 else None
    driver = await polled(hub, device)
    async with visiting(hub, settings(device)) as visit:
        for unit in range(2, 8):
            with pytest.raises(LineLost, match=f"unit {unit} within 0.05 s"):
                await visit.ask(ReadRequest(unit, Table.HOLDING, 0, 1), is_probe=True, timeout_s=0.05)
    assert (await driver.read())[0].value == 5
    assert device.accepted == 1, "six silent units in a row are no dead line when somebody only looks"
    await driver.close()


async def test_cancelled_question_leaves_no_trace(hub: ModbusHub, device: PduServer) -> None:
    device.answer = lambda unit, pdu: truth(unit, pdu) if pdu[2] == 5 else None
    driver = await polled(hub, device)
    question = asyncio.create_task(read_registers(hub, settings(device), RegisterSpan("holding", 100, 1)))
    await device.until(lambda: bool(device.asked))
    question.cancel()
    with pytest.raises(asyncio.CancelledError):
        await question
    assert (await driver.read())[0].value == 5
    assert device.accepted == device.open_now == 1
    await driver.close()


async def test_refusal_tells_its_code(hub: ModbusHub, device: PduServer) -> None:
    async with visiting(hub, settings(device)) as visit:
        with pytest.raises(RefusedByDevice) as refusal:
            await visit.read(Table.HOLDING, 999, 2)
    assert refusal.value.code == 2
    assert "refused to read 2 holding registers from 999: illegal data address" in str(refusal.value)


async def test_line_that_was_lost_is_made_anew_for_the_next_question(
    hub: ModbusHub, device: PduServer
) -> None:
    async with visiting(hub, settings(device)) as visit:
        await visit.ask(ReadRequest(1, Table.HOLDING, 0, 1))
        line = visit.join().line
        assert line is not None
        line.drop("pulled out")
        assert (await visit.ask(ReadRequest(1, Table.HOLDING, 7, 1))).payload == b"\x00\x07"


async def test_hub_of_another_protocol_is_our_bug(hub: ModbusHub) -> None:
    with pytest.raises(DriverBug):
        await read_registers(hub, OpcuaSettings(endpoint="opc.tcp://plc"), RegisterSpan("holding", 0, 1))


def test_plain_tcp_and_rtu_over_tcp_never_share(hub: ModbusHub) -> None:
    tcp, rtu = ModbusTcpSettings(host="plc"), ModbusRtuTcpSettings(host="plc")
    assert hub.connection_to(tcp) is not hub.connection_to(rtu)
    assert hub.connection_to(tcp) is hub.connection_to(ModbusTcpSettings(host="PLC", unit=9))
