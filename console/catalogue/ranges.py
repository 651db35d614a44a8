"""Ranges in a sheet: one row that stands for many, because something in it is counted. Pure.

    {1..20}         1, 2, 3 … 20
    {01..20}        01, 02 … 20: with at least as many digits as the first number is written with
    {100..290/10}   100, 110, 120 … 290: start and step
    {100../10}      100, 110, 120 … as many as the row's other range says
    {100..}         100, 101, 102 … likewise

A row with a range stands for as many rows; all its ranges count together, so those that have an end must say
the same number. Where the hardware id counts, the row makes many devices; where it does not and metric and
address count, it makes many tags of one device:

    PUMP-{01..20}   10.0.3.{11..}    temperature    holding:100:float32
    METER-7         10.0.3.7         flow_{1..4}    input:{200../2}:float32

Braces that hold anything else (JSON) are left alone.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

MOST_MADE = 10_000
"""Rows that one row may stand for."""

_RANGE = re.compile(r"\{\s*(-?\d{1,12})\s*\.\.\s*(-?\d{1,12})?\s*(?:/\s*(-?\d{1,9})\s*)?\}", re.ASCII)
_ALMOST = re.compile(r"\{[^{}\"':]{0,40}\.\.[^{}\"':]{0,40}\}")


class RangeFault(ValueError):
    """A range that cannot be counted. The text is one sentence without its place."""

    def __init__(self, place: int, text: str) -> None:
        """`place` is the index of the cell."""
        super().__init__(text)
        self.place = place


class RangeFaults(ValueError):
    """All ranges of a row that cannot be counted."""

    def __init__(self, faults: Sequence[RangeFault]) -> None:
        super().__init__("; ".join(map(str, faults)))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Range:
    """One range of a cell.

    Attributes:
        count: How many numbers it has; None where another range of the row says.
        digits: With at least how many digits they are written.
    """

    start: int
    step: int
    count: int | None
    digits: int

    def text_at(self, index: int) -> str:
        """Return the number of this place, counted from 0, as it is written."""
        value = self.start + index * self.step
        return f"{value:0{self.digits + (value < 0)}d}"


@dataclass(frozen=True, slots=True)
class CountedRow:
    """A row whose ranges have been read.

    Attributes:
        count: How many rows it stands for; 1 where nothing in it is counted.
        cells: Each as the pieces that are joined: texts and ranges.
    """

    count: int
    cells: tuple[tuple[str | Range, ...], ...]

    @property
    def is_counted(self) -> bool:
        """Whether anything in it is counted."""
        return any(isinstance(piece, Range) for pieces in self.cells for piece in pieces)

    def at(self, index: int) -> tuple[str, ...]:
        """Return the cells of the row of this place, counted from 0."""
        return tuple(
            "".join(piece if isinstance(piece, str) else piece.text_at(index) for piece in pieces)
            for pieces in self.cells
        )


def counted_row(cells: Sequence[str]) -> CountedRow:
    """Read the ranges of a row. Raises RangeFaults with each of them that cannot be counted."""
    faults: list[RangeFault] = []
    pieces: list[tuple[str | Range, ...]] = []
    for place, cell in enumerate(cells):
        try:
            pieces.append(_pieces(place, cell) if "{" in cell else (cell,))
        except RangeFault as fault:
            faults.append(fault)
            pieces.append((cell,))
    count: int | None = None
    said_by = ""
    open_places: list[int] = []
    for place, parts in enumerate(pieces):
        for part in parts:
            if isinstance(part, str):
                continue
            if part.count is None:
                open_places.append(place)
            elif count is None:
                count, said_by = part.count, cells[place]
            elif part.count != count:
                text = f"counts {part.count}, but {said_by!r} counts {count}; make them equal."
                faults.append(RangeFault(place, text))
    # A range that cannot be read might have said how many.
    if count is None and not faults:
        text = "has no end: nothing in this row says how many; write {1..20}, for example."
        faults += [RangeFault(place, text) for place in dict.fromkeys(open_places)]
    if faults:
        raise RangeFaults(faults)
    return CountedRow(1 if count is None else count, tuple(pieces))


def _pieces(place: int, cell: str) -> tuple[str | Range, ...]:
    found: list[str | Range] = []
    end = 0
    for match in _RANGE.finditer(cell):
        found += [cell[end : match.start()], _range(place, match)]
        end = match.end()
    found.append(cell[end:])
    kept = tuple(piece for piece in found if piece != "")
    for piece in kept:
        if isinstance(piece, str) and (almost := _ALMOST.search(piece)):
            words = f"{almost[0]} is no range; write {{1..20}}, {{01..20}} or {{100../10}}."
            raise RangeFault(place, words)
    return kept or ("",)


def _range(place: int, match: re.Match[str]) -> Range:
    written, last, step_text = match.groups()
    start, step = int(written), int(step_text) if step_text else 1
    digits = len(written.removeprefix("-"))
    if step == 0:
        raise RangeFault(place, f"{match[0]} never moves: its step is 0.")
    if last is None:
        return Range(start, step, None, digits)
    way = int(last) - start
    if way % step or way // step < 0:
        words = "runs the other way; give it a step below 0" if way * step < 0 else f"does not meet {last}"
        raise RangeFault(place, f"{match[0]} {words}: it goes from {start} in steps of {step}.")
    count = way // step + 1
    if count > MOST_MADE:
        raise RangeFault(place, f"{match[0]} counts {count:,}; at most {MOST_MADE:,} make sense.")
    return Range(start, step, count, digits)
