"""Reads a table from a file, CSV or XLSX by its ending, whatever people hand in.

It may come from anywhere, so it is bounded before it is looked at: size, size once unpacked, rows, columns.
`sheet_export` writes what is read here.
"""

import csv
import io
import re
import stat
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from xml.etree.ElementTree import ParseError

from console.spreadsheet_text import FORMULA_SIGNS

if TYPE_CHECKING:
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

LARGEST_FILE = 16 * 1024 * 1024
LARGEST_UNPACKED = 256 * 1024 * 1024
MOST_ROWS = 50_000
MOST_COLUMNS = 200
_WIDEST = MOST_COLUMNS + 1
ENDINGS = (".csv", ".xlsx")
_HEAD_BYTES = 1024
_FORMULA = "holds a formula; write the value itself."
_MERGE = re.compile(rb"<(?:\w+:)?mergeCell\b[^>]*?\bref=\"([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})\"")


class SheetFault(ValueError):
    """A file that cannot be read as a table, or is not to be written. The text is one sentence."""


@dataclass(frozen=True, slots=True)
class Misread:
    """A cell whose content must not be guessed at. `text` says why, without its place.

    Attributes:
        shown: What the spreadsheet shows there, where it is a formula whose last result was saved; whoever
            asks for it may take that.
    """

    text: str
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Merged:
    """Cells that a spreadsheet joined into one: rows by number, columns from 0, both inclusive."""

    first_row: int
    last_row: int
    first_column: int
    last_column: int


@dataclass(frozen=True, slots=True)
class Grid:
    """A table as it was read; every cell as text without blanks at its ends.

    Attributes:
        rows: The number that a spreadsheet shows at its left, and the cells; empty rows are left out.
        is_comma_decimal: The file parts its cells with semicolons or tabs, so a comma is a decimal sign.
        merged: Cells that were joined; the content stands in the first of them, the others are empty.
        blank_rows: Numbers of empty rows between full ones.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str | Misread, ...]], ...]
    is_comma_decimal: bool = False
    merged: tuple[Merged, ...] = ()
    blank_rows: tuple[int, ...] = ()


def cell_name(row: int, column: int) -> str:
    """Return what a spreadsheet calls a cell: column 0 of row 7 is "A7"."""
    letters = ""
    number = column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row}"


def read_grid(path: Path) -> Grid:
    """Read a file whole. Raises SheetFault."""
    ending = path.suffix.casefold()
    if ending not in ENDINGS:
        raise SheetFault(f"{path.name} ends in {ending or 'nothing'}; use a file that ends in .csv or .xlsx.")
    data = bytes_of(path)
    return _grid_from_xlsx(path.name, data) if ending == ".xlsx" else _grid_from_csv(path.name, data)


def bytes_of(path: Path) -> bytes:
    """Read a file of a size that can be handled. Raises SheetFault where there is none."""
    try:
        facts = path.stat()
        # A named pipe would hold us until somebody writes into it.
        if not stat.S_ISREG(facts.st_mode):
            raise SheetFault(f"{path.name} cannot be read: it is no file.")
        if facts.st_size > LARGEST_FILE:
            raise SheetFault(f"{path.name} is larger than {LARGEST_FILE // 1024**2} MiB; split it.")
        return path.read_bytes()
    except OSError as error:
        raise SheetFault(f"{path.name} cannot be read: {error.strerror or error}.") from error


# -- CSV -----------------------------------------------------------------------------------------------


def _grid_from_csv(name: str, data: bytes) -> Grid:
    text = _decoded(name, data)
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[tuple[int, Sequence[Any]]] = []
    try:
        for number, cells in enumerate(reader, start=1):
            if number > MOST_ROWS + 1:
                raise SheetFault(f"{name} has more than {MOST_ROWS:,} rows; split it.")
            rows.append((number, [_without_mark(cell.strip()) for cell in cells]))
    except csv.Error as error:
        raise SheetFault(f"{name}, line {reader.line_num}, is no CSV: {error}.") from error
    return _grid(name, rows, is_comma_decimal=delimiter != ",")


def _decoded(name: str, data: bytes) -> str:
    try:
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            text = data.decode("utf-16")
        else:
            text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SheetFault(
            f"{name} is not text in UTF-8; in the spreadsheet save it as “CSV UTF-8”, or as .xlsx."
        ) from error
    if "\x00" in text:
        raise SheetFault(f"{name} is no CSV: it holds bytes that are no text.")
    return text


def _without_mark(cell: str) -> str:
    """Take the mark away that `sheet_export` puts before what a spreadsheet would compute."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith((*FORMULA_SIGNS, "'")) else cell


# -- XLSX ----------------------------------------------------------------------------------------------


def _grid_from_xlsx(name: str, data: bytes) -> Grid:
    # Here, not above: only whoever imports a workbook waits for the library.
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    _refuse_bomb(name, data)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
        try:
            sheet: ReadOnlyWorksheet = book.worksheets[0]
            rows = list(_rows_of(name, sheet))
            merged = _merged_in(data, str(getattr(sheet, "_worksheet_path", "")))
        finally:
            book.close()
        if any(isinstance(cell, Misread) and cell.text == _FORMULA for _, cells in rows for cell in cells):
            rows = _with_results(data, rows)
    except SheetFault:
        raise
    except (
        InvalidFileException,
        zipfile.BadZipFile,
        ParseError,
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
        IndexError,
        OSError,
        EOFError,
        NotImplementedError,
    ) as error:
        # A damaged workbook fails wherever openpyxl happens to meet the damage.
        raise SheetFault(f"{name} is no readable workbook; save it again as .xlsx, or as CSV.") from error
    return _grid(name, rows, is_comma_decimal=False, merged=merged)


def _with_results(
    data: bytes, rows: Sequence[tuple[int, list[str | Misread]]]
) -> list[tuple[int, list[str | Misread]]]:
    """Put beside each formula what the spreadsheet showed for it when the file was saved."""
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    try:
        sheet: ReadOnlyWorksheet = book.worksheets[0]
        sheet.reset_dimensions()
        filled: list[tuple[int, list[str | Misread]]] = []
        for (number, cells), results in zip(rows, sheet.iter_rows(), strict=False):
            taken: list[str | Misread] = []
            for place, cell in enumerate(cells):
                if isinstance(cell, Misread) and cell.text == _FORMULA and place < len(results):
                    result = _xlsx_cell(results[place])
                    taken.append(Misread(_FORMULA, result) if isinstance(result, str) else result)
                else:
                    taken.append(cell)
            filled.append((number, taken))
        return filled
    finally:
        book.close()


def _merged_in(data: bytes, part: str) -> tuple[Merged, ...]:
    """Return joined cells. Reading row by row the library does not tell them; they stand after the rows."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if part.lstrip("/") not in archive.namelist():
            return ()
        text = archive.read(part.lstrip("/"))
    found: list[Merged] = []
    for match in _MERGE.finditer(text, text.rfind(b"sheetData>")):
        first_column, first_row, last_column, last_row = (group.decode() for group in match.groups())
        found.append(
            Merged(int(first_row), int(last_row), _column_from(first_column), _column_from(last_column))
        )
    return tuple(found)


def _column_from(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _refuse_bomb(name: str, data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            if sum(info.file_size for info in infos) > LARGEST_UNPACKED or len(infos) > 5000:
                raise SheetFault(
                    f"{name} unpacks to more than {LARGEST_UNPACKED // 1024**2} MiB; it is no such list."
                )
            for info in infos:
                if info.filename.endswith((".xml", ".rels")):
                    with archive.open(info) as part:
                        head = part.read(_HEAD_BYTES)
                    # Entities could grow without end; no spreadsheet writes them.
                    if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
                        raise SheetFault(f"{name} declares XML entities, which no spreadsheet does.")
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        if isinstance(error, SheetFault):
            raise
        raise SheetFault(f"{name} is no workbook: it only ends in .xlsx.") from error


def _rows_of(name: str, sheet: "ReadOnlyWorksheet") -> list[tuple[int, list[str | Misread]]]:
    from openpyxl.cell.read_only import EMPTY_CELL

    rows: list[tuple[int, list[str | Misread]]] = []
    # The size that a workbook claims may be invented.
    sheet.reset_dimensions()
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        if number > MOST_ROWS + 1:
            raise SheetFault(f"{name} has more than {MOST_ROWS:,} rows; split it.")
        # One cell at the far right makes a row of thousands, in every row.
        for place, cell in enumerate(cast("tuple[Any, ...]", cells)[_WIDEST:], start=_WIDEST):
            if cell is not EMPTY_CELL and cell.value is not None:
                raise SheetFault(
                    f"{name}, {cell_name(number, place)}, stands beyond the {MOST_COLUMNS} columns that a "
                    "list may have; empty it."
                )
        rows.append((number, [_xlsx_cell(cell) for cell in cells[:_WIDEST]]))
    return rows


def _xlsx_cell(cell: Any) -> str | Misread:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        return Misread(_FORMULA)
    if cell.data_type == "e":
        return Misread(f"holds the spreadsheet's error {value}.")
    if isinstance(value, datetime | date | time):
        return Misread("was turned into a date by the spreadsheet; format the cell as text or number.")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return repr(value)
    return str(value).strip()


def _grid(
    name: str,
    rows: Sequence[tuple[int, Sequence[Any]]],
    *,
    is_comma_decimal: bool,
    merged: tuple[Merged, ...] = (),
) -> Grid:
    headings = _trimmed(rows[0][1]) if rows else ()
    if not headings:
        raise SheetFault(f"{name} is empty, or its first row holds no headings.")
    if len(headings) > MOST_COLUMNS:
        raise SheetFault(f"{name} has more than {MOST_COLUMNS} columns.")
    header = tuple("" if isinstance(heading, Misread) else heading for heading in headings)
    kept = tuple((number, cells) for number, row in rows[1:] if (cells := _trimmed(row)))
    last = kept[-1][0] if kept else 0
    full = {number for number, _ in kept}
    blank = tuple(number for number, _ in rows[1:] if number < last and number not in full)
    return Grid(header, kept, is_comma_decimal, merged, blank)


def _trimmed(cells: Sequence[Any]) -> tuple[str | Misread, ...]:
    """Return cells without the empty ones that spreadsheets pad rows with."""
    last = max((place for place, cell in enumerate(cells) if cell), default=-1)
    return tuple(cells[: last + 1])
