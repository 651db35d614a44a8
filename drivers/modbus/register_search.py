"""Finding the registers that can be read, with few requests.

A read is refused as a whole where one register of it is not there. So a read that works proves all of its
registers, and the end of a piece is found by halving. Only in gaps single registers are tried: every one
where the search is narrow, else the next few and then at a stride; what a try finds is followed back to where
it begins. No piece as long as the stride is missed.

Some meters give their floats whole only, and refuse single registers. Where single ones bring nothing, the
search is made once more by pairs.
"""

import asyncio
from collections.abc import Iterator

from drivers.errors import LineLost
from drivers.modbus import faults
from drivers.modbus.address import Table
from drivers.modbus.asking import Visit, refusal, words_of
from drivers.modbus.faults import NoAnswer, NoTurn
from drivers.modbus.registers import ask_for, first_on_wire, most_per_read, table_named
from drivers.modbus.requests import ReadRequest
from drivers.modbus.scan_way import ScanWay
from drivers.workbench import ScanFinding, ScanPlan

MOST_TRIES = 1024
"""About so many single registers are tried in gaps, whatever the range."""
NEAR = 8
"""So many registers behind a piece are tried one by one: gaps inside a map are short."""
ROUND = 100
"""Maps like to begin at round numbers, so these are tried whatever the stride."""
MOST_SILENT = 5
"""So many requests in a row may stay unanswered: some devices say nothing where they have no register."""
MOST_LOSSES = 3
BUSY_TRIES = 3
BUSY_PAUSE_S = 0.2


async def search_registers(visit: Visit, plan: ScanPlan, way: ScanWay) -> None:
    """Tell `way` every piece that can be read.

    Raises:
        Refused: There is no such table, the range leaves it, or the device has nothing of the kind.
        LineLost, NeedsHuman: The line is gone, or the unit does not answer.
    """
    table = table_named(plan.table)
    first = first_on_wire(visit, table, plan.start, plan.end - plan.start + 1)
    last = first + plan.end - plan.start
    for grain in (1,) if table.is_bits else (1, 2):
        if await _Search(visit, table, (first, last), grain, way).run():
            break


class _Search:
    """One search. Places and counts within it are in grains: registers, or pairs that begin at even ones."""

    def __init__(self, visit: Visit, table: Table, span: tuple[int, int], grain: int, way: ScanWay) -> None:
        self._visit = visit
        self._unit = visit.settings.unit
        self._table = table
        self._grain = grain
        self._first, self._last = -(-span[0] // grain), (span[1] + 1) // grain - 1
        self._way = way
        self._most = most_per_read(visit, table) // grain
        self._stride = max(1, -(-(self._last - self._first + 1) // MOST_TRIES))
        self._lowest = int(visit.settings.is_one_based)
        self._seen: dict[int, int] = {}
        self._has_answered = False
        self._silent = self._losses = 0

    async def run(self) -> bool:
        """Tell every piece, and return whether there was any."""
        count = pieces = 0
        at = self._first
        while at <= self._last:
            begin = await self._next_readable(at)
            if begin is None:
                break
            end = await self._end_of(begin)
            self._tell(begin, end)
            count, pieces = count + (end - begin + 1) * self._grain, pieces + 1
            at = end + 2  # the one behind it is known not to be there
        text = f"{count} registers in {pieces} pieces" if pieces != 1 else f"{count} registers in one piece"
        if self._grain > 1 and pieces:
            text += ", which the device gives in pairs only"
        if self._stride > 1:
            least = self._stride * self._grain
            text += f"; pieces shorter than {least} may have been missed, look for them in less"
        self._way.at(self._unit, text)
        return pieces > 0

    async def _next_readable(self, at: int) -> int | None:
        """Return where the next piece begins; None where there is no other."""
        floor = at
        for place in self._tries(at):
            if await self._reads(place, 1):
                return await self._beginning(floor, place)
            floor = place + 1
        return None

    def _tries(self, at: int) -> Iterator[int]:
        yield from range(at, min(at + NEAR, self._last + 1))
        for place in range(at + NEAR, self._last + 1):
            is_round = place * self._grain % ROUND == 0
            if place % self._stride == 0 or is_round or place == self._last:
                yield place

    async def _beginning(self, floor: int, place: int) -> int:
        """Return the first register of the piece that `place` belongs to; nothing before `floor` does."""
        begin = place
        while begin > floor:
            lowest = max(floor, begin - self._most)
            low, high = lowest, begin
            while low < high:
                middle = (low + high) // 2
                if await self._reads(middle, begin - middle):
                    high = middle
                else:
                    low = middle + 1
            is_longer = high == lowest and high < begin
            begin = high
            if not is_longer:
                break
        return begin

    async def _end_of(self, begin: int) -> int:
        """Return the last register of the piece that begins there."""
        end = begin - 1
        while end < self._last:
            wanted = min(self._most, self._last - end)
            count = await self._longest(end + 1, wanted)
            end += count
            if count < wanted:
                if end >= self._last or not count or not await self._reads(end + 1, 1):
                    break
                # It goes on behind: the device gives fewer at once than its settings say.
                self._most = count
        return max(end, begin)

    async def _longest(self, at: int, wanted: int) -> int:
        """Return how many registers from `at` on can be read at once."""
        if await self._reads(at, wanted):
            return wanted
        low, high = 0, wanted - 1
        while low < high:
            middle = (low + high + 1) // 2
            if await self._reads(at, middle):
                low = middle
            else:
                high = middle - 1
        return low

    async def _reads(self, at: int, count: int) -> bool:
        """Return whether these can be read."""
        at, count = at * self._grain, count * self._grain
        self._follow(at)
        for _ in range(BUSY_TRIES):
            await self._way.rest()
            try:
                answer = await ask_for(self._visit, self._table, at, count)
            except NoTurn:
                raise
            except NoAnswer:
                self._silent += 1
                if not self._has_answered or self._silent >= MOST_SILENT:
                    raise
                return False
            except LineLost:
                self._losses += 1
                if not self._has_answered or self._losses >= MOST_LOSSES:
                    raise
                return False
            self._has_answered, self._silent, self._losses = True, 0, 0
            if not answer.code:
                words = words_of(self._table, count, answer.payload)
                self._seen.update(zip(range(at, at + count), words, strict=True))
                return True
            if answer.code == faults.ILLEGAL_FUNCTION and not self._seen:
                raise refusal(
                    self._visit.settings, ReadRequest(self._unit, self._table, at, count), answer.code
                )
            if answer.code not in faults.BUSY_CODES:
                return False
            await asyncio.sleep(BUSY_PAUSE_S)
        return False

    def _follow(self, at: int) -> None:
        self._way.at(self._unit, f"Looking at {self._table} {at + self._lowest}")
        ahead = self._last * self._grain - at
        left = ahead // (self._stride * self._grain)
        if self._stride > 1:
            left += ahead // ROUND
        self._way.total = self._way.done + left + 1

    def _tell(self, begin: int, end: int) -> None:
        begin, end = begin * self._grain, (end + 1) * self._grain - 1
        count = end - begin + 1
        filled = sum(self._seen.get(at, 0) != 0 for at in range(begin, end + 1))
        what = "all 0" if not filled else "none of them 0" if filled == count else f"{filled} of them not 0"
        registers = "1 register" if count == 1 else f"{count} registers"
        text = f"{registers}, {what}" if count > 1 else f"{registers}, now {self._seen.get(begin, 0)}"
        self._way.tell(
            ScanFinding(
                "range",
                self._unit,
                begin + self._lowest,
                end + self._lowest,
                text=text,
                done=self._way.done,
                total=self._way.total,
            )
        )
