"""`main.py readings export`: readings out of the database as CSV, JSON or XLSX, streamed."""

import argparse
import csv
import json
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from console.commandline.command import Command, CommandError
from console.commandline.moments import moment_from_text, text_from_moment
from console.settings import Settings
from console.storage import open_storage
from models.metrics import METRIC_KEYS
from models.quantities import Quantities
from models.queries.catalogue import load_devices
from models.queries.readings import iter_readings
from models.queries.signals import load_quantities
from models.records.device import Device
from models.records.signal import Signal

COLUMNS = ("id", "device_id", *METRIC_KEYS, "recorded_at", "created_at", "quality")
"""What every export has; behind them stands a column for each signal that one of the devices has."""
XLSX_ROWS = 1_048_575
"""Rows a sheet holds below its header (Excel's specification and limits)."""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    export = actions.add_parser("export", help="write readings in the order of device and time")
    export.add_argument("--device", action="append", metavar="ID", help="hardware id; may be given again")
    export.add_argument("--since", default="1h", help="ISO 8601, or how long ago: 90s, 15min, 24h, 7d")
    export.add_argument("--until", default="now", help="as --since")
    export.add_argument("--format", choices=("csv", "json", "xlsx"), default="csv")
    export.add_argument("--output", type=Path, metavar="FILE", help="default: standard output")


def _run(options: argparse.Namespace, settings: Settings) -> int:
    now = datetime.now(UTC)
    since, until = moment_from_text(options.since, now), moment_from_text(options.until, now)
    if since >= until:
        raise CommandError(f"--since {options.since} is not before --until {options.until}.")
    if options.format == "xlsx" and options.output is None:
        raise CommandError("A spreadsheet needs a file: add --output readings.xlsx.")
    with open_storage(settings, "console readings export") as database, database.transaction() as connection:
        chosen = _chosen(load_devices(connection), options.device)
        names = {device.id: device.device_id for device in chosen}
        signals = _signals(chosen, load_quantities(connection))
        columns = (*COLUMNS, *(signal.key for signal in signals))
        rows = (
            (
                row.id,
                names[row.device],
                *row.values,
                text_from_moment(row.recorded_at),
                text_from_moment(row.created_at),
                row.quality,
                *row.signals,
            )
            for row in iter_readings(connection, list(names), since, until, [one.id for one in signals])
        )
        if options.format == "xlsx":
            count = _write_xlsx(options.output, columns, rows)
        else:
            with _opened(options.output) as out:
                count = (_write_csv if options.format == "csv" else _write_json)(out, columns, rows)
    print(f"{count} readings of {len(names)} devices.", file=sys.stderr)
    return 0


def _chosen(devices: list[Device], ids: list[str] | None) -> list[Device]:
    if ids is None:
        return devices
    known = {device.device_id: device for device in devices}
    for device_id in ids:
        if device_id not in known:
            raise CommandError(f"No device has the id {device_id!r}; main.py device list shows them all.")
    return [known[device_id] for device_id in dict.fromkeys(ids)]


def _signals(devices: Sequence[Device], quantities: Quantities) -> list[Signal]:
    """Return the signals that any of some devices has, by key."""
    found = {signal.key: signal for device in devices for signal in quantities.signals_of(device)}
    return [found[key] for key in sorted(found)]


@contextmanager
def _opened(file: Path | None) -> Iterator[IO[str]]:
    if file is None:
        yield sys.stdout
        return
    try:
        with file.open("w", encoding="utf-8", newline="") as out:
            yield out
    except OSError as error:
        raise CommandError(f"{file} cannot be written: {error.strerror}.") from error


def _write_csv(out: IO[str], columns: Sequence[str], rows: Iterable[tuple[object, ...]]) -> int:
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    count = 0
    for row in rows:
        writer.writerow(row)
        count += 1
    return count


def _write_json(out: IO[str], columns: Sequence[str], rows: Iterable[tuple[object, ...]]) -> int:
    count = 0
    out.write("[")
    for count, row in enumerate(rows, 1):
        out.write(",\n " if count > 1 else "\n ")
        out.write(json.dumps(dict(zip(columns, row, strict=True))))
    out.write("\n]\n" if count else "]\n")
    return count


def _write_xlsx(file: Path, columns: Sequence[str], rows: Iterable[tuple[object, ...]]) -> int:
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    count = 0
    try:
        # constant_memory: a sheet of a million rows must not need a gigabyte.
        # By way of a temporary file: a zip archive that cannot be finished complains again when thrown away.
        with file.open("wb") as out, tempfile.TemporaryFile() as zipped:
            # constant_memory: a sheet of a million rows must not need a gigabyte.
            options = {"constant_memory": True, "strings_to_formulas": False}
            with xlsxwriter.Workbook(zipped, options) as book:
                sheet = book.add_worksheet("Readings")
                sheet.write_row(0, 0, columns)
                for count, row in enumerate(rows, 1):
                    if count > XLSX_ROWS:
                        raise CommandError(
                            f"A sheet holds {XLSX_ROWS:,} readings; choose fewer, or --format csv."
                        )
                    sheet.write_row(count, 0, row)
            zipped.seek(0)
            shutil.copyfileobj(zipped, out)
    except (OSError, FileCreateError) as error:
        cause = error.args[0] if isinstance(error, FileCreateError) else error
        reason = cause.strerror if isinstance(cause, OSError) else cause
        raise CommandError(f"{file} cannot be written: {reason}.") from error
    return count


COMMAND = Command(_add_arguments, _run, "main.py readings export --device DRIVE-02 --since 1h --format csv")
