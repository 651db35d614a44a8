"""Peers that break every rule on lines without numbers: nothing becomes a value, and the line goes on."""

import asyncio
import struct
from collections.abc import AsyncIterator, Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.errors import LineLost
from drivers.modbus.address import Table, parse_address
from drivers.modbus.driver import ModbusDriver
from drivers.modbus.framing import AsciiFraming, Framing, RtuFraming, crc16, lrc
from drivers.modbus.half_duplex import HalfDuplexLine
from drivers.modbus.hub import ModbusHub
from drivers.modbus.requests import ReadRequest
from drivers.modbus.settings import ModbusAsciiSettings, ModbusRtuSettings, ModbusUdpSettings
from drivers.modbus.settings_parts import LineRules, ModbusSettings
from tests.unit.drivers.modbus.serial_bridge import SerialDevice

UNIT = 3


def words_of(pdu: bytes) -> bytes:
    """Return the right answer: every register holds unit × 100 + its own address."""
    function, start, count = struct.unpack_from(">BHH", pdu)
    if function in (1, 2):
        return bytes([function, (count + 7) // 8]) + bytes((count + 7) // 8)
    return bytes([function, 2 * count]) + struct.pack(f">{count}H", *range(300 + start, 300 + start + count))


Answer = Callable[[int, bytes], "bytes | None"]
"""From unit and PDU to the bytes of an answer, wrapped already; None = silence."""


class Line:
    """One kind of line with a device at its end that does what `script` says."""

    def __init__(self, wrap: Callable[[int, bytes], bytes]) -> None:
        self.wrap = wrap
        self.script: Answer = self.truth
        self.asked: list[bytes] = []
        self.send: Callable[[bytes], None] = lambda _: None
        self.settings: Callable[..., ModbusSettings]

    def truth(self, unit: int, pdu: bytes) -> bytes:
        return self.wrap(unit, words_of(pdu))

    def on_request(self, unit: int, pdu: bytes) -> None:
        self.asked.append(pdu)
        answer = self.script(unit, pdu)
        if answer:
            self.send(answer)


def rtu(unit: int, pdu: bytes) -> bytes:
    body = bytes([unit]) + pdu
    return body + crc16(body)


def ascii_line(unit: int, pdu: bytes) -> bytes:
    body = bytes([unit]) + pdu
    return b":" + (body + bytes([lrc(body)])).hex().upper().encode() + b"\r\n"


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, line: Line) -> None:
        self.line = line
        self.number = b"\x00\x00"

    def connection_made(self, transport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr) -> None:
        self.number = data[:2]
        self.line.send = lambda answer: self.transport.sendto(answer, addr)
        self.line.on_request(data[6], data[7:])


@pytest.fixture(params=["rtu", "ascii", "udp"])
async def line(request: pytest.FixtureRequest) -> AsyncIterator[Line]:
    if request.param == "udp":
        made = Line(lambda unit, pdu: b"")
        loop = asyncio.get_running_loop()
        transport, protocol = await loop.create_datagram_endpoint(
            lambda: _Datagrams(made), local_addr=("127.0.0.1", 0)
        )
        made.wrap = lambda unit, pdu: protocol.number + struct.pack(">HHB", 0, len(pdu) + 1, unit) + pdu
        port = transport.get_extra_info("sockname")[1]
        base: dict[str, object] = {"host": "127.0.0.1", "port": port, "retries": 0}
        made.settings = lambda **more: ModbusUdpSettings.model_validate(base | more)
        yield made
        transport.close()
        return
    is_rtu = request.param == "rtu"
    made = Line(rtu if is_rtu else ascii_line)

    def on_bytes(data: bytes) -> bytes:
        body = data if is_rtu else bytes.fromhex(data[1:-2].decode())
        made.on_request(body[0], body[1 : -2 if is_rtu else -1])
        return b""

    device = SerialDevice(on_bytes)
    made.send = device.send
    base = {"serial_port": device.port, "baud": 115200, "data_bits": 8, "parity": "none"}
    kind = ModbusRtuSettings if is_rtu else ModbusAsciiSettings
    made.settings = lambda **more: kind.model_validate(base | more)
    yield made
    device.unplug()


async def opened(hub: ModbusHub, line: Line, *texts: str, **more: object) -> ModbusDriver:
    settings = line.settings(**({"unit": UNIT, "timeout_s": 5.0} | more))
    driver = hub.driver(settings, [parse_address(text) for text in texts or ("holding:10:int32",)])
    await driver.open()
    return driver


SHORT_S = 0.3
"""The time-out of what is waited for to its end; nobody else need hurry."""
RIGHT = words_of(struct.pack(">BHH", 3, 10, 2))
LIES: dict[str, tuple[Callable[[Line], "bytes | None"], str]] = {
    "silence": (lambda line: None, "No answer from .* unit 3 within 0.3 s"),
    "wrong unit": (lambda line: line.wrap(4, RIGHT), "unit 4"),
    "wrong function": (lambda line: line.wrap(3, b"\x04" + RIGHT[1:]), "function 4 instead of 3"),
    "too few registers": (lambda line: line.wrap(3, b"\x03\x02\x00\x01"), "2 bytes of data instead of 4"),
    "too many registers": (
        lambda line: line.wrap(3, b"\x03\x06" + bytes(6)),
        "6 bytes of data instead of 4",
    ),
    "count that lies": (lambda line: line.wrap(3, b"\x03\x04\x00\x01"), "2 bytes of data but announced 4"),
    "refusal of another function": (lambda line: line.wrap(3, b"\x84\x02"), "function 132 instead of 3"),
    "long refusal": (lambda line: line.wrap(3, b"\x83\x02\x00"), "exception of 2 bytes instead of 1"),
    "garbage": (lambda line: bytes(range(7, 60)), "sent 5|sent data that|No answer"),
    "half": (lambda line: line.wrap(3, RIGHT)[:-3], "and stopped|announced 7 bytes and sent"),
}

WAITED_OUT = {"silence", "wrong unit", "garbage", "half"}


@pytest.mark.parametrize("name", LIES)
async def test_lie_is_refused_by_name_and_the_next_answer_is_taken(
    hub: ModbusHub, line: Line, name: str
) -> None:
    lie, sentence = LIES[name]
    line.script = lambda unit, pdu: lie(line)
    driver = await opened(hub, line, timeout_s=SHORT_S if name in WAITED_OUT else 5.0)
    with pytest.raises(LineLost, match=sentence):
        await driver.read()
    line.script = line.truth
    assert [value.value for value in await driver.read()] == [310 << 16 | 311]
    await driver.close()


@pytest.mark.parametrize("is_answered", [True, False])
async def test_answer_that_comes_too_late_is_never_taken_for_the_next(
    hub: ModbusHub, line: Line, *, is_answered: bool
) -> None:
    slow = await opened(hub, line, "holding:10", timeout_s=SHORT_S)
    line.script = lambda unit, pdu: None
    with pytest.raises(LineLost, match="No answer"):
        await slow.read()
    late = line.wrap(UNIT, words_of(line.asked[0]))
    other = await opened(hub, line, "holding:77", timeout_s=5.0 if is_answered else SHORT_S)

    def answer_late(unit: int, pdu: bytes) -> bytes | None:
        line.script = line.truth
        line.send(late)  # To what was asked before, just when something else is asked.
        return line.truth(unit, pdu) if is_answered else None

    line.script = answer_late
    try:
        assert [value.value for value in await other.read()] == [377]
    except LineLost:
        assert not is_answered
    assert [value.value for value in await other.read()] == [377]
    await slow.close()
    await other.close()


async def test_answers_nobody_asked_for_are_dropped(hub: ModbusHub, line: Line) -> None:
    driver = await opened(hub, line)
    await driver.read()
    for _ in range(5):
        line.send(line.wrap(UNIT, b"\x03\x04\xde\xad\xbe\xef"))
    assert [value.value for value in await driver.read()] == [310 << 16 | 311]
    await driver.close()


async def test_dead_unit_leaves_its_siblings_alone(hub: ModbusHub, line: Line) -> None:
    line.script = lambda unit, pdu: None if unit == 9 else line.truth(unit, pdu)
    # One waits for one's turn twice as long as for an answer: here longer than the dead unit takes.
    dead, well = await opened(hub, line, unit=9, timeout_s=SHORT_S), await opened(hub, line)
    for _ in range(2):
        outcomes = await asyncio.gather(dead.read(), well.read(), return_exceptions=True)
        assert isinstance(outcomes[0], LineLost)
        assert [value.value for value in outcomes[1]] == [310 << 16 | 311]
    await dead.close()
    await well.close()


async def test_one_request_at_a_time_goes_out(hub: ModbusHub, line: Line) -> None:
    waiting: list[bytes] = []

    def hold(unit: int, pdu: bytes) -> None:
        waiting.append(line.truth(unit, pdu))
        assert len(waiting) == 1
        asyncio.get_running_loop().call_later(0.01, lambda: line.send(waiting.pop()))

    line.script = hold
    drivers = [await opened(hub, line, f"holding:{at}", timeout_s=2.0) for at in range(5)]
    values = await asyncio.gather(*(driver.read() for driver in drivers))
    assert [value.value for (value,) in values] == [300 + at for at in range(5)]
    for driver in drivers:
        await driver.close()


async def test_refusal_is_a_bad_point_and_cuts_the_block(hub: ModbusHub, line: Line) -> None:
    def refuse_eleven(unit: int, pdu: bytes) -> bytes:
        _, start, count = struct.unpack(">BHH", pdu)
        return line.wrap(unit, b"\x83\x02") if start <= 11 < start + count else line.truth(unit, pdu)

    line.script = refuse_eleven
    driver = await opened(hub, line, "holding:10", "holding:11", "holding:12")
    values = await driver.read()
    assert [value.value for value in values] == [310, None, 312]
    assert values[1].detail == "illegal data address 11 (exception 2)"
    await driver.close()


async def test_unanswered_request_is_sent_again_as_often_as_set(hub: ModbusHub, line: Line) -> None:
    line.script = lambda unit, pdu: line.truth(unit, pdu) if len(line.asked) == 3 else None
    driver = await opened(hub, line, retries=2, timeout_s=0.06)
    assert [value.value for value in await driver.read()] == [310 << 16 | 311]
    assert len(line.asked) == 3
    await driver.close()


class _Quiet(asyncio.Transport):
    """A transport that takes whatever is written, so that bytes can be fed to a line by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.is_written = asyncio.Event()

    def write(self, data: "bytes | bytearray | memoryview") -> None:
        self.is_written.set()

    def abort(self) -> None:
        pass


async def fed(framing: Framing, chunks: list[bytes]) -> "bytes | BaseException | None":
    """Return what a request of two registers got out of `chunks`."""
    line = HalfDuplexLine("port", LineRules(max_in_flight=1), framing, lambda _: None)
    transport = _Quiet()
    line.connection_made(transport)
    exchange = line.submit(ReadRequest(UNIT, Table.HOLDING, 10, 2), 60.0)
    await transport.is_written.wait()
    for chunk in chunks:
        if not exchange.future.done():
            line.data_received(chunk)
    failure = exchange.future.exception() if exchange.future.done() else None
    outcome = failure or (exchange.future.result() if exchange.future.done() else None)
    line.drop("over")
    exchange.future.cancelled() or exchange.future.exception()
    return outcome


@given(
    st.sampled_from([RtuFraming(), AsciiFraming()]), st.lists(st.binary(min_size=1, max_size=600), max_size=6)
)
def test_no_bytes_whatever_become_a_value(framing: Framing, chunks: list[bytes]) -> None:
    outcome = asyncio.run(fed(framing, chunks))
    assert outcome is None or isinstance(outcome, LineLost)


@given(
    st.sampled_from([(RtuFraming(), rtu), (AsciiFraming(), ascii_line)]),
    st.lists(st.integers(1, 30), max_size=4),
)
def test_right_answer_stands_however_it_is_cut(
    made: tuple[Framing, Callable[[int, bytes], bytes]], cuts: list[int]
) -> None:
    framing, wrap = made
    data = wrap(UNIT, RIGHT)
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    chunks = [data[start:end] for start, end in pairwise(places)]
    assert asyncio.run(fed(framing, chunks)) == RIGHT[2:]
