"""What the database declined, kept for a person: to look at, offer again, take along, or give up.

Works on an open file: the station's own, or that of a command beside it.
"""

import csv
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from console.spreadsheet_text import as_text
from console.station.outbox import Finding
from console.station.spool.block import block_of
from console.station.spool.file import Parcel, SpoolFile
from console.station.spool.finding import Item, ItemDamaged, item_of
from models.metrics import METRIC_KEYS
from models.records.alert import Transition
from models.records.reading import Reading

_BLOCK = 1000
_COLUMNS = (
    "number", "declined_at", "reason", "kind", "device_id", "at", "epoch", *METRIC_KEYS, "quality",
    "signals", "threshold_id", "text",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kept:
    """One thing in quarantine.

    Attributes:
        item: None where it can no longer be read.
    """

    number: int
    kind: str
    item: Item | None
    reason: str
    declined_at: datetime

    @property
    def at(self) -> datetime | None:
        """When it was recorded, found or done."""
        match self.item:
            case None:
                return None
            case Reading():
                return datetime.fromtimestamp(self.item.recorded_unix, UTC)
            case _:
                return datetime.fromtimestamp(self.item.at_unix, UTC)


def declined_items(file: SpoolFile, limit: int | None = None) -> list[Kept]:
    """Return what is in quarantine, in the order in which it was declined."""
    rows = file.rows(
        "SELECT id, kind, payload, reason, declined_unix FROM quarantine ORDER BY id LIMIT ?",
        (-1 if limit is None else limit,),
    )
    return [
        Kept(number, kind, _item(kind, payload), reason, datetime.fromtimestamp(unix, UTC))
        for number, kind, payload, reason, unix in rows
    ]


def retry_declined(file: SpoolFile, now_unix: float) -> int:
    """Put everything in quarantine behind what waits; return how much. What cannot be read stays."""
    with file.transaction() as cursor:
        kept = [one for one in declined_items(file) if one.item is not None]
        readings = [one.item for one in kept if isinstance(one.item, Reading)]
        findings: list[Finding] = [one.item for one in kept if one.item and not isinstance(one.item, Reading)]
        blocks = [block_of(readings[first : first + _BLOCK]) for first in range(0, len(readings), _BLOCK)]
        file.insert(cursor, Parcel(blocks, findings), now_unix)
        cursor.executemany("DELETE FROM quarantine WHERE id = ?", [(one.number,) for one in kept])
        _note(cursor, "retried_readings", len(readings))
        _note(cursor, "retried_findings", len(findings))
    return len(kept)


def discard_declined(file: SpoolFile) -> int:
    """Give up everything in quarantine for good; return how much."""
    with file.transaction() as cursor:
        [readings] = cursor.execute("SELECT count(*) FROM quarantine WHERE kind = 'reading'").fetchone()
        gone = cursor.execute("DELETE FROM quarantine").rowcount
        _note(cursor, "discarded_readings", readings)
    return gone


def export_declined(file: SpoolFile, path: Path) -> int:
    """Write everything in quarantine as CSV (UTF-8, one header); return how much. Tickets are left out.

    Raises:
        OSError: The file cannot be written.
    """
    with path.open("w", encoding="utf-8", newline="") as out:
        return _write(out, declined_items(file))


def _write(out: TextIO, kept: list[Kept]) -> int:
    writer = csv.DictWriter(out, _COLUMNS, restval="")
    writer.writeheader()
    for one in kept:
        writer.writerow({column: _cell(cell) for column, cell in _cells(one)})
    return len(kept)


def _cells(one: Kept) -> Iterator[tuple[str, object]]:
    yield from (
        ("number", one.number),
        ("declined_at", one.declined_at.isoformat()),
        ("reason", one.reason),
        ("kind", one.kind),
    )
    item = one.item
    if item is None:
        yield "text", "damaged"
        return
    yield from (("device_id", item.device), ("at", one.at and one.at.isoformat()))
    if isinstance(item, Reading):
        yield from (("epoch", item.epoch), ("quality", item.quality))
        yield from zip(METRIC_KEYS, item.values, strict=True)
        # By number: what they are called stands in the database.
        yield (
            "signals",
            " ".join(f"{one.signal}={'' if one.value is None else one.value}" for one in item.signals),
        )
        return
    yield "threshold_id", item.threshold
    if isinstance(item, Transition):
        yield from (("epoch", item.epoch), ("text", f"{item.kind}: {item.message}"))
    else:
        yield "text", item.comment


def _cell(value: object) -> object:
    return "" if value is None else as_text(value) if isinstance(value, str) else value


def _item(kind: str, payload: bytes) -> Item | None:
    try:
        return item_of(kind, payload)
    except ItemDamaged:
        return None


def _note(cursor: sqlite3.Cursor, name: str, amount: int) -> None:
    cursor.execute("UPDATE moves SET amount = amount + ? WHERE name = ?", (amount, name))
