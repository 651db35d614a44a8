"""Writes the audit trail to a file, a line at a time: a trail may not fit into memory. No Qt."""

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from console.spreadsheet_text import as_text
from console.whole_file import whole_file
from models.records.audit import AuditEntry

COLUMNS = (
    *("entry", "at", "who", "person", "station", "login", "address", "workstation", "done"),
    *("table", "key", "before", "after", "transaction", "hash"),
)
FORMATS = (".csv", ".json")


def write_audit(path: Path, entries: Iterable[AuditEntry]) -> int:
    """Write entries in the order given, JSON where the name ends so, else CSV; return how many.

    The file appears under its name only once it is complete.

    Raises:
        OSError: It could not be written; nothing is left of it.
    """
    write = _write_json if path.suffix.casefold() == ".json" else _write_csv
    with whole_file(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        return write(file, entries)


def fields_of(entry: AuditEntry) -> dict[str, object]:
    """Return everything that an entry's hash is taken of, and the names it has today."""
    values = (
        *(entry.seq, entry.at.isoformat(), entry.who, entry.person_id, entry.station_id, entry.actor),
        *(entry.client, entry.workstation, entry.operation.value, entry.table, entry.key),
        *(dict(entry.before), dict(entry.after), entry.txid, entry.hash),
    )
    return dict(zip(COLUMNS, values, strict=True))


def _write_csv(file: TextIO, entries: Iterable[AuditEntry]) -> int:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    count = 0
    for entry in entries:
        writer.writerow([_cell(value) for value in fields_of(entry).values()])
        count += 1
    return count


def _write_json(file: TextIO, entries: Iterable[AuditEntry]) -> int:
    count = 0
    file.write("[")
    for count, entry in enumerate(entries, start=1):
        file.write("\n" if count == 1 else ",\n")
        file.write(json.dumps(fields_of(entry), ensure_ascii=False))
    file.write("\n]\n")
    return count


def _cell(value: object) -> str:
    """Return a value as a cell, marked as text where a spreadsheet would compute it.

    A workstation calls itself whatever it likes, "=HYPERLINK(…)" for instance.
    """
    if value is None or value == {}:
        return ""
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)
    return as_text(text)
