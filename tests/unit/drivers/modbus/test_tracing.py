"""What a driver keeps of its exchanges: counted as they were, and shown in the bytes of the wire."""

import struct
import time
from asyncio import StreamWriter

import pytest

from drivers.driver import TracedDriver
from drivers.errors import LineLost
from drivers.modbus.address import parse_address
from drivers.modbus.driver import ModbusDriver
from drivers.modbus.hub import ModbusHub
from drivers.modbus.settings import ModbusTcpSettings
from drivers.trace import ErrorKind
from tests.unit.drivers.modbus.line_ends import Asked, ScriptedServer

NAN = struct.pack(">f", float("nan"))
PATIENCE_S = {ErrorKind.TIMEOUT: 0.5}
"""Short only where it is waited for to its end."""


async def opened(hub: ModbusHub, server: ScriptedServer, *texts: str, **more: object) -> ModbusDriver:
    settings = {"host": "127.0.0.1", "port": server.port, "unit": 5, "timeout_s": 5.0} | more
    driver = hub.driver(ModbusTcpSettings.model_validate(settings), [parse_address(text) for text in texts])
    await driver.open()
    return driver


async def test_good_polls_are_counted_and_the_last_is_kept(hub: ModbusHub, server: ScriptedServer) -> None:
    driver = await opened(hub, server, "holding:1", "input:1")
    assert isinstance(driver, TracedDriver)
    assert driver.trace.last is None
    before = time.time()
    began_s = time.monotonic()
    for _ in range(3):
        await driver.read()
    most_ms = 1000 * (time.monotonic() - began_s)
    trace = driver.trace
    assert (trace.requests, trace.answers, trace.errors) == (6, 6, {})
    assert (trace.sent_bytes, trace.received_bytes) == (6 * 12, 6 * 11)
    assert len(trace.round_trips_ms) == 6
    assert all(0 < took_ms <= most_ms for took_ms in trace.round_trips_ms)
    assert before <= trace.answered_unix <= time.time()
    last = trace.last
    assert last is not None
    assert last.request == bytes.fromhex("000600000006050300010001")
    assert last.response == bytes.fromhex("00060000000505030201f5")
    assert (last.asked, last.outcome) == ("read 1 holding register from 1 of unit 5", "")
    assert before <= last.sent_unix <= time.time()
    assert trace.last_failed is None


async def answer_wrongly(asked: Asked, writer: StreamWriter) -> None:
    writer.write(asked.frame(b"\x02\x00\x07", function=4))


async def refuse(asked: Asked, writer: StreamWriter) -> None:
    writer.write(asked.exception(2))


async def be_silent(asked: Asked, writer: StreamWriter) -> None:
    pass


async def hang_up(asked: Asked, writer: StreamWriter) -> None:
    writer.transport.abort()


@pytest.mark.parametrize(
    ("script", "kind", "response", "outcome"),
    [
        (
            answer_wrongly,
            ErrorKind.WRONG_ANSWER,
            "0001000000050504020007",
            "answered function 4 instead of 3",
        ),
        (refuse, ErrorKind.REFUSAL, "000100000003058302", "illegal data address 1 (exception 2)"),
        (be_silent, ErrorKind.TIMEOUT, "", "No answer from"),
        (hang_up, ErrorKind.CONNECTION, "", "the connection"),
    ],
    ids=["wrong answer", "refusal", "silence", "reset"],
)
async def test_failure_is_counted_by_its_kind_and_kept_with_its_bytes(
    hub: ModbusHub, server: ScriptedServer, script, kind: ErrorKind, response: str, outcome: str
) -> None:
    driver = await opened(hub, server, "holding:1", timeout_s=PATIENCE_S.get(kind, 5.0))
    truth, server.script = server.script, script
    try:
        await driver.read()
    except LineLost:
        assert kind is not ErrorKind.REFUSAL
    trace = driver.trace
    assert trace.errors == {kind: 1}
    assert (trace.requests, trace.answers) == (1, 0)
    failed = trace.last_failed
    assert failed is not None
    assert failed is trace.last
    assert failed.request == bytes.fromhex("000100000006050300010001")
    assert failed.response == bytes.fromhex(response)
    assert outcome in failed.outcome
    assert not failed.outcome.endswith(".")
    assert failed.took_ms > 0
    server.script = truth
    await driver.open()
    await driver.read()
    assert driver.trace.last is not failed
    assert driver.trace.last_failed is failed


async def test_connection_that_cannot_be_made_is_kept(hub: ModbusHub, server: ScriptedServer) -> None:
    await server.stop()
    settings = ModbusTcpSettings(host="127.0.0.1", port=server.port)
    driver = hub.driver(settings, [parse_address("holding:1")])
    with pytest.raises(LineLost):
        await driver.open()
    failed = driver.trace.last_failed
    assert failed is not None
    assert driver.trace.errors == {ErrorKind.CONNECTION: 1}
    assert failed.asked == f"connect to {settings.peer}"
    assert "refused the connection" in failed.outcome


async def test_values_that_are_no_number_are_counted(hub: ModbusHub, server: ScriptedServer) -> None:
    async def send_nan(asked: Asked, writer: StreamWriter) -> None:
        writer.write(asked.frame(bytes([8]) + NAN + struct.pack(">f", 1.5)))

    server.script = send_nan
    driver = await opened(hub, server, "holding:1:float32", "holding:3:float32")
    bad, good = await driver.read()
    assert (bad.detail, good.value) == ("not a number", 1.5)
    assert driver.trace.errors == {ErrorKind.BAD_VALUE: 1}
    assert driver.trace.answers == 1
