"""Writes a table to a file, CSV or XLSX by its ending; no cell is ever taken for a formula."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from console.catalogue.sheet_file import ENDINGS, SheetFault
from console.spreadsheet_text import FORMULA_SIGNS
from console.whole_file import whole_file

Cell = str | float | bool | None

_WIDEST = 48


def write_table(path: Path, header: Sequence[str], rows: Sequence[Sequence[Cell]], sheet: str) -> None:
    """Write a table; it appears under its name only once it is complete.

    Args:
        path: Ends in .csv or .xlsx.
        header: The headings.
        rows: Each with as many cells as the header.
        sheet: Name of the sheet within a workbook.

    Raises:
        SheetFault: The ending is another.
        OSError: It could not be written; nothing is left of it.
    """
    if path.suffix.casefold() not in ENDINGS:
        raise SheetFault(f"{path.name} ends in {path.suffix or 'nothing'}; end it in .csv or .xlsx.")
    write = _write_xlsx if path.suffix.casefold() == ".xlsx" else _write_csv
    with whole_file(path) as part:
        write(part, header, rows, sheet)


def _write_csv(path: Path, header: Sequence[str], rows: Sequence[Sequence[Cell]], sheet: str) -> None:
    del sheet
    # With a byte order mark, or spreadsheets take the degree sign for two others.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(header)
        writer.writerows([_csv_cell(cell) for cell in row] for row in rows)


def _csv_cell(cell: Cell) -> str:
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, int | float):
        return repr(int(cell)) if cell == int(cell) and abs(cell) < 1e15 else repr(float(cell))
    text = cell or ""
    return f"'{text}" if text.startswith((*FORMULA_SIGNS, "'")) else text


def _write_xlsx(path: Path, header: Sequence[str], rows: Sequence[Sequence[Cell]], sheet: str) -> None:
    # Here, not above: only whoever writes a workbook waits for the library. It describes no types.
    import xlsxwriter  # pyright: ignore[reportMissingTypeStubs]

    make: Any = xlsxwriter.Workbook
    with make(str(path), {"in_memory": True}) as book:
        page = book.add_worksheet(sheet)
        bold = book.add_format({"bold": True, "bottom": 1})
        wrapped = book.add_format({"valign": "top"})
        page.freeze_panes(1, 0)
        page.autofilter(0, 0, max(len(rows), 1), len(header) - 1)
        for column, words in enumerate(header):
            page.write_string(0, column, words, bold)
            longest = max((len(str(row[column] or "")) for row in rows), default=0)
            page.set_column(column, column, min(_WIDEST, max(len(words) + 3, longest + 1)))
        for number, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                if isinstance(cell, bool):
                    page.write_string(number, column, "yes" if cell else "no", wrapped)
                elif isinstance(cell, int | float) and float(f"{cell:.16G}") != cell:
                    # A workbook keeps 16 digits; a number that needs 17 comes back whole as text only.
                    page.write_string(number, column, repr(cell), wrapped)
                elif isinstance(cell, int | float):
                    page.write_number(number, column, cell, wrapped)
                elif cell:
                    page.write_string(number, column, cell, wrapped)
