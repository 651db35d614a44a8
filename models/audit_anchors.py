"""What this computer has seen of the audit trail, in a file beside the database and not in it.

Who rewrites the whole trail rewrites its end too; this file is where the former end still stands. It holds
nothing secret. One line of JSON an anchor, oldest first.
"""

from datetime import UTC, datetime
from pathlib import Path

import msgspec

from models.database import Database
from models.queries.audit import audit_head
from models.records.audit import AuditAnchor

_KEPT = 2_160  # 90 days of one an hour


class _Seen(msgspec.Struct, frozen=True):
    """One line of the file."""

    place: str
    seq: int
    hash: str
    at: str


class AnchorFile:
    """The anchors of one computer. One program writes (its station); any may read."""

    def __init__(self, folder: Path) -> None:
        """Keep where the file is, in a run's data folder; the file comes with the first anchor."""
        self._path = folder / "audit-anchors.jsonl"

    def anchors(self, place: str) -> list[AuditAnchor]:
        """Return what was seen of the database at `place`, oldest first. Raises OSError."""
        return [AuditAnchor(seen.seq, seen.hash) for seen in self._lines() if seen.place == place]

    def keep_head(self, database: Database) -> bool:
        """Keep where the trail of `database` ends now, unless that has not moved; return whether it was kept.

        Raises:
            StorageError: The database could not be asked.
            OSError: The file could not be written.
        """
        with database.transaction() as connection:
            head = audit_head(connection)
        lines = self._lines()
        before = [seen for seen in lines if seen.place == database.place]
        if head.seq < 1 or (before and (before[-1].seq, before[-1].hash) == (head.seq, head.hash)):
            return False
        at = datetime.now(UTC).isoformat(timespec="seconds")
        kept = [*lines, _Seen(database.place, head.seq, head.hash, at)][-_KEPT:]
        # Written beside and moved into place: a full disk must not cost what is there.
        fresh = self._path.with_suffix(".new")
        fresh.write_text(
            "".join(f"{msgspec.json.encode(seen).decode()}\n" for seen in kept), encoding="utf-8"
        )
        fresh.replace(self._path)
        return True

    def _lines(self) -> list[_Seen]:
        """Return every line that is one: a damaged one must not cost the others."""
        try:
            text = self._path.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return []
        lines: list[_Seen] = []
        for line in text.splitlines():
            try:
                lines.append(msgspec.json.decode(line, type=_Seen))
            except msgspec.DecodeError:
                continue
        return lines
