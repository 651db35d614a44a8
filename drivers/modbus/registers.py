"""Raw registers as they are, for people to look at: what is refused is named, its neighbours still come."""

from pydantic import BaseModel

from drivers.driver import DriverHub
from drivers.errors import Refused
from drivers.modbus import faults
from drivers.modbus.address import LAST_OFFSET, Table
from drivers.modbus.asking import Answer, Visit, visiting, words_of
from drivers.modbus.blocks import BITS_PER_REGISTER
from drivers.modbus.requests import ReadRequest
from drivers.workbench import Registers, RegisterSpan

MOST_WORDS = 2000
"""More than anybody looks at, and what one read of bits may bring."""
MAX_EXTRA_REQUESTS = 128
"""How many requests may go into finding out which of the registers are refused."""

TABLES = ", ".join(Table)
_READ_HOLDING = 3
"""Whichever table is read, what is to be done about a refusal is the same."""


async def read_registers(hub: DriverHub, settings: BaseModel, span: RegisterSpan) -> Registers:
    """Return what a span holds; what the device refuses is None, and said once.

    Raises:
        Refused: There is no such table, or the span leaves it.
        LineLost, NeedsHuman: As the driver's own requests.
    """
    async with visiting(hub, settings) as visit:
        table = table_named(span.table)
        first = first_on_wire(visit, table, span.start, span.count)
        if span.count > MOST_WORDS:
            raise Refused(f"One look takes {MOST_WORDS} registers, not {span.count}; look at fewer.")
        return await _Look(visit, table).read(first, span.count)


def table_named(name: str) -> Table:
    """Return the table of this name. Raises Refused."""
    try:
        return Table(name)
    except ValueError as error:
        raise Refused(f"Modbus has no table called {name[:40]!r}; there are {TABLES}.") from error


def first_on_wire(visit: Visit, table: Table, start: int, count: int) -> int:
    """Return where a span begins on the wire. Raises Refused where it leaves the table.

    Args:
        visit: Knows whether the device's addresses count from 1.
        table: Of the span.
        start: As the device's tag addresses count.
        count: How many.
    """
    lowest = int(visit.settings.is_one_based)
    first = start - lowest
    if first < 0 or count < 1 or first + count - 1 > LAST_OFFSET:
        raise Refused(
            f"{table} {start} to {start + count - 1} is no part of the table; it goes from {lowest} to "
            f"{LAST_OFFSET + lowest}."
        )
    return first


def most_per_read(visit: Visit, table: Table) -> int:
    """Return how many registers or bits the device gives at once, as far as its settings say."""
    return visit.settings.max_registers_per_read * (BITS_PER_REGISTER if table.is_bits else 1)


async def ask_for(visit: Visit, table: Table, start: int, count: int) -> Answer:
    """Read from the unit of the settings, refusals included; `start` as on the wire.

    Raises:
        LineLost, NeedsHuman: As the driver's own requests; a gateway that does not reach the unit, too.
    """
    request = ReadRequest(visit.settings.unit, table, start, count)
    answer = await visit.ask(request, retries=visit.settings.retries)
    if answer.code in faults.GATEWAY_CODES:
        raise faults.gateway_lost(visit.settings.peer, visit.settings.unit, answer.code)
    return answer


class _Look:
    """One reading of one span: pieces that are refused are cut, until the refused ones stand alone."""

    def __init__(self, visit: Visit, table: Table) -> None:
        self._visit = visit
        self._table = table
        self._extra = MAX_EXTRA_REQUESTS
        self._words: dict[int, int] = {}
        self._refused: list[tuple[int, int, int]] = []  # first, count, exception code
        self._unasked = 0
        self._took_ms = 0.0
        self._received_unix = 0.0

    async def read(self, first: int, count: int) -> Registers:
        step = most_per_read(self._visit, self._table)
        for at in range(first, first + count, step):
            await self._read(at, min(step, first + count - at))
        return Registers(
            tuple(self._words.get(at) for at in range(first, first + count)),
            self._received_unix,
            self._took_ms,
            tuple(self._sentences()),
        )

    async def _read(self, first: int, count: int) -> None:
        todo = [(first, count)]
        while todo:
            at, size = todo.pop()
            answer = await ask_for(self._visit, self._table, at, size)
            self._took_ms += answer.took_ms
            self._received_unix = answer.received_unix
            if not answer.code:
                words = words_of(self._table, size, answer.payload)
                self._words.update(zip(range(at, at + size), words, strict=True))
            elif size == 1 or answer.code == faults.ILLEGAL_FUNCTION or answer.code in faults.BUSY_CODES:
                self._refused.append((at, size, answer.code))
            elif self._extra < 2:
                self._unasked += size
            else:
                self._extra -= 2
                half = size // 2
                if size > 2:
                    # Some meters refuse half a float, and floats begin at even registers.
                    half += (at + half) % 2
                todo += [(at + half, size - half), (at, half)]

    def _sentences(self) -> list[str]:
        """Return one sentence for each piece that is refused for one reason."""
        lowest = int(self._visit.settings.is_one_based)
        said: list[str] = []
        pieces: list[tuple[int, int, int]] = []
        for first, count, code in self._refused:
            if pieces and pieces[-1][2] == code and pieces[-1][0] + pieces[-1][1] == first:
                pieces[-1] = (pieces[-1][0], pieces[-1][1] + count, code)
            else:
                pieces.append((first, count, code))
        for first, count, code in pieces:
            place = f"{first + lowest}" if count == 1 else f"{first + lowest} to {first + count - 1 + lowest}"
            words = faults.exception_words(code)
            remedy = faults.remedy(_READ_HOLDING, code)
            said.append(f"The device refused {self._table} {place}: {words} (exception {code}); {remedy}.")
        if self._unasked:
            said.append(
                f"{self._unasked} more were not asked for one by one, because the device refuses so many; "
                "look at fewer."
            )
        return said
