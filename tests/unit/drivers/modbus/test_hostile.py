"""A peer that breaks the rules: nothing of what it sends becomes a value, and memory stays bounded."""

import asyncio
import struct
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.errors import LineLost
from drivers.modbus.address import Table, parse_address
from drivers.modbus.driver import ModbusDriver
from drivers.modbus.hub import ModbusHub
from drivers.modbus.requests import ReadRequest
from drivers.modbus.settings import ModbusTcpSettings
from drivers.modbus.settings_parts import LineRules
from drivers.modbus.wire import BUFFER_SIZE, Wire
from tests.unit.drivers.modbus.line_ends import Asked, ScriptedServer


async def opened(hub: ModbusHub, server: ScriptedServer, timeout_s: float = 0.3) -> ModbusDriver:
    settings = ModbusTcpSettings(host="127.0.0.1", port=server.port, unit=5, timeout_s=timeout_s)
    driver = hub.driver(settings, [parse_address(f"holding:{at}") for at in (1, 2, 3)])
    await driver.open()
    return driver


def words(asked: Asked, count: int) -> bytes:
    return bytes([count * 2]) + bytes(count * 2)


WRONG_ANSWERS: dict[str, tuple[Callable[[Asked], bytes], str]] = {
    "wrong function": (lambda a: a.frame(words(a, a.count), function=4), "answered function 4 instead of 3"),
    "wrong unit": (lambda a: a.frame(words(a, a.count), unit=6), "answered as unit 6 instead of 5"),
    "exception of another unit": (
        lambda a: a._replace(unit=6).exception(2),
        "answered as unit 6 instead of 5",
    ),
    "one register less": (lambda a: a.frame(words(a, 2)), "answered 4 bytes of data instead of 6"),
    "one register more": (lambda a: a.frame(words(a, 4)), "answered 8 bytes of data instead of 6"),
    "byte count of another length": (
        lambda a: a.frame(b"\x06" + bytes(4)),
        "sent 4 bytes of data but announced 6",
    ),
    "long exception": (lambda a: a.frame(b"\x02\x00", function=0x83), "exception of 2 bytes"),
    "other protocol": (lambda a: b"\x00\x01\x00\x07" + a.correct()[4:], "not Modbus"),
    "endless frame": (lambda a: a.correct()[:4] + b"\xff\xff" + bytes(70_000), "65535 bytes"),
    "empty frame": (lambda a: a.correct()[:4] + b"\x00\x02\x05\x03", "2 bytes where Modbus allows 3 to 254"),
    "web server": (lambda a: b"HTTP/1.1 400 Bad Request\r\n\r\n" * 3, "check that it speaks Modbus TCP"),
    "half an answer": (lambda a: a.correct()[:-1], "half an answer"),
    "two bytes": (lambda a: a.correct()[:2], "half an answer"),
    "nothing": (lambda a: b"", "No answer from"),
    "another transaction": (
        lambda a: a._replace(transaction=a.transaction + 1).correct(),
        "1 answer with the number of no open request discarded",
    ),
    "flood": (lambda a: a._replace(transaction=9999).correct() * 5000, "nobody asked for"),
}


@pytest.mark.parametrize("name", WRONG_ANSWERS)
async def test_wrong_answer_is_named_and_never_used(
    hub: ModbusHub, server: ScriptedServer, name: str
) -> None:
    make, sentence = WRONG_ANSWERS[name]

    async def answer_wrongly(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(make(asked))

    truth, server.script = server.script, answer_wrongly
    driver = await opened(hub, server)
    with pytest.raises(LineLost, match=sentence):
        await driver.read()
    server.script = truth
    await driver.open()
    assert [value.value for value in await driver.read()] == [501, 502, 503]


async def test_reset_is_named(hub: ModbusHub, server: ScriptedServer) -> None:
    async def reset(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    server.script = reset
    driver = await opened(hub, server)
    with pytest.raises(LineLost, match=r"127.0.0.1:\d+ (closed|reset) the connection"):
        await driver.read()


async def test_dripping_answer_ends_with_the_time_out(hub: ModbusHub, server: ScriptedServer) -> None:
    async def drip(asked: Asked, writer: asyncio.StreamWriter) -> None:
        for byte in asked.correct():
            writer.write(bytes([byte]))
            await asyncio.sleep(0.05)

    server.script = drip
    driver = await opened(hub, server)
    async with asyncio.timeout(1.0):
        with pytest.raises(LineLost, match="half an answer"):
            await driver.read()


async def test_answer_in_pieces_is_put_together(hub: ModbusHub, server: ScriptedServer) -> None:
    async def in_pieces(asked: Asked, writer: asyncio.StreamWriter) -> None:
        for byte in asked.correct():
            writer.write(bytes([byte]))
            await asyncio.sleep(0.001)

    server.script = in_pieces
    driver = await opened(hub, server, timeout_s=5)
    assert [value.value for value in await driver.read()] == [501, 502, 503]


class _Quiet(asyncio.Transport):
    """A transport that keeps what is written, so that bytes can be fed to a wire by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.sent = b""
        self.is_aborted = False

    def write(self, data: "bytes | bytearray | memoryview") -> None:
        self.sent += data

    def abort(self) -> None:
        self.is_aborted = True


def feed(wire: Wire, data: bytes) -> None:
    """Hand bytes to a wire as the loop does, in receives of at most its buffer."""
    while data and not wire.lost:
        buffer = wire.get_buffer(-1)
        taken = min(len(buffer), len(data))
        buffer[:taken] = data[:taken]
        wire.buffer_updated(taken)
        data = data[taken:]


async def fed(chunks: list[bytes], is_correct_first: bool) -> tuple[bytes | LineLost | None, bytes]:
    """Return what a request of three registers got out of `chunks`, and the correct payload."""
    wire = Wire("peer:502", LineRules(), lambda _: None)
    wire.connection_made(_Quiet())
    exchange = wire.submit(ReadRequest(1, Table.HOLDING, 0, 3), 60.0)
    payload = b"\x01\x02\x03\x04\x05\x06"
    correct = struct.pack(">HHHBBB", exchange.transaction, 0, 9, 1, 3, 6) + payload
    for chunk in [correct] * is_correct_first + chunks:
        feed(wire, chunk)
    outcome: bytes | LineLost | None = None
    if exchange.future.done():
        failure = exchange.future.exception()
        outcome = failure if isinstance(failure, LineLost) else exchange.future.result()
    assert len(wire.get_buffer(-1)) <= BUFFER_SIZE
    wire.drop("over")
    exchange.future.cancelled() or exchange.future.exception()
    return outcome, payload


@given(st.lists(st.binary(min_size=1, max_size=400), max_size=8))
def test_no_bytes_whatever_become_a_value(chunks: list[bytes]) -> None:
    outcome, _ = asyncio.run(fed(chunks, is_correct_first=False))
    assert outcome is None or isinstance(outcome, LineLost)


@given(st.lists(st.binary(min_size=1, max_size=6000), max_size=4))
def test_correct_answer_stands_whatever_follows(chunks: list[bytes]) -> None:
    outcome, payload = asyncio.run(fed(chunks, is_correct_first=True))
    assert outcome == payload


async def test_short_answer_never_swallows_that_of_a_sibling() -> None:
    wire = Wire("peer:502", LineRules(turn_s=0.0), lambda _: None)
    wire.connection_made(_Quiet())
    first = wire.submit(ReadRequest(1, Table.HOLDING, 0, 6), 60.0)
    second = wire.submit(ReadRequest(2, Table.HOLDING, 0, 6), 60.0)
    answers = [
        struct.pack(">HHHBBB", each.transaction, 0, 15, each.request.unit, 3, 12) + bytes(12)
        for each in (first, second)
    ]
    feed(wire, answers[0][:-4] + answers[1])
    for exchange in (first, second):
        with pytest.raises(LineLost, match="half an answer"):
            await exchange.future


async def test_nothing_is_sent_while_half_an_answer_is_open() -> None:
    transport = _Quiet()
    wire = Wire("peer:502", LineRules(turn_s=0.0), lambda _: None)
    wire.connection_made(transport)
    first = wire.submit(ReadRequest(1, Table.HOLDING, 0, 2), 60.0)
    answer = struct.pack(">HHHBBB4s", first.transaction, 0, 7, 1, 3, 4, b"abcd")
    feed(wire, answer[:-3])
    before = transport.sent
    second = wire.submit(ReadRequest(2, Table.HOLDING, 0, 2), 60.0)
    assert transport.sent == before
    feed(wire, answer[-3:])
    assert await first.future == b"abcd"
    assert len(transport.sent) == len(before) + 12
    wire.drop("over")
    with pytest.raises(LineLost, match="over"):
        await second.future
