"""One unit through the contract, against pymodbus's own server."""

import struct
import time
from asyncio import StreamWriter

import pytest

from drivers.errors import DriverBug, LineLost
from drivers.modbus.address import parse_address
from drivers.modbus.hub import ModbusHub
from drivers.modbus.settings import ModbusTcpSettings
from drivers.values import Quality, RawValue
from tests.unit.drivers.modbus.conftest import Serve
from tests.unit.drivers.modbus.line_ends import (
    REGISTERS,
    Asked,
    ScriptedServer,
    registers_unit,
    sparse_unit,
)


def settings(port: int, **changes: object) -> ModbusTcpSettings:
    return ModbusTcpSettings.model_validate({"host": "127.0.0.1", "port": port, "timeout_s": 2.0, **changes})


def qualities(values: list[RawValue]) -> list[Quality]:
    return [value.quality for value in values]


async def test_values_come_in_the_order_of_the_addresses(hub: ModbusHub, serve: Serve) -> None:
    port = await serve([registers_unit(3)])
    texts = ["input:7", "holding:299", "holding:0:int32", "holding:150", "holding:0.0:bool", "holding:0"]
    driver = hub.driver(settings(port, unit=3), [parse_address(text) for text in texts])
    await driver.open()
    before = time.time()
    values = await driver.read()
    assert [value.value for value in values] == [
        REGISTERS[7] ^ 0xFFFF,
        REGISTERS[299],
        struct.unpack(">i", struct.pack(">HH", *REGISTERS[:2]))[0],
        REGISTERS[150],
        bool(REGISTERS[0] & 1),
        REGISTERS[0],
    ]
    assert all(before <= value.received_unix <= time.time() for value in values)


async def test_several_units_share_a_port_and_keep_their_values_apart(hub: ModbusHub, serve: Serve) -> None:
    port = await serve([registers_unit(unit, [unit * 1000 + at for at in range(10)]) for unit in (1, 2, 3)])
    drivers = [hub.driver(settings(port, unit=unit), [parse_address("holding:5")]) for unit in (1, 2, 3)]
    for driver in drivers:
        await driver.open()
    for unit, driver in enumerate(drivers, start=1):
        assert [value.value for value in await driver.read()] == [unit * 1000 + 5]


async def test_refused_span_is_cut_within_the_first_poll_and_remembered(hub: ModbusHub, serve: Serve) -> None:
    port = await serve([sparse_unit(1, {0: 10, 1: 11, 4: 14, 5: 15, 9: 19})])
    addresses = [parse_address(f"holding:{at}") for at in (0, 1, 4, 5, 9, 12)]
    driver = hub.driver(settings(port), addresses)
    await driver.open()
    values = await driver.read()
    assert [value.value for value in values] == [10, 11, 14, 15, 19, None]
    assert values[-1].detail == "illegal data address 12 (exception 2)"
    for _ in range(3):
        assert [value.value for value in await driver.read()] == [10, 11, 14, 15, 19, None]
    assert [(block.start, block.count) for block in driver.plan.blocks] == [(0, 2), (4, 2), (9, 1)]


async def test_refused_requests_are_not_repeated(hub: ModbusHub, server: ScriptedServer) -> None:
    async def refuse_seven(asked: Asked, writer: StreamWriter) -> None:
        holds_seven = asked.start <= 7 < asked.start + asked.count
        writer.write(asked.exception(2) if holds_seven else asked.correct())

    server.script = refuse_seven
    driver = hub.driver(settings(server.port), [parse_address(f"holding:{at}") for at in (2, 5, 7, 20)])
    await driver.open()
    first = await driver.read()
    assert qualities(first) == [Quality.GOOD, Quality.GOOD, Quality.BAD, Quality.GOOD]
    learning = len(server.asked)
    second = await driver.read()
    assert [(asked.start, asked.count) for asked in server.asked[learning:]] == [(2, 4), (20, 1)]
    assert [value.value for value in second] == [value.value for value in first]
    assert second[2].detail == "illegal data address 7 (exception 2)"


async def test_new_connection_asks_for_refused_values_again(hub: ModbusHub, server: ScriptedServer) -> None:
    async def refuse(asked: Asked, writer: StreamWriter) -> None:
        writer.write(asked.exception(2))

    truth, server.script = server.script, refuse
    driver = hub.driver(settings(server.port), [parse_address("holding:1"), parse_address("holding:2")])
    await driver.open()
    assert qualities(await driver.read()) == [Quality.BAD, Quality.BAD]
    server.script = truth
    await driver.close()
    await driver.open()
    assert [value.value for value in await driver.read()] == [101, 102]


async def test_wholly_refused_device_is_still_asked_and_comes_back(
    hub: ModbusHub, server: ScriptedServer
) -> None:
    async def refuse(asked: Asked, writer: StreamWriter) -> None:
        writer.write(asked.exception(3))

    truth, server.script = server.script, refuse
    driver = hub.driver(settings(server.port), [parse_address("holding:1"), parse_address("input:2")])
    await driver.open()
    await driver.read()
    before = len(server.asked)
    assert qualities(await driver.read()) == [Quality.BAD, Quality.BAD]
    assert len(server.asked) == before + 1
    server.script = truth
    assert qualities(await driver.read()).count(Quality.GOOD) == 1
    assert [value.value for value in await driver.read()] == [101, 102]


async def test_refused_value_is_asked_for_again_after_a_while(
    hub: ModbusHub, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse_input(asked: Asked, writer: StreamWriter) -> None:
        writer.write(asked.correct() if asked.function == 3 else asked.exception(2))

    truth, server.script = server.script, refuse_input
    monkeypatch.setattr("drivers.modbus.driver.HOPE_AFTER_S", 0.0)
    driver = hub.driver(settings(server.port), [parse_address("holding:1"), parse_address("input:2")])
    await driver.open()
    for _ in range(3):
        assert qualities(await driver.read()) == [Quality.GOOD, Quality.BAD]
    server.script = truth
    assert [value.value for value in await driver.read()] == [101, 102]


@pytest.mark.parametrize(("code", "words"), [(4, "device failure"), (6, "device busy"), (77, "maker's own")])
async def test_device_that_is_ill_for_a_while_keeps_its_plan(
    hub: ModbusHub, server: ScriptedServer, code: int, words: str
) -> None:
    async def be_ill(asked: Asked, writer: StreamWriter) -> None:
        writer.write(asked.exception(code))

    truth, server.script = server.script, be_ill
    driver = hub.driver(settings(server.port), [parse_address(f"holding:{at}") for at in (1, 2, 9)])
    await driver.open()
    plan = driver.plan
    values = await driver.read()
    assert qualities(values) == [Quality.BAD] * 3
    assert words in values[0].detail
    assert f"exception {code}" in values[0].detail
    server.script = truth
    assert [value.value for value in await driver.read()] == [101, 102, 109]
    assert driver.plan == plan


async def test_table_the_device_lacks_is_given_up_without_cutting(
    hub: ModbusHub, server: ScriptedServer
) -> None:
    async def know_only_holding(asked: Asked, writer: StreamWriter) -> None:
        writer.write(asked.correct() if asked.function == 3 else asked.exception(1))

    server.script = know_only_holding
    texts = ["input:1", "input:2", "input:3", "holding:4"]
    driver = hub.driver(settings(server.port), [parse_address(text) for text in texts])
    await driver.open()
    values = await driver.read()
    assert [value.detail for value in values] == ["illegal function (exception 1)"] * 3 + [""]
    assert len(server.asked) == 2


@pytest.mark.parametrize("code", [10, 11])
async def test_gateway_that_cannot_reach_the_unit_loses_only_that_unit(
    hub: ModbusHub, server: ScriptedServer, code: int
) -> None:
    async def miss_two(asked: Asked, writer: StreamWriter) -> None:
        writer.write(asked.exception(code) if asked.unit == 2 else asked.correct())

    server.script = miss_two
    lost, well = (hub.driver(settings(server.port, unit=u), [parse_address("holding:1")]) for u in (2, 3))
    await lost.open()
    await well.open()
    with pytest.raises(LineLost, match=rf"gateway at .* unit 2.*exception {code}"):
        await lost.read()
    assert [value.value for value in await well.read()] == [301]
    assert server.open_now == 1


async def test_unanswered_request_is_sent_again_as_often_as_set(
    hub: ModbusHub, server: ScriptedServer
) -> None:
    async def answer_the_third(asked: Asked, writer: StreamWriter) -> None:
        writer.write(asked.correct() * (len(server.asked) // 3))

    server.script = answer_the_third
    driver = hub.driver(settings(server.port, timeout_s=0.1, retries=2), [parse_address("holding:1")])
    await driver.open()
    assert [value.value for value in await driver.read()] == [101]
    assert len({asked.transaction for asked in server.asked}) == 3


async def test_closing_is_safe_twice_and_before_opening(hub: ModbusHub, server: ScriptedServer) -> None:
    driver = hub.driver(settings(server.port), [parse_address("holding:1")])
    await driver.close()
    await driver.open()
    await driver.close()
    await driver.close()
    with pytest.raises(LineLost, match="not connected"):
        await driver.read()
    await hub.close()
    await hub.close()


def test_settings_of_another_protocol_are_a_bug() -> None:
    class Strange:
        pass

    with pytest.raises(DriverBug):
        ModbusHub().driver(Strange(), [])  # type: ignore[arg-type]
    with pytest.raises(DriverBug):
        ModbusHub().driver(settings(1), [Strange()])  # type: ignore[list-item]
