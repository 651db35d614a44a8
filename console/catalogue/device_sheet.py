"""A table of devices, CSV or XLSX: one row a tag, gathered into devices with the place of every cell.

Columns: `device_columns`. A device's own cells (name, type, location, driver, profile, period_s, metadata,
`connection.<setting>`) may be left empty on its second and later rows; where they are given they must agree
with its first. A row whose hardware id is empty continues the device above it. A row with ranges
(`ranges`: "PUMP-{01..20}") stands for as many rows. `profile` names a product (`profiles`), whose settings
and tags then need no cells; a row with a metric changes that tag of it, or adds one.

What can be mended without a doubt is mended and said: empty rows, cells joined downwards, hardware ids left
out. What could mean two things is a fault: formulas (unless their results are asked for), dates, errors,
cells joined sideways, "1,000".
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from console.catalogue.device_columns import (
    ADDRESS,
    DEVICE_ID,
    LIMIT_COLUMNS,
    METRIC,
    TAG_COLUMNS,
    column_of,
)
from console.catalogue.errors import RowFault
from console.catalogue.ranges import CountedRow, RangeFaults, counted_row
from console.catalogue.sheet_file import MOST_ROWS, Grid, Merged, Misread, cell_name

_OF_TAG = frozenset((*TAG_COLUMNS, *LIMIT_COLUMNS))
_NAMED_AT_MOST = 3


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row, ranges written out.

    Attributes:
        number: As a spreadsheet shows it.
        cells: What is not empty, by column.
    """

    number: int
    cells: Mapping[str, str]


@dataclass(slots=True)
class SheetDevice:
    """A device as its rows say.

    Attributes:
        own: Its own cells, each with the number of the row it stands in.
        tags: Rows that say something of a tag or its limits.
        faults: What is wrong so far; the device cannot be used then.
        notes: What was mended.
    """

    device_id: str
    first_row: int
    own: dict[str, tuple[int, str]] = field(default_factory=dict[str, tuple[int, str]])
    tags: list[SheetRow] = field(default_factory=list[SheetRow])
    faults: list[RowFault] = field(default_factory=list[RowFault])
    notes: list[RowFault] = field(default_factory=list[RowFault])


@dataclass(slots=True)
class DeviceSheet:
    """A whole table.

    Attributes:
        columns: Place of each column, from 0.
        faults: What is wrong with the table itself, or with rows that belong to no device.
        notes: What was mended in it.
        rows: How many rows there are, ranges written out.
        nameless: Rows that say not which device they mean; looked at for what else is wrong with them.
        is_misheaded: A heading is wrong. Everything below is looked at; nothing of it may be stored.
    """

    columns: Mapping[str, int]
    is_comma_decimal: bool
    devices: list[SheetDevice] = field(default_factory=list[SheetDevice])
    faults: list[RowFault] = field(default_factory=list[RowFault])
    notes: list[RowFault] = field(default_factory=list[RowFault])
    rows: int = 0
    nameless: list[SheetDevice] = field(default_factory=list[SheetDevice])
    is_misheaded: bool = False

    def place(self, row: int, column: str) -> str:
        """Return what a spreadsheet calls a cell; row and column in words where there is no such column."""
        place = self.columns.get(column)
        return f"row {row}, {column}" if place is None else cell_name(row, place)


def sheet_from_grid(
    grid: Grid,
    *,
    is_taking_results: bool = False,
    tell: Callable[[int], None] = lambda _done: None,
) -> DeviceSheet:
    """Gather the devices of a table; every fault is kept with its cell.

    Args:
        grid: As `sheet_file.read_grid` returned it.
        is_taking_results: Take what a formula showed when the file was saved, instead of refusing it.
        tell: Hears how many rows were gathered; may raise, which ends it.
    """
    columns, faults = _columns_of(grid)
    sheet = DeviceSheet(columns, grid.is_comma_decimal, faults=faults, is_misheaded=bool(faults))
    if DEVICE_ID not in columns:
        return sheet
    gatherer = _Gatherer(sheet, grid, is_taking_results=is_taking_results)
    for done, (number, cells) in enumerate(gatherer.unmerged(), start=1):
        gatherer.take(number, cells)
        if done % 500 == 0:
            tell(done)
    gatherer.end()
    return sheet


def _columns_of(grid: Grid) -> tuple[dict[str, int], list[RowFault]]:
    columns: dict[str, int] = {}
    faults: list[RowFault] = []
    for place, heading in enumerate(grid.header):
        where = cell_name(1, place)
        column = column_of(heading)
        if column is None:
            words = f"{heading[:60]!r} is not" if heading else "The heading is empty, which is not"
            faults.append(RowFault(where, f"{words} known here; remove the column or correct its heading."))
        elif column in columns:
            text = f"{heading} means {column}, which {cell_name(1, columns[column])} is already; keep one."
            faults.append(RowFault(where, text))
        else:
            columns[column] = place
    if DEVICE_ID not in columns:
        faults.append(
            RowFault("row 1", "The column device_id is missing: nothing says which device is meant.")
        )
    if METRIC not in columns:
        # Without an address column, tags keep the addresses they have.
        text = f"belongs to a tag, and the column {METRIC} is missing: nothing says to which."
        faults += [RowFault(cell_name(1, place), text) for name, place in columns.items() if name in _OF_TAG]
    return columns, faults


class _Gatherer:
    def __init__(self, sheet: DeviceSheet, grid: Grid, *, is_taking_results: bool) -> None:
        self._sheet = sheet
        self._grid = grid
        self._is_taking_results = is_taking_results
        self._names = [""] * len(grid.header)
        for name, place in sheet.columns.items():
            self._names[place] = name
        self._devices: dict[str, SheetDevice] = {}
        self._id_above = ""
        self._continued: list[int] = []

    def unmerged(self) -> Iterable[tuple[int, tuple[str | Misread, ...]]]:
        """Return the rows, cells that were joined downwards filled in; joined otherwise they are faults."""
        if not self._grid.merged:
            return self._grid.rows
        rows = {number: list(cells) for number, cells in self._grid.rows}
        joined: list[Merged] = []
        room = MOST_ROWS * len(self._grid.header)
        for merged in sorted(self._grid.merged, key=lambda one: (one.first_row, one.first_column)):
            first, last = merged.first_row, min(merged.last_row, MOST_ROWS + 1)
            start = cell_name(first, merged.first_column)
            end = cell_name(merged.last_row, merged.last_column)
            if merged.first_column >= len(self._grid.header):
                continue
            room -= max(0, last - first + 1)
            if room < 0:
                # No spreadsheet writes that, and following it would take hours.
                self._sheet.faults.append(RowFault(start, "is joined over cells joined already; split them."))
                break
            if merged.first_column == merged.last_column and first > 1:
                self._fill_down(rows, first, last, merged.first_column)
                joined.append(merged)
            else:
                self._sheet.faults.append(
                    RowFault(start, f"is joined with the cells up to {end}; split them.")
                )
        if joined:
            # Once for all of them: whoever joins cells does so at every device.
            names = [cell_name(one.first_row, one.first_column) for one in joined]
            more = f" and {len(names) - _NAMED_AT_MOST:,} more" if len(names) > _NAMED_AT_MOST else ""
            text = "joined with the cells below; what stands there is taken for each of their rows."
            self._sheet.notes.append(RowFault(", ".join(names[:_NAMED_AT_MOST]) + more, text))
        return [(number, tuple(cells)) for number, cells in rows.items()]

    def take(self, number: int, cells: tuple[str | Misread, ...]) -> None:
        """Take one row in."""
        texts: list[str] = []
        unread = [
            RowFault(cell_name(number, place), "stands beyond the last heading.")
            for place in range(len(self._names), len(cells))
            if cells[place]
        ]
        for place, cell in enumerate(cells[: len(self._names)]):
            if isinstance(cell, Misread):
                if cell.shown and self._is_taking_results:
                    texts.append(cell.shown)
                    continue
                shows = f" It shows {cell.shown[:40]!r}." if cell.shown else ""
                unread.append(RowFault(cell_name(number, place), f"{cell.text}{shows}"))
                texts.append("")
            else:
                texts.append(cell)
        self._continue(number, texts, unread)
        try:
            counted = counted_row(texts)
        except RangeFaults as error:
            unread += [RowFault(cell_name(number, one.place), str(one)) for one in error.faults]
            counted = CountedRow(1, tuple((text,) for text in texts))
        if self._sheet.rows + counted.count > MOST_ROWS:
            where, most = f"row {number}", f"{MOST_ROWS:,}"
            if not any(fault.where == where for fault in self._sheet.faults):
                self._fault(where, f"makes more than {most} rows of the file; split it.")
            return
        self._sheet.rows += counted.count
        for index in range(counted.count):
            self._add(number, counted.at(index) if counted.is_counted else texts, unread)

    def end(self) -> None:
        """Say what was mended in the table as a whole."""
        if blank := self._grid.blank_rows:
            self._sheet.notes.append(RowFault(_rows_text(blank), "empty; passed over."))
        if self._continued:
            text = "no hardware id; taken for the device of the row above."
            self._sheet.notes.append(RowFault(_rows_text(self._continued), text))
        self._sheet.devices = list(self._devices.values())

    def _fill_down(self, rows: dict[int, list[str | Misread]], first: int, last: int, column: int) -> None:
        top = rows.get(first, [])
        content = top[column] if column < len(top) else ""
        for number in range(first + 1, last + 1):
            row = rows.get(number)
            if row is not None and content:
                row += [""] * (column + 1 - len(row))
                row[column] = row[column] or content

    def _continue(self, number: int, texts: list[str], unread: Sequence[RowFault]) -> None:
        place = self._sheet.columns[DEVICE_ID]
        texts += [""] * (place + 1 - len(texts))
        is_misread = any(fault.where == cell_name(number, place) for fault in unread)
        if texts[place]:
            self._id_above = texts[place]
        elif self._id_above and not is_misread and self._says_only_tags(texts):
            texts[place] = self._id_above
            self._continued.append(number)

    def _says_only_tags(self, texts: Sequence[str]) -> bool:
        said = {name for name, text in zip(self._names, texts, strict=False) if text}
        return bool(said & {METRIC, ADDRESS}) and said <= _OF_TAG

    def _add(self, number: int, texts: Sequence[str], unread: Sequence[RowFault]) -> None:
        cells = {name: text for name, text in zip(self._names, texts, strict=False) if text}
        device_id = cells.pop(DEVICE_ID, "")
        if not device_id:
            self._add_nameless(number, cells, unread)
            return
        device = self._devices.get(device_id)
        if device is None:
            device = self._devices[device_id] = SheetDevice(device_id, number)
        self._fill(device, number, cells, unread)

    def _add_nameless(self, number: int, cells: dict[str, str], unread: Sequence[RowFault]) -> None:
        device = SheetDevice("", number)
        where = self._sheet.place(number, DEVICE_ID)
        if not any(fault.where == where for fault in unread):
            text = "is missing: nothing says which device is meant."
            device.faults.append(RowFault(where, text))
        self._fill(device, number, cells, unread)
        self._sheet.nameless.append(device)

    def _fill(
        self, device: SheetDevice, number: int, cells: dict[str, str], unread: Sequence[RowFault]
    ) -> None:
        device.faults += unread
        tag = {name: cells.pop(name) for name in list(cells) if name in _OF_TAG}
        for name, text in cells.items():
            row, first = device.own.setdefault(name, (number, text))
            if first != text:
                where = self._sheet.place(row, name)
                words = f"{text[:60]!r} differs from {where} of the same device; keep one."
                device.faults.append(RowFault(self._sheet.place(number, name), words))
        if tag:
            device.tags.append(SheetRow(number, tag))

    def _fault(self, where: str, text: str) -> None:
        self._sheet.faults.append(RowFault(where, text))


def _rows_text(numbers: Sequence[int]) -> str:
    """Return "row 7", "rows 7 to 9, 12": the first of many."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1] = runs[-1][0], number
        else:
            runs.append((number, number))
    words = ", ".join(str(low) if low == high else f"{low} to {high}" for low, high in runs[:6])
    more = f" and {len(runs) - 6} more places" if len(runs) > 6 else ""
    return f"row{'s' if len(numbers) > 1 else ''} {words}{more}"
