"""Finding units and registers on real lines: what is found, with how many requests, and how a scan ends."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from drivers.errors import LineLost, Refused
from drivers.modbus.address import parse_address
from drivers.modbus.hub import ModbusHub
from drivers.modbus.scan import name_from, scan
from drivers.modbus.settings import ModbusTcpSettings
from drivers.plant.faults import Fault, FaultKind
from drivers.plant.modbus_server import ModbusGateway
from drivers.workbench import Fact, ScanFinding, ScanPlan
from tests.unit.drivers.modbus.range_unit import RangeUnit

Open = Callable[..., Awaitable[tuple[ModbusGateway, ModbusTcpSettings]]]


@pytest.fixture
async def gateway() -> AsyncIterator[Open]:
    opened: list[ModbusGateway] = []

    async def open_one(units: dict[int, RangeUnit], **changes: object):
        made = ModbusGateway("127.0.0.1", 0, units)
        await made.open()
        opened.append(made)
        place = {"host": "127.0.0.1", "port": made.port, "unit": 7, "timeout_s": 0.1, "turn_ms": 0}
        return made, ModbusTcpSettings(**(place | changes))

    yield open_one
    for each in opened:
        await each.close()


def wire_fault(kind: FaultKind) -> Fault:
    return Fault("", kind, 0.0)


async def scanned(hub: ModbusHub, settings: ModbusTcpSettings, plan: ScanPlan) -> list[ScanFinding]:
    return [finding async for finding in scan(hub, settings, plan)]


def places(findings: list[ScanFinding]) -> list[tuple[int, int]]:
    return [(finding.start, finding.end) for finding in findings if finding.kind == "range"]


def holding(first: int, last: int) -> ScanPlan:
    return ScanPlan(table="holding", start=first, end=last, pause_ms=0)


async def test_units_that_answer_are_found_also_where_they_refuse_what_was_asked(hub, gateway):
    silent = RangeUnit(holding=[(0, 9)])
    made, settings = await gateway({3: RangeUnit(holding=[(0, 9)]), 5: RangeUnit(), 6: silent})
    made.faults[6] = wire_fault(FaultKind.SILENT)
    findings = await scanned(hub, settings, ScanPlan(units=(2, 7), pause_ms=0))
    assert [each.unit for each in findings if each.kind == "unit"] == [3, 5]
    assert all(each.text.startswith("answered in ") for each in findings if each.kind == "unit")
    assert (findings[-1].kind, findings[-1].text) == ("progress", "2 of 6 units answered")
    assert (findings[-1].done, findings[-1].total) == (6, 6)


async def test_a_unit_whose_answers_are_wrong_is_found_and_says_so(hub, gateway):
    made, settings = await gateway({3: RangeUnit(holding=[(0, 9)])})
    made.faults[3] = wire_fault(FaultKind.WRONG_FUNCTION)
    findings = await scanned(hub, settings, ScanPlan(units=(3, 3), pause_ms=0))
    (found,) = [each for each in findings if each.kind == "unit"]
    assert found.text.startswith("answered, but not as it should: ")


async def test_a_device_that_answers_to_every_number_is_recognised(hub, gateway):
    one = RangeUnit(holding=[(0, 9)])
    _, settings = await gateway(dict.fromkeys(range(256), one))
    findings = await scanned(hub, settings, ScanPlan(units=(1, 10), pause_ms=0))
    assert findings[-1].text == "10 of 10 units answered: probably one device that answers to every number"


async def test_reserved_units_are_not_asked(hub, gateway):
    _, settings = await gateway({1: RangeUnit()})
    findings = await scanned(hub, settings, ScanPlan(units=(245, 999), pause_ms=0))
    assert findings[-1].total == 4
    with pytest.raises(Refused, match="There is no unit from 248 to 254"):
        await scanned(hub, settings, ScanPlan(units=(248, 254)))


async def test_a_gateway_that_is_not_there_ends_the_scan_at_once(hub, gateway):
    made, settings = await gateway({})
    await made.close()
    with pytest.raises(LineLost, match="refused the connection"):
        await scanned(hub, settings, ScanPlan(units=(1, 247), pause_ms=0))


async def test_every_piece_of_a_narrow_range_is_found_to_the_register(hub, gateway):
    ranges = [(3, 3), (5, 6), (100, 399), (401, 410), (500, 500)]
    unit = RangeUnit(holding=ranges)
    _, settings = await gateway({7: unit})
    findings = await scanned(hub, settings, holding(0, 600))
    assert places(findings) == ranges
    texts = [each.text for each in findings if each.kind == "range"]
    assert texts[0] == "1 register, now 3"
    assert texts[2] == "300 registers, none of them 0"
    assert findings[-1].text == "314 registers in 5 pieces"


async def test_a_whole_table_takes_few_requests_and_says_what_may_be_missing(hub, gateway):
    ranges = [(0, 199), (1000, 1124), (30000, 30099), (65500, 65535)]
    unit = RangeUnit(holding=ranges)
    _, settings = await gateway({7: unit})
    findings = await scanned(hub, settings, holding(0, 65535))
    assert places(findings) == ranges
    assert len(unit.asked) < 2000
    assert findings[-1].text == (
        "461 registers in 4 pieces; pieces shorter than 64 may have been missed, look for them in less"
    )


async def test_a_range_that_can_be_read_as_a_whole_takes_no_more_requests_than_reads(hub, gateway):
    unit = RangeUnit(holding=[(0, 999)])
    _, settings = await gateway({7: unit})
    assert places(await scanned(hub, settings, holding(0, 999))) == [(0, 999)]
    assert len(unit.asked) <= 1000 // 125 + 1


async def test_a_device_that_gives_less_at_once_than_its_settings_say_is_found_whole(hub, gateway):
    unit = RangeUnit(most_registers=16, holding=[(10, 399)])
    _, settings = await gateway({7: unit})
    assert places(await scanned(hub, settings, holding(0, 500))) == [(10, 399)]
    assert len(unit.asked) < 200


async def test_a_meter_that_gives_floats_whole_only_is_searched_by_pairs(hub, gateway):
    unit = RangeUnit(input=[(0, 35), (52, 57)])
    unit.gives_pairs_only = True
    _, settings = await gateway({7: unit})
    findings = await scanned(hub, settings, ScanPlan(table="input", start=0, end=99, pause_ms=0))
    assert places(findings) == [(0, 35), (52, 57)]
    assert findings[-1].text == "42 registers in 2 pieces, which the device gives in pairs only"


async def test_places_are_told_as_the_devices_addresses_count(hub, gateway):
    _, settings = await gateway({7: RangeUnit(holding=[(0, 9)])}, is_one_based=True)
    assert places(await scanned(hub, settings, holding(1, 20))) == [(1, 10)]
    with pytest.raises(Refused, match="holding 0 to 20 is no part of the table; it goes from 1 to 65536"):
        await scanned(hub, settings, holding(0, 20))


async def test_bits_are_found_too(hub, gateway):
    _, settings = await gateway({7: RangeUnit(coil=[(0, 2999)])})
    plan = ScanPlan(table="coil", start=0, end=5000, pause_ms=0)
    assert places(await scanned(hub, settings, plan)) == [(0, 2999)]


async def test_a_table_that_the_device_does_not_know_is_said_at_once(hub, gateway):
    class NoInputs(RangeUnit):
        def reply(self, request: bytes) -> bytes:
            self.asked.append(("", 0, 0))
            return bytes([request[0] | 0x80, 1])

    unit = NoInputs()
    _, settings = await gateway({7: unit})
    with pytest.raises(Refused, match=r"illegal function \(exception 1\)"):
        await scanned(hub, settings, ScanPlan(table="input", start=0, end=65535, pause_ms=0))
    assert len(unit.asked) == 1


async def test_a_table_that_does_not_exist_is_named(hub, gateway):
    _, settings = await gateway({7: RangeUnit()})
    plan = ScanPlan(table="holdings", start=0, end=1)
    with pytest.raises(Refused, match="Modbus has no table called"):
        await scanned(hub, settings, plan)


async def test_a_unit_that_does_not_answer_ends_the_search(hub, gateway):
    made, settings = await gateway({7: RangeUnit(holding=[(0, 9)])})
    made.faults[7] = wire_fault(FaultKind.SILENT)
    with pytest.raises(LineLost, match="No answer from"):
        await scanned(hub, settings, holding(0, 500))


async def test_a_scan_that_is_stopped_asks_nothing_more_and_leaves_the_line(hub, gateway):
    unit = RangeUnit(holding=[(0, 9)])
    _, settings = await gateway({7: unit})
    findings = scan(hub, settings, ScanPlan(table="holding", start=0, end=65535, pause_ms=1))
    async for finding in findings:
        if finding.kind == "range":
            break
    await findings.aclose()
    asked = len(unit.asked)
    # Only what left the line is forgotten, so this is another one.
    assert hub.connection_to(settings).line is None
    assert len(unit.asked) == asked < 1000


async def test_polling_goes_on_beside_a_scan(hub, gateway):
    unit, polled = RangeUnit(holding=[(0, 9)]), RangeUnit(holding=[(0, 9)])
    _, settings = await gateway({7: unit, 8: polled})
    patient = settings.model_copy(update={"unit": 8, "timeout_s": 5.0})
    driver = hub.driver(patient, [parse_address("holding:3:uint16")])
    await driver.open()
    scanning = asyncio.ensure_future(scanned(hub, settings, holding(0, 900)))
    polls = 0
    while not scanning.done():
        (value,) = await driver.read()
        assert value.value == 3
        polls += 1
    assert places(scanning.result()) == [(0, 9)]
    assert polls > 50
    await driver.close()


def test_a_device_is_named_by_maker_product_and_version():
    facts = [Fact("Vendor", "Acme"), Fact("Product code", "PM-20"), Fact("Revision", "2.1")]
    assert name_from(facts) == "Acme PM-20 2.1"
    assert name_from([*facts, Fact("Model name", "Meter 20")]) == "Acme Meter 20 2.1"
    assert name_from([]) == ""
