"""What devices tell of themselves: in pages, by level, and what is made of those that lie."""

from collections.abc import AsyncIterator, Sequence

import pytest

from drivers.errors import LineLost, Refused
from drivers.modbus.hub import ModbusHub
from drivers.modbus.identification import identify, text_of
from drivers.modbus.settings import ModbusTcpSettings
from drivers.workbench import Fact
from tests.unit.drivers.modbus.pdu_server import PduServer

MORE, LAST = 0xFF, 0


class Teller:
    """A device that tells these objects, so many bytes a page; keeps what it was asked."""

    def __init__(self, objects: dict[int, bytes], conformity: int = 0x83, page_size: int = 230) -> None:
        self.objects = objects
        self.conformity = conformity
        self.page_size = page_size
        self.asked: list[tuple[int, int]] = []

    def answer(self, unit: int, pdu: bytes) -> bytes:
        code, first = pdu[2], pdu[3]
        self.asked.append((code, first))
        last = {1: 2, 2: 6, 3: 255}[code]
        page, more, following = b"", LAST, 0
        count = 0
        for number in sorted(number for number in self.objects if first <= number <= last):
            entry = bytes([number, len(self.objects[number])]) + self.objects[number]
            if page and len(page) + len(entry) > self.page_size:
                more, following = MORE, number
                break
            page += entry
            count += 1
        return bytes([43, 14, code, self.conformity, more, following, count]) + page


BASIC = {0: b"Acme", 1: b"PM-20", 2: b"2.1"}
ALL = BASIC | {3: b"https://acme.example", 4: b"Power meter", 5: b"PM", 6: b"Feeder 3", 0x80: b"SN 4711"}


@pytest.fixture
async def device() -> AsyncIterator[PduServer]:
    server = PduServer(lambda unit, pdu: None)
    await server.start()
    yield server
    await server.stop()


async def told(hub: ModbusHub, device: PduServer, **more: object) -> Sequence[Fact]:
    base = {"host": "127.0.0.1", "port": device.port, "timeout_s": 0.5}
    return await identify(hub, ModbusTcpSettings.model_validate(base | more))


async def test_basic_device_tells_three_things(hub: ModbusHub, device: PduServer) -> None:
    teller = Teller(BASIC, conformity=1)
    device.answer = teller.answer
    assert await told(hub, device) == [
        Fact("Vendor", "Acme"),
        Fact("Product code", "PM-20"),
        Fact("Revision", "2.1"),
    ]
    assert teller.asked == [(1, 0)]


async def test_extended_device_tells_everything_in_order(hub: ModbusHub, device: PduServer) -> None:
    device.answer = Teller(ALL).answer
    facts = await told(hub, device)
    assert [fact.name for fact in facts] == [
        *("Vendor", "Product code", "Revision", "Vendor URL", "Product name", "Model name", "Application"),
        "Object 128",
    ]
    assert facts[-1].value == "SN 4711"


async def test_pages_are_put_together(hub: ModbusHub, device: PduServer) -> None:
    long = {number: bytes([65 + number]) * 100 for number in range(7)} | {
        0x80 + number: bytes([97 + number]) * 200 for number in range(5)
    }
    teller = Teller(long)
    device.answer = teller.answer
    facts = await told(hub, device)
    assert [fact.value for fact in facts] == [text.decode() for text in long.values()]
    assert len(teller.asked) > 6


async def test_longest_object_fits(hub: ModbusHub, device: PduServer) -> None:
    device.answer = Teller({0: b"x" * 244}, conformity=1, page_size=246).answer
    assert (await told(hub, device))[0].value == "x" * 244


async def test_device_that_knows_no_identification_refuses(hub: ModbusHub, device: PduServer) -> None:
    device.answer = lambda unit, pdu: bytes([0xAB, 1])
    with pytest.raises(Refused, match="refused to tell what it is: illegal function"):
        await told(hub, device)


async def test_level_that_is_promised_and_refused_leaves_the_rest(hub: ModbusHub, device: PduServer) -> None:
    teller = Teller(BASIC)
    device.answer = lambda unit, pdu: teller.answer(unit, pdu) if pdu[2] == 1 else bytes([0xAB, 3])
    assert len(await told(hub, device)) == 3


@pytest.mark.parametrize(
    ("pdu", "sentence"),
    [
        (bytes([43, 14, 1, 1, MORE, 0, 1, 0, 1]) + b"a", "goes round in circles"),
        (bytes([43, 14, 1, 1, LAST, 0, 2, 0, 1]) + b"a", "ends too early or too late"),
        (bytes([43, 14, 1, 1, LAST, 0, 1, 0, 9]) + b"a", "ends too early or too late"),
        (bytes([43, 14, 1, 1, LAST, 0, 1, 0, 1]) + b"ab", "ends too early or too late"),
        (bytes([43, 13, 1, 1, LAST, 0, 0]), "ends too early or too late"),
        (bytes([43, 14]), "ends too early or too late"),
    ],
)
async def test_device_that_tells_nonsense_is_refused_by_name(
    hub: ModbusHub, device: PduServer, pdu: bytes, sentence: str
) -> None:
    device.answer = lambda unit, _: pdu
    with pytest.raises(LineLost, match=sentence):
        await told(hub, device)


async def test_device_without_end_is_left(hub: ModbusHub, device: PduServer) -> None:
    device.answer = lambda unit, pdu: bytes([43, 14, 1, 1, MORE, min(pdu[3] + 1, 255), 1, pdu[3], 1]) + b"a"
    with pytest.raises(LineLost, match="comes to no end"):
        await told(hub, device)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"Acme\x00\x00", "Acme"),
        (b" A\x07B ", "AB"),
        ("Grün".encode(), "Grün"),
        (b"Gr\xfcn", "Grün"),
        (b"", ""),
    ],
)
def test_text_is_shown_without_filling(raw: bytes, text: str) -> None:
    assert text_of(raw) == text
