"""Writes past alerts and their journal as CSV or XLSX, row by row: they may not fit into memory. No Qt."""

import csv
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TextIO

from console.spreadsheet_text import as_text
from console.whole_file import whole_file
from models.records.alert import Alert, AlertEvent

ALERT_COLUMNS = (
    *("alert", "severity", "status", "device", "location", "metric", "rule", "message"),
    *("triggered_at", "cleared_at", "acknowledged_at", "acknowledged_by", "resolved_at", "resolved_by"),
    *("value_at_trigger", "limit_at_trigger", "hidden_by", "annunciated_at", "comments"),
)
EVENT_COLUMNS = (
    *("event", "alert", "at", "written_at", "kind", "severity", "device", "message", "person", "station"),
    *("workstation", "value", "comment", "annunciated"),
)
XLSX_ROWS = 1_048_575
"""Rows a sheet holds below its heading (Excel's specification and limits)."""

Cell = str | int | float | bool | None


def cells_of_alert(alert: Alert) -> tuple[Cell, ...]:
    """Return an alert as a row: moments as ISO 8601 UTC, values in the metric's unit."""
    return (
        alert.id,
        alert.severity.value,
        alert.status.value,
        alert.device_name,
        alert.location,
        alert.metric,
        alert.rule.value,
        alert.message,
        alert.triggered_at.isoformat(),
        alert.cleared_at.isoformat() if alert.cleared_at else None,
        alert.acknowledged_at.isoformat() if alert.acknowledged_at else None,
        alert.acknowledged_by,
        alert.resolved_at.isoformat() if alert.resolved_at else None,
        alert.resolved_by,
        alert.value_at_trigger,
        alert.limit_at_trigger,
        alert.hidden_by.value,
        alert.annunciated_at.isoformat() if alert.annunciated_at else None,
        alert.comments,
    )


def cells_of_event(event: AlertEvent) -> tuple[Cell, ...]:
    """Return a line of the journal as a row, as `cells_of_alert` does."""
    return (
        event.id,
        event.alert,
        event.at.isoformat(),
        event.written_at.isoformat(),
        event.kind.value,
        event.severity.value,
        event.device_name,
        event.message,
        event.person,
        event.station,
        event.workstation,
        event.value,
        event.comment,
        event.is_annunciated,
    )


def write_rows(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> int:
    """Write rows below a heading, XLSX where the name ends so, else CSV; return how many.

    The file appears under its name only once it is complete.

    Raises:
        OSError: It could not be written, or a sheet has no room for so many; nothing is left of it.
    """
    with whole_file(path) as part:
        if path.suffix.casefold() == ".xlsx":
            return _write_xlsx(part, columns, rows)
        with part.open("w", encoding="utf-8", newline="") as file:
            return _write_csv(file, columns, rows)


def _write_csv(file: TextIO, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> int:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    count = 0
    for row in rows:
        # Anybody may write a comment.
        writer.writerow([as_text(value) if isinstance(value, str) else value for value in row])
        count += 1
    return count


def _write_xlsx(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> int:
    import xlsxwriter

    # By way of a temporary file: a zip archive that cannot be finished complains again when thrown away.
    # constant_memory: a sheet of a million rows must not need a gigabyte.
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    count = 0
    with path.open("wb") as out, tempfile.TemporaryFile() as zipped:
        with xlsxwriter.Workbook(zipped, options) as book:
            sheet = book.add_worksheet("Alerts")
            sheet.write_row(0, 0, columns)
            sheet.freeze_panes(1, 0)
            for count, row in enumerate(rows, 1):
                if count > XLSX_ROWS:
                    raise OSError(f"a sheet holds {XLSX_ROWS:,} rows; narrow the filter, or save as CSV")
                sheet.write_row(count, 0, row)
        zipped.seek(0)
        shutil.copyfileobj(zipped, out)
    return count
