"""Looking for units and for registers that can be read, politely: one request at a time, with rests between.

A scan joins the connection that is polled and waits for its turn like any unit, so polling goes on beside it.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence

from pydantic import BaseModel

from drivers.driver import DriverHub
from drivers.errors import LineLost, Refused
from drivers.modbus import faults
from drivers.modbus.address import Table
from drivers.modbus.asking import Answer, Visit, visiting
from drivers.modbus.faults import NoAnswer, NoTurn, WrongAnswer
from drivers.modbus.identification import identify_in
from drivers.modbus.register_search import search_registers
from drivers.modbus.requests import ReadRequest
from drivers.modbus.scan_way import ScanWay
from drivers.modbus.settings import ModbusSerialSettings
from drivers.modbus.settings_parts import RESERVED_UNITS
from drivers.workbench import Fact, ScanFinding, ScanPlan

PROGRESS_S = 0.5
"""How often people are told how far it has come."""
MOST_LOSSES = 3
"""So many connections in a row may break over units that are not there: some gateways hang up on them."""
MANY_UNITS = 8
"""So many units, all of them there, are rather one device that looks at no number."""

_BROADCAST, _LAST_UNIT = 0, 255
_NAMED_BY = (("Vendor",), ("Product name", "Model name", "Product code"), ("Revision",))


async def scan(hub: DriverHub, settings: BaseModel, plan: ScanPlan) -> AsyncIterator[ScanFinding]:
    """Yield what is found, and how far it has come.

    Raises:
        Refused: The plan asks for what cannot be.
        LineLost, NeedsHuman: The line is gone, or nobody answers where somebody should.
    """
    async with visiting(hub, settings) as visit:
        way = ScanWay(plan.pause_ms)
        looking = asyncio.create_task(
            search_registers(visit, plan, way) if plan.table else _search_units(visit, plan, way),
            name=f"scan {visit.settings.peer}",
        )
        try:
            while not looking.done():
                await asyncio.wait({looking}, timeout=PROGRESS_S)
                for finding in way.take():
                    yield finding
                yield way.progress()
            looking.result()
        finally:
            looking.cancel()
            # Whoever stops listening hears of no fault; one that nobody took would be reported as lost.
            await asyncio.gather(looking, return_exceptions=True)


async def _search_units(visit: Visit, plan: ScanPlan, way: ScanWay) -> None:
    units = _units_of(visit, plan)
    way.total = len(units)
    found = losses = 0
    for unit in units:
        way.at(unit, f"Asking unit {unit}")
        await way.rest()
        try:
            answer, text = await _look_at(visit, unit)
            losses = 0
        except NoTurn:
            raise
        except NoAnswer:
            losses = 0
            continue
        except LineLost:
            # Where nothing has worked yet, the line is what does not work.
            losses += 1
            if losses >= MOST_LOSSES or way.done == 1:
                raise
            continue
        if text:
            found += 1
            took_ms = 0.0 if answer is None else answer.took_ms
            way.tell(ScanFinding("unit", unit, text=text, took_ms=took_ms, done=way.done, total=way.total))
    text = f"{found} of {len(units)} units answered"
    if found == len(units) >= MANY_UNITS:
        text += ": probably one device that answers to every number"
    way.at(units[-1], text)


def _units_of(visit: Visit, plan: ScanPlan) -> list[int]:
    """Return the units to try. Raises Refused where there are none."""
    first, last = plan.units or (visit.settings.unit, visit.settings.unit)
    # On a serial line nobody answers to a broadcast (serial line 1.02, 2.1).
    lowest = _BROADCAST + isinstance(visit.settings, ModbusSerialSettings)
    wanted = range(max(first, lowest), min(last, _LAST_UNIT) + 1)
    units = [unit for unit in wanted if unit not in RESERVED_UNITS]
    if not units:
        raise Refused(f"There is no unit from {first} to {last}; there are 1 to 247, and 0 and 255.")
    return units


async def _look_at(visit: Visit, unit: int) -> tuple[Answer | None, str]:
    """Return what a unit answered, and in words; no words where a gateway says that nobody is there."""
    try:
        answer = await visit.ask(ReadRequest(unit, Table.HOLDING, 0, 1), is_probe=True)
    except WrongAnswer as error:
        return None, f"answered, but not as it should: {error}"
    if answer.code in faults.GATEWAY_CODES:
        return answer, ""
    name = await _name_of(visit, unit)
    return answer, f"answered in {answer.took_ms:.0f} ms{', ' if name else ''}{name}"


async def _name_of(visit: Visit, unit: int) -> str:
    """Return what a unit calls itself; empty where it does not say."""
    try:
        return name_from(await identify_in(visit, unit))
    except (LineLost, Refused):
        return ""


def name_from(facts: Sequence[Fact]) -> str:
    """Return maker, product and version in a few words: "Acme PM-20 2.1"."""
    told = {fact.name: fact.value for fact in facts}
    words = [next((told[name] for name in names if told.get(name)), "") for names in _NAMED_BY]
    return " ".join(word for word in words if word)
