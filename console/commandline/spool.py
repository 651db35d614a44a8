"""`main.py spool`: what waits on this computer's disk for the database, and what the database declined.

Works beside a running station, which notices within a second, and without one.
"""

import argparse
import json
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from console.commandline.command import Command, CommandError
from console.commandline.moments import text_from_moment
from console.commandline.table import table_text
from console.settings import Settings
from console.station.errors import SpoolError
from console.station.spool.file import SpoolFile
from console.station.spool.opening import FILE, FileDamaged, opened
from console.station.spool.quarantine import (
    Kept,
    declined_items,
    discard_declined,
    export_declined,
    retry_declined,
)
from console.station.tuning import Tuning
from console.whole_file import whole_file
from models.clock_words import moment_in_words
from models.records.reading import Reading

_MEBIBYTE = 1024.0**2


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    parser.add_argument("--format", choices=("table", "json"), default="table", help="of what is shown")
    listing = actions.add_parser("quarantine", help="list what the database declined, and why")
    listing.add_argument("--limit", type=int, default=50, metavar="N")
    actions.add_parser("retry", help="offer the database once more what it declined")
    export = actions.add_parser("export", help="write what the database declined to a CSV file")
    export.add_argument("file", type=Path)
    discard = actions.add_parser("discard", help="give up for good what the database declined")
    discard.add_argument("--yes", action="store_true", help="do it: there is no way back")


def _run(options: argparse.Namespace, settings: Settings) -> int:
    folder = settings.spool_dir
    if not (folder / FILE).exists():
        if options.action in (None, "quarantine"):
            print(_EMPTY_JSON if options.format == "json" else f"No station has kept anything in {folder}.")
            return 0
        raise CommandError(f"No station has kept anything in {folder}.")
    try:
        with closing(SpoolFile(opened(folder, is_first=False))) as file:
            return _ACTIONS[options.action](file, options)
    except (FileDamaged, sqlite3.Error) as error:
        raise CommandError(
            f"The spool {folder / FILE} is damaged ({error}); a station that is started sets it aside."
        ) from error
    except SpoolError as error:
        raise CommandError(str(error)) from error


def _status(file: SpoolFile, options: argparse.Namespace) -> int:
    totals, used = file.totals(), file.used_bytes()
    quarantined = totals.quarantined + totals.quarantined_findings
    if options.format == "json":
        print(_status_json(totals.readings, totals.findings, quarantined, totals.set_aside, used))
        return 0
    if totals.readings or totals.findings:
        print(f"{totals.readings:,} readings and {totals.findings:,} findings wait for the database.")
    else:
        print("Nothing waits: the database has everything.")
    if totals.oldest_unix is not None:
        print(f"The oldest reading is of {moment_in_words(datetime.fromtimestamp(totals.oldest_unix, UTC))}.")
    limit = Tuning().spool_limit_bytes
    print(f"{used / _MEBIBYTE:,.1f} MiB are in use, of {limit / _MEBIBYTE:,.0f} at most.")
    if quarantined:
        print(f"{quarantined:,} more were declined by the database: main.py spool quarantine.")
    if totals.set_aside:
        print(f"{totals.set_aside:,} readings are in blocks that are damaged; they were set aside.")
    return 0


def _quarantine(file: SpoolFile, options: argparse.Namespace) -> int:
    kept = declined_items(file, options.limit)
    if options.format == "json":
        rows = [
            {
                "number": one.number,
                "kind": one.kind,
                "device": one.item and one.item.device,
                "at": one.at and one.at.isoformat(),
                "declined_at": one.declined_at.isoformat(),
                "reason": one.reason,
            }
            for one in kept
        ]
        print(json.dumps(rows))
    elif kept:
        header = ("Number", "Declined", "What", "Device", "Of", "Reason")
        print(table_text(header, [_row(one) for one in kept]))
    else:
        print("The quarantine is empty: the database declined nothing.")
    return 0


def _retry(file: SpoolFile, _options: argparse.Namespace) -> int:
    count = retry_declined(file, time.time())
    print(f"{count:,} readings and findings are offered to the database again.")
    return 0


def _export(file: SpoolFile, options: argparse.Namespace) -> int:
    try:
        with whole_file(options.file) as part:
            count = export_declined(file, part)
    except OSError as error:
        raise CommandError(f"{options.file} cannot be written: {error.strerror}.") from error
    print(f"{count:,} readings and findings were written to {options.file}; they stay in quarantine.")
    return 0


def _discard(file: SpoolFile, options: argparse.Namespace) -> int:
    if not options.yes:
        totals = file.totals()
        raise CommandError(
            f"This gives up {totals.quarantined + totals.quarantined_findings:,} readings and findings for "
            "good. Export them first if they may be wanted; then say --yes."
        )
    print(f"{discard_declined(file):,} readings and findings were given up.")
    return 0


def _row(one: Kept) -> tuple[str, ...]:
    what = "reading" if isinstance(one.item, Reading) else one.kind if one.item else f"damaged {one.kind}"
    return (
        str(one.number),
        text_from_moment(one.declined_at),
        what,
        str(one.item.device) if one.item else "",
        text_from_moment(one.at) if one.at else "",
        one.reason,
    )


def _status_json(readings: int, findings: int, quarantined: int, set_aside: int, used_bytes: int) -> str:
    return json.dumps(
        {
            "readings": readings,
            "findings": findings,
            "quarantined": quarantined,
            "set_aside": set_aside,
            "used_bytes": used_bytes,
            "limit_bytes": Tuning().spool_limit_bytes,
        }
    )


_EMPTY_JSON = _status_json(0, 0, 0, 0, 0)
_ACTIONS: dict[str | None, Callable[[SpoolFile, argparse.Namespace], int]] = {
    None: _status,
    "quarantine": _quarantine,
    "retry": _retry,
    "export": _export,
    "discard": _discard,
}

COMMAND = Command(_add_arguments, _run, "main.py spool quarantine")
