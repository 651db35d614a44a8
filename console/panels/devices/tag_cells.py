"""Tags between a table's cells and records, and between a clipboard and both: pure functions.

A row holds what was typed, also where it makes no sense yet, so that nothing typed is ever lost.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from console.catalogue.typed_number import NotANumber, number_from_text, text_from_number
from models.quantities import Quantities
from models.records.device import Tag

YES = ("yes", "y", "true", "1", "x", "writable", "ja")
_HEADINGS = ("metric", "quantity")


@dataclass(frozen=True, slots=True)
class TagRow:
    """One row as typed.

    Attributes:
        number: Tells rows apart while they move.
        scale, offset: As typed: "0,1".
    """

    number: int
    metric: str = ""
    address: str = ""
    scale: str = "1"
    offset: str = "0"
    is_writable: bool = False

    @property
    def tag(self) -> Tag:
        """The tag that is meant; a number that cannot be read counts as the usual one."""
        return Tag(
            self.metric,
            self.address.strip(),
            _number(self.scale, 1.0),
            _number(self.offset, 0.0),
            self.is_writable,
        )

    @property
    def faults(self) -> dict[str, str]:
        """What cannot be read, by field."""
        found: dict[str, str] = {}
        for field, text in (("scale", self.scale), ("offset", self.offset)):
            try:
                if text.strip():
                    number_from_text(text)
            except NotANumber as error:
                found[field] = str(error)
        return found


def row_from_tag(number: int, tag: Tag) -> TagRow:
    """Return a row that shows a stored tag."""
    return TagRow(
        number,
        tag.metric,
        tag.address,
        text_from_number(tag.scale),
        text_from_number(tag.offset),
        tag.is_writable,
    )


def tags_of(rows: Iterable[TagRow], stored: Sequence[Tag] = ()) -> tuple[Tag, ...]:
    """Return the tags that are meant; one that says the same as a stored one is that one."""
    known = {tag: tag for tag in stored}
    return tuple(known.get(tag, tag) for tag in (row.tag for row in rows))


def text_from_rows(rows: Iterable[TagRow]) -> str:
    """Return rows as a spreadsheet takes them from the clipboard."""
    lines = [
        "\t".join((row.metric, row.address, row.scale, row.offset, "yes" if row.is_writable else "no"))
        for row in rows
    ]
    return "\n".join(lines)


def rows_from_text(text: str, quantities: Quantities, first: int) -> list[TagRow]:
    """Return the rows that a clipboard holds: metric, address, scale, offset, writable, parted by tabs.

    A line without tabs may be parted by semicolons, or be an address alone. Headings are left out.

    Args:
        text: Of the clipboard.
        quantities: By key or by label, whatever the case.
        first: Number of the first new row.
    """
    by_word = {word.casefold(): one.key for one in quantities.all for word in (one.key, one.label)}
    rows: list[TagRow] = []
    for line in text.splitlines():
        if not line.strip():
            continue
        parts = [part.strip() for part in line.split("\t" if "\t" in line else ";")]
        if parts[0].casefold() in _HEADINGS:
            continue
        if len(parts) == 1:
            parts = ["", parts[0]]
        parts += [""] * (5 - len(parts))
        metric = by_word.get(parts[0].casefold(), parts[0])
        rows.append(
            TagRow(
                first + len(rows),
                metric,
                parts[1],
                parts[2] or "1",
                parts[3] or "0",
                parts[4].casefold() in YES,
            )
        )
    return rows


def next_free(rows: Iterable[TagRow], quantities: Quantities) -> str:
    """Return the first quantity that no row has, empty where all are taken."""
    taken = {row.metric for row in rows}
    return next((one.key for one in quantities.all if one.key not in taken), "")


def copied(row: TagRow, number: int, metric: str) -> TagRow:
    """Return a copy of a row for another quantity."""
    return replace(row, number=number, metric=metric)


def _number(text: str, usual: float) -> float:
    try:
        return number_from_text(text) if text.strip() else usual
    except NotANumber:
        return usual
