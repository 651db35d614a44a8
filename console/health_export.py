"""How all connections do, as a table for a file or a terminal. No Qt; pure but for the file written."""

import csv
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from console.spreadsheet_text import as_text
from console.whole_file import whole_file
from models.connection_order import TROUBLE_WORDS, trouble_of, worst_first
from models.records.device import Device, DeviceId
from models.records.device_health import DeviceHealth

HEADINGS = (
    *(
        "device_id",
        "device",
        "location",
        "protocol",
        "state",
        "failure",
        "station",
        "as_of",
        "last_good_read",
    ),
    *("round_trip_p50_ms", "round_trip_p99_ms", "polls_due", "polls_missed", "polls_answered"),
    *("polls_failed", "errors", "errors_by_kind", "errors_last_10_min", "sent_bytes", "received_bytes"),
    "bytes_per_s",
)

Cell = str | int | float | None


def health_rows(
    devices: Sequence[Device],
    healths: Mapping[DeviceId, DeviceHealth],
    names: Mapping[int, str],
    now_unix: float,
) -> list[tuple[Cell, ...]]:
    """Return a row a device, the worst first; moments as ISO 8601 UTC, what nobody tells as empty cells.

    Args:
        devices: Those to list.
        healths: What is known, by `devices.id`.
        names: Of stations, by `stations.id`.
        now_unix: Unix seconds.
    """
    ordered = sorted(devices, key=lambda device: worst_first(healths.get(device.id), now_unix))
    return [_row(device, healths.get(device.id), names, now_unix) for device in ordered]


def write_table(path: Path, rows: Sequence[Sequence[Cell]]) -> int:
    """Write rows below the headings, as XLSX or CSV by the name's end; return how many. Raises OSError."""
    with whole_file(path) as part:
        if path.suffix.casefold() == ".xlsx":
            _write_xlsx(part, rows)
        else:
            with part.open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow(HEADINGS)
                writer.writerows([_safe(cell) for cell in row] for row in rows)
    return len(rows)


def kinds_text(health: DeviceHealth) -> str:
    """Return the errors by kind, the most first: "7 × timeout, 2 × refusal"."""
    kinds = sorted(health.errors.items(), key=lambda each: (-each[1], each[0]))
    return ", ".join(f"{count:,} × {kind}" for kind, count in kinds if count)


def _row(
    device: Device, health: DeviceHealth | None, names: Mapping[int, str], now_unix: float
) -> tuple[Cell, ...]:
    about: tuple[Cell, ...] = (
        device.device_id,
        device.name,
        device.location,
        device.driver,
        TROUBLE_WORDS[trouble_of(health, now_unix)],
    )
    if health is None:
        return (*about, *([None] * (len(HEADINGS) - len(about))))
    return (
        *about,
        health.failure,
        names.get(health.station, "") if health.station else "",
        _moment(health.as_of_unix),
        _moment(health.good_read_unix),
        _rounded(health.round_trip_p50_ms),
        _rounded(health.round_trip_p99_ms),
        health.polls_due,
        health.polls_missed,
        health.polls_answered,
        health.polls_failed,
        health.error_count,
        kinds_text(health),
        health.recent_error_count,
        health.sent_bytes,
        health.received_bytes,
        round(health.bytes_per_s, 1),
    )


def _moment(unix: float) -> str | None:
    return datetime.fromtimestamp(unix, UTC).isoformat(timespec="milliseconds") if unix else None


def _rounded(ms: float | None) -> float | None:
    return None if ms is None else round(ms, 3)


def _safe(cell: Cell) -> Cell:
    return as_text(cell) if isinstance(cell, str) else cell


def _write_xlsx(path: Path, rows: Sequence[Sequence[Cell]]) -> None:
    import xlsxwriter

    # By way of a temporary file: a zip archive that cannot be finished complains again when thrown away.
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with path.open("wb") as out, tempfile.TemporaryFile() as zipped:
        with xlsxwriter.Workbook(zipped, options) as book:
            sheet = book.add_worksheet("Health")
            sheet.write_row(0, 0, HEADINGS)
            sheet.freeze_panes(1, 2)
            for number, row in enumerate(rows, 1):
                sheet.write_row(number, 0, row)
        zipped.seek(0)
        shutil.copyfileobj(zipped, out)
