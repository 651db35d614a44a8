"""The search against every layout of registers: narrow ones are found to the register, whatever they are."""

import asyncio
from types import SimpleNamespace

from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.modbus.asking import Answer
from drivers.modbus.register_search import MOST_TRIES, search_registers
from drivers.modbus.requests import ReadRequest
from drivers.modbus.scan_way import ScanWay
from drivers.workbench import ScanPlan
from tests.unit.drivers.modbus.range_unit import RangeUnit


class Direct:
    """A visit without a line: the unit answers at once."""

    def __init__(self, unit: RangeUnit) -> None:
        self._unit = unit
        self.settings = SimpleNamespace(
            unit=1, retries=0, max_registers_per_read=125, is_one_based=False, peer="the unit"
        )

    async def ask(self, request: ReadRequest, *, retries: int = 0) -> Answer:
        said = self._unit.reply(request.pdu)
        code = said[1] if said[0] & 0x80 else 0
        return Answer(b"" if code else said[2:], code, 1.0, 1.0, b"", b"")


def ranges_of(cuts: list[int]) -> list[tuple[int, int]]:
    """Every second stretch between the cuts, so that no two touch."""
    return [(first, last - 1) for first, last in zip(cuts[::2], cuts[1::2], strict=False)]


def found(unit: RangeUnit, first: int, last: int) -> list[tuple[int, int]]:
    way = ScanWay(0)
    plan = ScanPlan(table="holding", start=first, end=last)
    asyncio.run(search_registers(Direct(unit), plan, way))
    return [(each.start, each.end) for each in way.take()]


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.integers(0, 400), unique=True, max_size=12).map(sorted),
    st.sampled_from([1, 3, 16, 60, 125]),
)
def test_every_piece_of_a_narrow_range_is_found_however_much_comes_at_once(cuts, most):
    ranges = ranges_of(cuts)
    assert found(RangeUnit(most_registers=most, holding=ranges), 0, 400) == ranges


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 60_000), st.integers(64, 3000))
def test_no_piece_as_long_as_the_stride_is_missed_in_a_whole_table(first, length):
    unit = RangeUnit(holding=[(first, first + length)])
    assert found(unit, 0, 65535) == [(first, first + length)]
    assert len(unit.asked) < 2 * MOST_TRIES
