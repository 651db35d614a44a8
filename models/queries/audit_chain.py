"""Whether the audit trail is whole, and if not, where it first is not.

Nothing of the database's own functions is used: whoever can change the trail could change those too. The
server only lays out each line's bytes; every hash is computed here. A trail that was rewritten from some line
on, hashes and all, is whole in itself; anchors, kept outside the database, are what finds that.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC

from sqlalchemy import text
from sqlalchemy.engine import Connection

from models.queries.audit import audit_entry, audit_head
from models.records.audit import AuditAnchor, AuditFault, AuditVerdict, BrokenLink
from models.watched_connection import allow_long_work

_FIRST = bytes(32)  # what the first line is linked to
_BLOCK = 2_000  # lines a fetch

# As migration 0011 wrote them: fields, each with its length in bytes before it, "-" for none.
_FIELDS = (
    "a.seq::text",
    "extract(epoch FROM a.at)::text",
    "a.actor::text",
    "a.person_id::text",
    "a.station_id::text",
    "host(a.client)",
    "a.workstation",
    "a.txid::text",
    "a.op",
    "a.tbl",
    "a.pk",
    "a.old::text",
    "a.new::text",
)
_BYTES = " || ".join(f"coalesce(octet_length({field})::text || ':' || {field}, '-')" for field in _FIELDS)
# Lines and end in one statement, that is as of one moment: others go on writing.
_LINES = text(
    f"SELECT a.seq, a.prev_hash, a.hash, convert_to({_BYTES}, 'UTF8') AS content, "
    "(SELECT h.seq FROM app.audit_head AS h) AS head_seq, "
    "(SELECT h.hash FROM app.audit_head AS h) AS head_hash FROM app.audit_log AS a ORDER BY a.seq"
)
_WATCHED = (
    "users",
    "stations",
    "devices",
    "alert_thresholds",
    "alerts",
    "ota_versions",
    "ota_deployments",
)
_TRIGGERS = ("audit_added_or_removed", "audit_changed")
_UNWATCHED = text(
    "SELECT wanted.name FROM unnest(CAST(:tables AS text[])) AS wanted (name) WHERE ("
    "  SELECT count(*) FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid "
    "  WHERE c.relnamespace = to_regnamespace('app') AND c.relname = wanted.name "
    "  AND t.tgname = ANY(CAST(:triggers AS text[])) AND t.tgenabled IN ('O', 'A')) < :count "
    # Tables that later revisions have recorded are known by their triggers.
    "UNION SELECT c.relname FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid "
    "WHERE c.relnamespace = to_regnamespace('app') AND t.tgenabled NOT IN ('O', 'A') "
    "AND (t.tgname LIKE 'audit%' OR c.relname LIKE 'audit%') ORDER BY 1"
)


@dataclass(frozen=True, slots=True)
class _Line:
    seq: int
    prev_hash: bytes
    hash: bytes
    content: bytes

    @property
    def is_own(self) -> bool:
        """Whether its hash is that of its content."""
        return hashlib.sha256(self.prev_hash + self.content).digest() == self.hash


def verify_audit(
    conn: Connection,
    anchors: Sequence[AuditAnchor] = (),
    tell: Callable[[int], None] = lambda _lines: None,
) -> AuditVerdict:
    """Read the whole trail and compute every hash again; about a second for 100,000 lines.

    Args:
        conn: Of an administrator, from `Database.transaction()`.
        anchors: Ends of the chain as somebody outside the database has seen them.
        tell: Hears now and then how many lines are done; what it raises ends the work.
    """
    allow_long_work(conn)
    # Nobody's operators and functions but PostgreSQL's own.
    conn.execute(text("SET LOCAL search_path = pg_catalog, pg_temp"))
    unwatched = conn.execute(
        _UNWATCHED, {"tables": list(_WATCHED), "triggers": list(_TRIGGERS), "count": len(_TRIGGERS)}
    ).scalars()
    check = _Check(anchors)
    asides = tuple(unwatched)
    head = audit_head(conn)
    for line, seen_head in _lines(conn):
        head = seen_head
        if not check.accept(line, seen_head):
            break
        if check.rows % _BLOCK == 0:
            tell(check.rows)
    else:
        check.finish(head)
    broken = None if check.fault is None else _named(conn, check)
    return AuditVerdict(check.rows, head, broken, check.compared, asides)


class _Check:
    """Follows the chain line by line; stops at the first that is not as it was written."""

    def __init__(self, anchors: Sequence[AuditAnchor]) -> None:
        self.rows = 0
        self.compared = 0
        self.fault: AuditFault | None = None
        self.seq = 0
        self.until = 0
        # Of one line more than one hash may have been seen: before and after somebody rewrote it.
        self._anchors: dict[int, set[str]] = {}
        for anchor in anchors:
            self._anchors.setdefault(anchor.seq, set()).add(anchor.hash)
        self._last: bytes = _FIRST

    def accept(self, line: _Line, head: AuditAnchor) -> bool:
        """Take the next line; False where the chain ends being what was written."""
        expected = self.rows + 1
        if line.seq < expected or (head.hash and line.seq > head.seq and line.seq == expected):
            return self._stop(AuditFault.STRAY, line.seq)
        if line.seq > expected:
            self.until = line.seq - 1
            return self._stop(AuditFault.MISSING, expected)
        if not line.is_own:
            return self._stop(AuditFault.CONTENT, line.seq)
        if line.prev_hash != self._last:
            return self._stop(AuditFault.LINK, line.seq)
        seen = self._anchors.pop(line.seq, set())
        self.compared += len(seen)
        if seen - {line.hash.hex()}:
            return self._stop(AuditFault.REWRITTEN, line.seq)
        self.rows += 1
        self._last = line.hash
        return True

    def finish(self, head: AuditAnchor) -> None:
        """Compare the end that was reached with the one stated, and with what others saw of it."""
        furthest = max(self._anchors, default=0)
        if head.seq > self.rows or furthest > self.rows:
            self.until = max(head.seq, furthest)
            self._stop(AuditFault.MISSING, self.rows + 1)
        elif head.hash != self._last.hex():
            self._stop(AuditFault.HEAD, self.rows)

    def _stop(self, fault: AuditFault, seq: int) -> bool:
        self.fault, self.seq = fault, seq
        return False


def _lines(conn: Connection) -> Iterator[tuple[_Line, AuditAnchor]]:
    rows = conn.execute(_LINES, execution_options={"yield_per": _BLOCK})
    try:
        for block in rows.partitions():
            for seq, prev_hash, own, content, head_seq, head_hash in block:
                head = AuditAnchor(head_seq or 0, head_hash.hex() if head_hash else "")
                yield _Line(seq, bytes(prev_hash), bytes(own), bytes(content)), head
    finally:
        rows.close()


def _named(conn: Connection, check: _Check) -> BrokenLink:
    """Put the first broken link into words; when and by whom is what that line, or its neighbour, says."""
    fault, seq = check.fault, check.seq
    if fault is None:
        raise ValueError("nothing is broken")
    line, before = audit_entry(conn, seq), audit_entry(conn, seq - 1)
    told = line if line is not None else before
    at, who = (told.at, told.who) if told else (None, "")
    where = f" ({at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC, {who})" if at else ""
    lines = f"Line {seq}" if check.until <= seq else f"Lines {seq} to {check.until}"
    text_of = {
        AuditFault.CONTENT: f"Line {seq}{where} was changed after it was written.",
        AuditFault.LINK: f"Line {seq}{where} does not follow from line {seq - 1}, which was replaced.",
        AuditFault.MISSING: f"{lines} {'is' if check.until <= seq else 'are'} missing"
        + (f"; the line before is {seq - 1}{where}." if told else "."),
        AuditFault.STRAY: f"Line {seq}{where} was added by hand.",
        AuditFault.HEAD: f"The stated end of the trail does not match its last line, {seq}{where}.",
        AuditFault.REWRITTEN: f"Line {seq}{where} is not the one this computer has seen there: the trail was "
        "rewritten.",
    }
    return BrokenLink(seq, fault, at, who, text_of[fault])
