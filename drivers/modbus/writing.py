"""Writing one value to a device, and looking at what it holds afterwards.

The function follows from the place: 5 for a coil, 6 for one register, 16 for several, 22 for a bit of a
register. A device that does not know one (exception 1, so nothing happened) is asked by its sibling: 15 for
5, 16 for 6, and for 22 the register is read, changed and written while no other write of this program is
under way. A write that was not answered is never sent again: whether it was done, only a look can tell.
"""

from dataclasses import dataclass

from pydantic import BaseModel

from drivers.driver import DriverHub
from drivers.errors import LineLost, NeedsHuman, Refused
from drivers.modbus import faults
from drivers.modbus.address import DataType, ModbusAddress, Table, parse_address
from drivers.modbus.asking import RefusedByDevice, Visit, refusal, visiting
from drivers.modbus.blocks import Block
from drivers.modbus.decode import decoder_of
from drivers.modbus.encode import encoded, value_words
from drivers.modbus.requests import (
    Request,
    WriteRequest,
    mask_register,
    write_coil,
    write_coils,
    write_register,
    write_registers,
)
from drivers.questions import NOT_KNOWN, NOT_READ_BACK
from drivers.values import RawValue


@dataclass(frozen=True, slots=True)
class Written:
    """What came of a write.

    Attributes:
        holds: What the device holds now, read back; None where it could not be read.
        note: What else is to be said, as a sentence; empty where nothing is.
    """

    holds: float | None
    note: str = ""

    def __str__(self) -> str:
        held = NOT_READ_BACK if self.holds is None else value_words(self.holds)
        return f"{held} ({self.note})" if self.note else held


async def write(hub: DriverHub, settings: BaseModel, address_text: str, value: float) -> Written:
    """Write `value`, in the device's raw units, and return what the device holds afterwards.

    Raises:
        Refused: The place cannot be written, the value does not fit its type, or the device declines.
        LineLost, NeedsHuman: No answer to the write; the text says what the device holds, where that could
            be read. What is lost once the write was confirmed is told in `Written.note`.
        AddressError: `address_text` is no address.
    """
    address = parse_address(address_text)
    data = encoded(address, value)
    async with visiting(hub, settings) as visit:
        place = _on_wire(address, visit)
        async with visit.writing():
            try:
                note = await _put(visit, place, data)
            except LineLost as lost:
                raise type(lost)(f"{lost} {await _what_holds(visit, place)}") from lost
            try:
                holds = await _held(visit, place)
            except RefusedByDevice:
                return Written(None, note)
            except (LineLost, NeedsHuman) as lost:
                return Written(None, f"{note}; {lost}" if note else str(lost))
    if holds is not None and not _is_same(holds, data, place):
        differs = f"{value_words(value)} was written, and the device made something else of it"
        note = f"{note} {differs}" if note else differs
    return Written(holds, note)


def _on_wire(address: ModbusAddress, visit: Visit) -> ModbusAddress:
    offset = address.offset - visit.settings.is_one_based
    if offset < 0:
        raise Refused(f"{address} does not exist: this device's addresses count from 1.")
    return ModbusAddress(address.table, offset, address.type, address.bit, address.order)


async def _put(visit: Visit, place: ModbusAddress, data: bytes) -> str:
    """Write; return how, where it was not by the function of first choice."""
    unit, offset = visit.settings.unit, place.offset
    if place.table is Table.COIL:
        is_on = data != b"\x00"
        first, second = write_coil(unit, offset, is_on=is_on), write_coils(unit, offset, (is_on,))
        return await _either(visit, first, second)
    if place.bit is not None:
        return await _put_bit(visit, place, is_on=data != b"\x00")
    if len(data) == 2:
        word = int.from_bytes(data, "big")
        return await _either(visit, write_register(unit, offset, word), write_registers(unit, offset, data))
    most = visit.settings.max_registers_per_write
    if len(data) // 2 > most:
        raise Refused(
            f"{place} needs {len(data) // 2} registers in one write, and this device takes {most} "
            "(Registers per write); written in parts it would hold a wrong value in between."
        )
    await _say(visit, write_registers(unit, offset, data))
    return ""


async def _either(visit: Visit, first: WriteRequest, second: WriteRequest) -> str:
    """Write by `first`, or by `second` where the unit does not know the function."""
    if await _knows(visit, first):
        return ""
    await _say(visit, second)
    return f"by function {second.function}, because the device does not know {first.function}"


async def _put_bit(visit: Visit, place: ModbusAddress, *, is_on: bool) -> str:
    unit, offset, bit = visit.settings.unit, place.offset, 1 << (place.bit or 0)
    mask = mask_register(unit, offset, 0xFFFF & ~bit, bit if is_on else 0)
    if await _knows(visit, mask):
        return ""
    before = await visit.read(Table.HOLDING, offset, 1)
    word = int.from_bytes(before.payload, "big")
    word = word | bit if is_on else word & ~bit
    data = word.to_bytes(2, "big")
    await _either(visit, write_register(unit, offset, word), write_registers(unit, offset, data))
    return (
        "by reading the register and writing it back, because the device does not know function 22; a change "
        "that the device made in between is lost"
    )


async def _knows(visit: Visit, request: WriteRequest) -> bool:
    """Write; return False where the unit does not know the function, and so has done nothing."""
    answer = await visit.ask(request)
    if answer.code == faults.ILLEGAL_FUNCTION:
        return False
    _check(visit, request, answer.code)
    return True


async def _say(visit: Visit, request: WriteRequest) -> None:
    answer = await visit.ask(request)
    _check(visit, request, answer.code)


def _check(visit: Visit, request: Request, code: int) -> None:
    if code in faults.GATEWAY_CODES:
        raise faults.gateway_lost(visit.settings.peer, request.unit, code)
    if code:
        raise refusal(visit.settings, request, code)


async def _held(visit: Visit, place: ModbusAddress) -> float | None:
    """Return what the device holds there; None where that is no number."""
    block = Block(place.table, place.offset, place.width, (0,))
    answer = await visit.read(place.table, place.offset, place.width)
    values: list[RawValue | None] = [None]
    decoder_of([place], block)(answer.payload, answer.received_unix, values)
    held = values[0]
    number = None if held is None else held.value
    return number if isinstance(number, int | float) else None


async def _what_holds(visit: Visit, place: ModbusAddress) -> str:
    """Return what is known after a write that nobody answered."""
    try:
        held = await _held(visit, place)
    except (LineLost, Refused):
        return NOT_KNOWN
    seen = "no number" if held is None else value_words(held)
    return f"Whether the value was taken is not known; read back, the device now holds {seen}."


def _is_same(holds: float, data: bytes, place: ModbusAddress) -> bool:
    if place.type is DataType.BOOL:
        return bool(holds) == (data != b"\x00")
    return encoded(place, float(holds)) == data
