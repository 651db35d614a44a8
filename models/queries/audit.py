"""The audit trail as people read it: pages, exports, and the lines that are no change of a table.

`audit_chain.verify_audit` is what tells whether the trail is whole.
"""

from collections.abc import Iterator

from sqlalchemy import RowMapping, text
from sqlalchemy.engine import Connection

from models.records.audit import AuditAnchor, AuditEntry, AuditFilter, AuditOperation
from models.watched_connection import allow_long_work

_ENTRY = (
    # A moment that somebody set beyond Python's years must not hide the line it stands in.
    "SELECT a.seq, greatest(least(a.at, '9999-12-30 00:00Z'), '0001-01-02 00:00Z') AS at, a.actor, "
    "  a.person_id, p.name AS person_name, a.station_id, s.name AS station_name, "
    "  host(a.client) AS client, a.workstation, a.txid, a.op, a.tbl, a.pk, a.old, a.new, "
    "  encode(a.hash, 'hex') AS hash "
    # Names are looked up now, not kept: who was anonymised is nameless in what was written before, too.
    "FROM app.audit_log AS a LEFT JOIN app.persons AS p ON p.id = a.person_id "
    "LEFT JOIN app.stations AS s ON s.id = a.station_id WHERE true"
)
_CONDITIONS = {
    "since": "a.at >= :since",
    "until": "a.at < :until",
    "person": "a.person_id = :person",
    "station": "a.station_id = :station",
    "table": "a.tbl = :table",
    "key": "a.pk = :key",
    "operation": "a.op = :operation",
    # Not LIKE: a % or _ that somebody looks for stands for itself.
    "text": "strpos(lower(concat_ws(' ', a.actor, a.workstation, a.tbl, a.pk, a.old::text, a.new::text)), "
    "lower(:text)) > 0",
    "after": "a.seq < :after",
}
_BLOCK = 2_000  # rows a fetch of an export


def audit_page(
    conn: Connection, chosen: AuditFilter, limit: int, after: int | None = None
) -> list[AuditEntry]:
    """Return up to `limit` lines, newest first.

    Args:
        conn: Of an administrator: everybody else sees no line at all, or is refused.
        chosen: What to look for.
        limit: The size of a page.
        after: `seq` of the last line of the page before, None for the first page.
    """
    statement, values = _question(chosen, after)
    rows = conn.execute(text(f"{statement} ORDER BY a.seq DESC LIMIT :limit"), {**values, "limit": limit})
    return [_entry(row) for row in rows.mappings()]


def audit_entry(conn: Connection, seq: int) -> AuditEntry | None:
    """Return one line, None where there is none of that number."""
    row = conn.execute(text(f"{_ENTRY} AND a.seq = :seq"), {"seq": seq}).mappings().one_or_none()
    return None if row is None else _entry(row)


def export_audit(conn: Connection, chosen: AuditFilter) -> Iterator[AuditEntry]:
    """Yield every line, oldest first, in blocks through a server-side cursor.

    Needs a connection from `Database.transaction()`; do not use `conn` for anything else until the last line.
    """
    allow_long_work(conn)
    statement, values = _question(chosen, None)
    rows = conn.execute(
        text(f"{statement} ORDER BY a.seq"), values, execution_options={"yield_per": _BLOCK}
    ).mappings()
    for row in rows:
        yield _entry(row)


def audited_tables(conn: Connection) -> list[str]:
    """Return the tables whose changes are recorded, in order of name, for a choice on a screen."""
    return list(
        conn.execute(
            text(
                "SELECT DISTINCT c.relname::text "
                "FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid "
                "JOIN pg_proc AS f ON f.oid = t.tgfoid "
                "WHERE f.pronamespace = to_regnamespace('app') AND f.proname = 'audit_change' "
                # No table: what is written to a device leaves nothing but its line here.
                "UNION SELECT 'device_writes' ORDER BY 1"
            )
        ).scalars()
    )


def audit_head(conn: Connection) -> AuditAnchor:
    """Return the end of the chain, to be kept outside the database. Administrators and stations may ask."""
    row = conn.execute(text("SELECT seq, encode(hash, 'hex') FROM app.audit_head")).one_or_none()
    return AuditAnchor(0, "") if row is None else AuditAnchor(row[0], row[1])


def note_refusal(conn: Connection, what: str) -> None:
    """Write that this login tried something it may not do; at most 20 a minute and login are written.

    Args:
        conn: In a transaction of its own: the refused one is rolled back.
        what: One sentence; cut at 500 characters.
    """
    conn.execute(text("SELECT app.note_refusal(:what)"), {"what": what.replace("\x00", "")})


def note_sign_in(conn: Connection, failed_before: int) -> None:
    """Write that this login signed in, after `failed_before` attempts that failed on this workstation."""
    conn.execute(text("SELECT app.note_sign_in(:failed)"), {"failed": failed_before})


def _question(chosen: AuditFilter, after: int | None) -> tuple[str, dict[str, object]]:
    asked = {
        "since": chosen.since,
        "until": chosen.until,
        "person": chosen.person_id,
        "station": chosen.station_id,
        "table": chosen.table or None,
        "key": chosen.key or None,
        "operation": chosen.operation.value if chosen.operation else None,
        "text": chosen.text.replace("\x00", "") or None,
        "after": after,
    }
    values: dict[str, object] = {name: value for name, value in asked.items() if value is not None}
    return " AND ".join((_ENTRY, *(_CONDITIONS[name] for name in values))), values


def _entry(row: RowMapping) -> AuditEntry:
    return AuditEntry(
        seq=row["seq"],
        at=row["at"],
        actor=row["actor"],
        person_id=row["person_id"],
        person_name=row["person_name"] or "",
        station_id=row["station_id"],
        station_name=row["station_name"] or "",
        client=row["client"] or "",
        workstation=row["workstation"],
        txid=row["txid"],
        operation=AuditOperation(row["op"]),
        table=row["tbl"],
        key=row["pk"],
        before=row["old"] or {},
        after=row["new"] or {},
        hash=row["hash"],
    )
