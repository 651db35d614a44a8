"""The spool's file while it is open: its few transactions, each whole or not at all.

Any thread may call; one at a time gets on. A station, and a command beside it, work on the same file.
"""

import sqlite3
import threading
from collections.abc import Collection, Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from console.station.errors import SpoolError, SpoolFull, SpoolRefused
from console.station.outbox import Copies, Finding
from console.station.spool.block import Block
from console.station.spool.finding import Item, ItemKind, bytes_of, kind_of
from console.station.spool.opening import FileDamaged

# SQLite's result codes (sqlite.org/rescode.html). A quota that is used up comes as one of the last three.
_FULL = (13, 10 | 3 << 8, 10 | 4 << 8, 10 | 19 << 8)
_DAMAGED = (11, 26)
_ROW_BYTES = 64
"""What a row costs beside its payload, about."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is appended: readings, and findings in their order."""

    blocks: Sequence[Block] = ()
    findings: Sequence[Finding] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A row of `blocks` or `findings`, as it lies there; `kind` is empty for a block."""

    id: int
    payload: bytes
    readings: int = 0
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Declined:
    """Something the database declined, and its sentence."""

    item: Item
    reason: str


@dataclass(frozen=True, slots=True)
class Totals:
    """What the file holds. `quarantined` counts readings, `quarantined_findings` the rest."""

    readings: int = 0
    findings: int = 0
    quarantined: int = 0
    quarantined_findings: int = 0
    set_aside: int = 0
    oldest_unix: float | None = None


@dataclass(frozen=True, slots=True)
class Moves:
    """What commands did to the quarantine since the file was made, so that a running station can follow."""

    retried_readings: int = 0
    retried_findings: int = 0
    discarded_readings: int = 0


class SpoolFile:
    """Raises SpoolFull and SpoolRefused where the disk does not take something, FileDamaged where it lies."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Take over a connection from `opening.opened`."""
        self._connection = connection
        self._lock = threading.RLock()

    def append(self, parcels: Sequence[Parcel], now_unix: float) -> list[Copies]:
        """Make all of it durable; return where each parcel lies."""
        with self.transaction() as cursor:
            return [self.insert(cursor, parcel, now_unix) for parcel in parcels]

    def insert(self, cursor: sqlite3.Cursor, parcel: Parcel, now_unix: float) -> Copies:
        """Append a parcel within a transaction."""
        # Ids of a new file begin where those of one set aside did not reach: a stale id names nothing then.
        first = int(now_unix * 1000.0)
        blocks: list[int] = []
        for block in parcel.blocks:
            cursor.execute(
                "INSERT INTO blocks (id, readings, first_unix, last_unix, payload) VALUES "
                "(coalesce((SELECT seq + 1 FROM sqlite_sequence WHERE name = 'blocks'), ?), ?, ?, ?, ?)",
                (first, block.count, block.first_unix, block.last_unix, block.payload),
            )
            blocks.append(cursor.lastrowid or 0)
        findings: list[int] = []
        for finding in parcel.findings:
            cursor.execute(
                "INSERT INTO findings (id, kind, payload) VALUES "
                "(coalesce((SELECT seq + 1 FROM sqlite_sequence WHERE name = 'findings'), ?), ?, ?)",
                (first, kind_of(finding), bytes_of(finding)),
            )
            findings.append(cursor.lastrowid or 0)
        return Copies(blocks, findings)

    def rows(self, question: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Answer a question of the quarantine's."""
        with self._translating():
            return self._connection.execute(question, tuple(values)).fetchall()

    def touch(self) -> None:
        """Write something of no consequence: whoever gets through has a disk that takes things."""
        with self.transaction() as cursor:
            cursor.execute("UPDATE moves SET amount = amount WHERE name = 'retried_readings'")

    def last_block(self) -> int:
        """Return the id of the block appended last, of all that ever were; 0 = none was."""
        with self._translating():
            row = self._connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'blocks'").fetchone()
            return int(row[0]) if row else 0

    def oldest_blocks(self, limit: int, skipped: Collection[int], after: int = 0) -> list[Row]:
        """Return blocks after the one of that id, in the order taken: as many as `limit` readings, or one."""
        rows: list[Row] = []
        count = 0
        with self._translating():
            cursor = self._connection.execute(
                "SELECT id, readings FROM blocks WHERE id > ? ORDER BY id", (after,)
            )
            wanted: list[int] = []
            for id, readings in cursor:
                if id in skipped:
                    continue
                if wanted and count + readings > limit:
                    break
                wanted.append(id)
                count += readings
            cursor.close()
            for id in wanted:
                row = self._connection.execute(
                    "SELECT payload, readings FROM blocks WHERE id = ?", (id,)
                ).fetchone()
                rows.append(Row(id, bytes(row[0]), int(row[1])))
        return rows

    def oldest_findings(self, limit: int, skipped: Collection[int]) -> list[Row]:
        """Return findings in their order."""
        with self._translating():
            rows = self._connection.execute(
                "SELECT id, kind, payload FROM findings ORDER BY id LIMIT ?", (limit + len(skipped),)
            ).fetchall()
        return [Row(id, bytes(payload), kind=kind) for id, kind, payload in rows if id not in skipped][:limit]

    def remove(self, copies: Copies, declined: Sequence[Declined] = (), now_unix: float = 0.0) -> None:
        """Remove what is in the database now, and keep what it declined.

        It waits for the disk only where something is kept: what a power cut brings back, the database knows.
        """
        with self.transaction(is_durable=bool(declined)) as cursor:
            cursor.executemany("DELETE FROM blocks WHERE id = ?", [(id,) for id in copies.blocks])
            cursor.executemany("DELETE FROM findings WHERE id = ?", [(id,) for id in copies.findings])
            cursor.executemany(
                "INSERT INTO quarantine (kind, payload, reason, declined_unix) VALUES (?, ?, ?, ?)",
                [(kind_of(one.item), bytes_of(one.item), one.reason, now_unix) for one in declined],
            )

    def set_aside(self, row: Row, reason: str, now_unix: float) -> None:
        """Put a row that cannot be read where it stops nobody."""
        table = "findings" if row.kind else "blocks"
        with self.transaction() as cursor:
            cursor.execute(
                "INSERT INTO set_aside (kind, readings, payload, reason, found_unix) VALUES (?, ?, ?, ?, ?)",
                (row.kind or "block", row.readings, row.payload, reason, now_unix),
            )
            cursor.execute(f"DELETE FROM {table} WHERE id = ?", (row.id,))

    def drop_oldest(self, amount_bytes: int, skipped: Collection[int]) -> int:
        """Remove the oldest blocks until so many bytes are free; return how many readings that cost."""
        gone, freed = 0, 0
        with self.transaction() as cursor:
            rows = cursor.execute("SELECT id, readings, length(payload) FROM blocks ORDER BY id")
            chosen: list[int] = []
            for id, readings, size in rows:
                if freed >= amount_bytes:
                    break
                if id not in skipped:
                    chosen.append(id)
                    gone += readings
                    freed += size + _ROW_BYTES
            cursor.executemany("DELETE FROM blocks WHERE id = ?", [(id,) for id in chosen])
        return gone

    def totals(self) -> Totals:
        """Count what the file holds; reads no payload."""
        with self._translating():
            ask = self._connection.execute
            blocks = ask("SELECT coalesce(sum(readings), 0), min(first_unix) FROM blocks").fetchone()
            findings = ask("SELECT count(*) FROM findings").fetchone()
            declined = ask(
                "SELECT count(*) FILTER (WHERE kind = ?), count(*) FROM quarantine", (ItemKind.READING,)
            ).fetchone()
            aside = ask("SELECT coalesce(sum(readings), 0) FROM set_aside").fetchone()
            return Totals(blocks[0], findings[0], declined[0], declined[1] - declined[0], aside[0], blocks[1])

    def moves(self) -> Moves:
        """Return what commands did so far."""
        with self._translating():
            return Moves(**dict(self._connection.execute("SELECT name, amount FROM moves")))

    def version(self) -> int:
        """Return a number that changes with every commit of another program on the same file."""
        with self._translating():
            return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def used_bytes(self) -> int:
        """Return how much of the file is in use; what was freed is used again before the file grows."""
        with self._translating():
            ask = self._connection.execute
            pages, free, size = (
                int(ask(f"PRAGMA {name}").fetchone()[0])
                for name in ("page_count", "freelist_count", "page_size")
            )
            return (pages - free) * size

    def shrink(self, pages: int) -> None:
        """Give pages that are free back to the disk, and empty the log."""
        with self._translating():
            if int(self._connection.execute("PRAGMA freelist_count").fetchone()[0]):
                # As a script: it yields a row without columns for each page, at which `execute` stops.
                self._connection.executescript(f"PRAGMA incremental_vacuum({pages});")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Close the file; later calls raise SpoolRefused. Safe twice."""
        with self._lock, suppress(sqlite3.Error):
            self._connection.close()

    @contextmanager
    def transaction(self, *, is_durable: bool = True) -> Generator[sqlite3.Cursor]:
        """Commit at the end, or change nothing. `is_durable`: the disk has it when this returns."""
        with self._translating():
            self._connection.execute(f"PRAGMA synchronous = {'FULL' if is_durable else 'NORMAL'}")
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection.cursor()
                self._connection.execute("COMMIT")
            except BaseException:
                # A full disk has often rolled back already.
                if self._connection.in_transaction:
                    with suppress(sqlite3.Error):
                        self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _translating(self) -> Generator[None]:
        with self._lock:
            try:
                yield
            except sqlite3.Error as error:
                raise _translated(error) from error


def _translated(error: sqlite3.Error) -> SpoolError | FileDamaged:
    code = getattr(error, "sqlite_errorcode", 0)
    if code in _FULL or code & 0xFF == 13:
        return SpoolFull(f"The disk of the spool is full ({error}): free some space.")
    if code & 0xFF in _DAMAGED:
        return FileDamaged(str(error))
    return SpoolRefused(f"The spool cannot be used: {error}.")
