"""The report as tables: a spreadsheet with a sheet a subject, or CSV with one below the other. No Qt."""

import csv
import io
import tempfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from console.panels.reports.report_questions import AlarmReport
from console.panels.reports.report_words import DIAGNOSIS_TEXTS
from console.spreadsheet_text import as_text
from console.whole_file import whole_file
from models.alarm_windows import TEN_MIN_S
from models.figure_words import span_words
from models.records.alarm_load import Availability, BadActor, Figure, SourceLoad

Cell = str | float | int | None
Row = Sequence[Cell]


def sheets_of(report: AlarmReport, availability: Sequence[Availability] = ()) -> list[tuple[str, list[Row]]]:
    """Return each sheet: its name, and its rows with a heading first. Moments are ISO 8601 in UTC."""
    load = report.load
    about: list[Row] = [
        ("what", "value"),
        ("period", report.period.name),
        ("since", _iso(load.since_unix)),
        ("until", _iso(load.until_unix)),
        ("asked since", _iso(load.asked_since_unix)),
        ("operator positions", load.positions),
        ("annunciations", load.annunciations),
        ("EEMUA 191 level", None if load.level is None else load.level.value),
        ("EEMUA 191 average", None if load.band is None else load.band.value),
        ("note", span_words(load)),
    ]
    counts: list[Row] = [("ten minutes from", "alerts")]
    counts += [(_iso(load.since_unix + place * TEN_MIN_S), count) for place, count in enumerate(load.counts)]
    floods: list[Row] = [("flood from", "until", "alerts")]
    floods += [(_iso(f.since_unix), _iso(f.until_unix), f.alerts) for f in load.floods]
    sheets: list[tuple[str, list[Row]]] = [
        ("Report", about),
        ("Figures", _figures(load.figures)),
        ("Ten worst", _worst(report.worst)),
        ("All thresholds", _sources(load.sources)),
        ("By 10 minutes", counts),
        ("Floods", floods),
    ]
    if availability:
        told: list[Row] = [("device", "area", "availability", "missing s", "counted s", "last reading")]
        told += [
            (
                *(row.name, row.location, row.share, row.missing_s, row.counted_s),
                None if row.last_reading_unix is None else _iso(row.last_reading_unix),
            )
            for row in availability
        ]
        sheets.append(("Availability", told))
    return sheets


def csv_text(sheets: Iterable[tuple[str, list[Row]]]) -> str:
    """Return the sheets below each other, each under its name, a blank line between."""
    out = io.StringIO()
    _write_csv(out, sheets)
    return out.getvalue()


def write_tables(
    path: Path, sheets: Iterable[tuple[str, list[Row]]], *, is_spreadsheet: bool | None = None
) -> None:
    """Write a spreadsheet or CSV; complete, or not at all.

    Args:
        path: Where to.
        sheets: As `sheets_of` makes them.
        is_spreadsheet: None = where the name ends in .xlsx.

    Raises:
        OSError: It could not be written.
    """
    with whole_file(path) as part:
        if path.suffix.casefold() == ".xlsx" if is_spreadsheet is None else is_spreadsheet:
            _write_xlsx(part, sheets)
        else:
            with part.open("w", encoding="utf-8", newline="") as file:
                _write_csv(file, sheets)


def _write_csv(out: TextIO, sheets: Iterable[tuple[str, list[Row]]]) -> None:
    writer = csv.writer(out, lineterminator="\n")
    for place, (name, rows) in enumerate(sheets):
        if place:
            writer.writerow(())
        writer.writerow((name,))
        for row in rows:
            writer.writerow(["" if cell is None else _text(cell) for cell in row])


def _write_xlsx(path: Path, sheets: Iterable[tuple[str, list[Row]]]) -> None:
    import xlsxwriter

    # By way of a temporary file: an archive that cannot be finished complains again when thrown away.
    with tempfile.TemporaryFile() as zipped:
        with xlsxwriter.Workbook(zipped, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
            bold = book.add_format({"bold": True})
            for name, rows in sheets:
                sheet = book.add_worksheet(name)
                sheet.freeze_panes(1, 0)
                for place, row in enumerate(rows):
                    sheet.write_row(place, 0, row, bold if place == 0 else None)
                for column in range(max(map(len, rows))):
                    widest = max(
                        (len(str(row[column])) for row in rows[:200] if column < len(row)), default=8
                    )
                    sheet.set_column(column, column, min(70, widest + 2))
        zipped.seek(0)
        path.write_bytes(zipped.read())


def _text(cell: Cell) -> str:
    """Return a cell as text; names are what people typed."""
    return as_text(cell) if isinstance(cell, str) else str(cell)


def _iso(unix: float) -> str:
    return datetime.fromtimestamp(unix, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _figures(found: Iterable[Figure]) -> list[Row]:
    figures: list[Row] = [("figure", "value", "unit", "target", "verdict", "detail", "meaning")]
    for one in found:
        spec = one.spec
        figures.append(
            (
                *(spec.label, one.value, spec.unit.value, spec.target),
                *("" if one.verdict.value == "none" else one.verdict.value, one.detail, spec.meaning),
            )
        )
    return figures


def _worst(actors: Iterable[BadActor]) -> list[Row]:
    worst: list[Row] = [
        ("device", "threshold", "severity", "alerts", "share", "diagnosis", "why", "proposal")
    ]
    for actor in actors:
        source = actor.source
        worst.append(
            (
                *(source.name, source.label, source.severity.value, source.count, source.share),
                *(DIAGNOSIS_TEXTS[actor.diagnosis], actor.why, actor.change),
            )
        )
    return worst


def _sources(loads: Iterable[SourceLoad]) -> list[Row]:
    sources: list[Row] = [
        ("device", "threshold", "severity", "alerts", "share", "chattering", "fleeting", "median standing s")
    ]
    for source in loads:
        sources.append(
            (
                *(source.name, source.label, source.severity.value, source.count, source.share),
                *(source.chattering, source.fleeting, source.standing_s),
            )
        )
    return sources
