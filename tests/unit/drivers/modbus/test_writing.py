"""Writes: by the function that fits, never twice, read back; and what a device says that declines."""

import asyncio
import struct
from collections.abc import AsyncIterator

import pytest

from drivers.errors import LineLost, Refused
from drivers.modbus.address import parse_address
from drivers.modbus.hub import ModbusHub
from drivers.modbus.settings import ModbusTcpSettings
from drivers.modbus.spec import MODBUS_TCP
from drivers.modbus.writing import Written, write
from tests.unit.drivers.modbus.pdu_server import Memory, PduServer

READS = (1, 3)


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture
async def device(memory: Memory) -> AsyncIterator[PduServer]:
    server = PduServer(memory.answer)
    await server.start()
    yield server
    await server.stop()


def settings(device: PduServer, **more: object) -> ModbusTcpSettings:
    base = {"host": "127.0.0.1", "port": device.port, "timeout_s": 0.5}
    return ModbusTcpSettings.model_validate(base | more)


def writes(memory: Memory) -> list[int]:
    return [function for function in memory.functions if function not in READS]


@pytest.mark.parametrize(
    ("address", "value", "function", "held"),
    [
        ("coil:7", 1, 5, "1"),
        ("holding:7", 65535, 6, "65535"),
        ("holding:7:int16", -2, 6, "-2"),
        ("holding:7:int32:CDAB", -70000, 16, "-70000"),
        ("holding:7:uint64:DCBA", 2.0**50, 16, "1125899906842624"),
        ("holding:7:float32:BADC", 3.14, 16, "3.14"),
        ("holding:7:float64", 0.1, 16, "0.1"),
        ("holding:7.9:bool", 1, 22, "1"),
    ],
)
async def test_value_is_written_by_the_function_that_fits_and_read_back(
    hub: ModbusHub, device: PduServer, memory: Memory, address: str, value: float, function: int, held: str
) -> None:
    assert str(await write(hub, settings(device), address, value)) == held
    assert writes(memory) == [function]
    assert memory.functions[-1] in READS
    driver = hub.driver(settings(device), [parse_address(address)])
    await driver.open()
    (seen,) = await driver.read()
    assert seen.value == pytest.approx(value)
    await driver.close()


async def test_word_order_on_the_wire_is_that_of_the_address(
    hub: ModbusHub, device: PduServer, memory: Memory
) -> None:
    await write(hub, settings(device), "holding:10:uint32:CDAB", 0x00010002)
    assert memory.words[10:12] == [2, 1]


@pytest.mark.parametrize(
    ("unknown", "address", "functions"),
    [(5, "coil:7", [5, 15]), (6, "holding:7", [6, 16])],
)
async def test_function_the_device_does_not_know_gives_way_to_its_sibling(
    hub: ModbusHub, device: PduServer, memory: Memory, unknown: int, address: str, functions: list[int]
) -> None:
    memory.unknown = (unknown,)
    written = await write(hub, settings(device), address, 1)
    assert written.holds == 1
    assert writes(memory) == functions
    assert written.note == f"by function {functions[1]}, because the device does not know {unknown}"


async def test_bit_is_read_changed_and_written_where_the_device_knows_no_mask(
    hub: ModbusHub, device: PduServer, memory: Memory
) -> None:
    memory.unknown = (22,)
    memory.words[7] = 0b1010
    written = await write(hub, settings(device), "holding:7.0:bool", 1)
    assert memory.words[7] == 0b1011
    assert writes(memory) == [22, 6]
    assert "does not know function 22" in written.note
    assert str(written).startswith("1 (by reading the register and writing it back")


async def test_bits_written_at_the_same_time_lose_nothing(
    hub: ModbusHub, device: PduServer, memory: Memory
) -> None:
    memory.unknown = (22,)
    places = [f"holding:7.{bit}:bool" for bit in range(16)]
    await asyncio.gather(*(write(hub, settings(device), place, 1) for place in places))
    assert memory.words[7] == 0xFFFF
    assert device.accepted == 1


async def test_unanswered_write_is_never_sent_again_and_says_what_the_device_holds(
    hub: ModbusHub, device: PduServer, memory: Memory
) -> None:
    def swallow(unit: int, pdu: bytes) -> bytes | None:
        answer = memory.answer(unit, pdu)
        return None if pdu[0] == 6 else answer

    device.answer = swallow
    with pytest.raises(LineLost) as lost:
        await write(hub, settings(device, timeout_s=0.1, retries=3), "holding:7", 42)
    assert writes(memory) == [6]
    assert "Whether the value was taken is not known; read back, the device now holds 42." in str(lost.value)


async def test_silent_device_leaves_it_open_whether_the_value_was_taken(
    hub: ModbusHub, device: PduServer
) -> None:
    device.answer = lambda unit, pdu: None
    with pytest.raises(LineLost, match="look at the device before writing again"):
        await write(hub, settings(device, timeout_s=0.1), "holding:7", 42)


async def test_refusal_is_told_and_nothing_else_is_tried(
    hub: ModbusHub, device: PduServer, memory: Memory
) -> None:
    with pytest.raises(Refused) as refusal:
        await write(hub, settings(device), "holding:500", 42)
    assert str(refusal.value).endswith(
        "unit 1 refused to write holding register 500: illegal data address (exception 2); "
        "nothing can be written there; correct the address by the device's manual."
    )
    assert memory.functions == [6]


async def test_value_the_device_changes_is_shown_as_it_holds_it(
    hub: ModbusHub, device: PduServer, memory: Memory
) -> None:
    def clamp(unit: int, pdu: bytes) -> bytes:
        answer = memory.answer(unit, pdu)
        memory.words[7] = min(memory.words[7], 40)
        return answer

    device.answer = clamp
    written = await write(hub, settings(device), "holding:7", 42)
    assert written.holds == 40
    assert "42 was written, and the device made something else of it" in written.note


async def test_register_nobody_may_read_says_so(hub: ModbusHub, device: PduServer, memory: Memory) -> None:
    memory.unknown = (3,)
    assert await write(hub, settings(device), "holding:7", 42) == Written(None)
    assert str(Written(None)) == "written; it cannot be read back"


async def test_confirmed_write_is_no_failure_where_the_look_at_it_is_lost(
    hub: ModbusHub, device: PduServer, memory: Memory
) -> None:
    device.answer = lambda unit, pdu: memory.answer(unit, pdu) if pdu[0] == 6 else None
    written = await write(hub, settings(device, timeout_s=0.1), "holding:7", 42)
    assert str(written).startswith("written; it cannot be read back (No answer from ")
    assert memory.words[7] == 42


async def test_value_that_does_not_fit_reaches_no_device(hub: ModbusHub, device: PduServer) -> None:
    with pytest.raises(Refused, match="takes 0 to 65535, not 70000"):
        await write(hub, settings(device), "holding:7", 70000)
    assert not device.asked


async def test_several_registers_are_refused_where_the_device_takes_one(
    hub: ModbusHub, device: PduServer
) -> None:
    with pytest.raises(Refused, match=r"needs 2 registers in one write, and this device takes 1"):
        await write(hub, settings(device, max_registers_per_write=1), "holding:7:float32", 1.5)
    assert not device.asked


async def test_addresses_count_from_one_where_the_settings_say_so(
    hub: ModbusHub, device: PduServer, memory: Memory
) -> None:
    await write(hub, settings(device, is_one_based=True), "holding:7", 42)
    assert memory.words[6] == 42
    with pytest.raises(Refused, match="addresses count from 1"):
        await write(hub, settings(device, is_one_based=True), "holding:0", 42)


async def test_tool_refuses_what_is_no_address(hub: ModbusHub, device: PduServer) -> None:
    assert MODBUS_TCP.tools is not None
    tool = MODBUS_TCP.tools().write
    assert tool is not None
    with pytest.raises(Refused, match="is not a Modbus address"):
        await tool(hub, settings(device), "nonsense", 1)
    assert await tool(hub, settings(device), "holding:7", 42) == "42"


async def test_poll_goes_on_beside_a_write_over_one_connection(
    hub: ModbusHub, device: PduServer, memory: Memory
) -> None:
    driver = hub.driver(settings(device), [parse_address("holding:7")])
    await driver.open()
    for value in range(5):
        _, (seen,) = await asyncio.gather(write(hub, settings(device), "holding:7", value), driver.read())
        assert seen.value in (value, value - 1, 0)
    assert (await driver.read())[0].value == 4
    assert device.accepted == device.open_now == 1
    await driver.close()


async def test_wrong_echo_is_no_success(hub: ModbusHub, device: PduServer, memory: Memory) -> None:
    def lie(unit: int, pdu: bytes) -> bytes:
        return pdu[:3] + struct.pack(">H", 7) if pdu[0] == 6 else memory.answer(unit, pdu)

    device.answer = lie
    with pytest.raises(LineLost, match="when asked to write holding register 7; nothing of it was used"):
        await write(hub, settings(device), "holding:7", 42)
