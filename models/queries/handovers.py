"""Handovers as they are kept: written, signed by two persons, listed.

Who may, and that a signed handover stays as it is, is the database's to enforce (migration 0015).
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import RowMapping, text
from sqlalchemy.engine import Connection

from models.errors import Rejected
from models.queries.refusals import told_plainly
from models.queries.search_text import storable
from models.records.handover import (
    Handover,
    HandoverId,
    HandoverSection,
    SectionKey,
    ShiftSpan,
    Signature,
)

_WORKERS = "an operator or administrator"
_HANDOVERS = (
    "SELECT h.id, h.shift_name, h.began_at, h.ends_at, h.drafted_at, h.sections, h.digest, "
    "  h.written_by, w.name AS writer, h.outgoing_by, o.name AS outgoing, h.outgoing_at, "
    "  h.outgoing_workstation, h.incoming_by, i.name AS incoming, h.incoming_at, h.incoming_workstation "
    "FROM app.shift_handovers AS h LEFT JOIN app.persons AS w ON w.id = h.written_by "
    "LEFT JOIN app.persons AS o ON o.id = h.outgoing_by LEFT JOIN app.persons AS i ON i.id = h.incoming_by "
)
_LONGEST_NOTE = 4000


def list_handovers(conn: Connection, limit: int = 100) -> list[Handover]:
    """Return the newest handovers first, drafts and those that wait for a signature included."""
    rows = conn.execute(
        text(f"{_HANDOVERS} ORDER BY h.began_at DESC, h.id DESC LIMIT :limit"), {"limit": limit}
    )
    return [_handover(row) for row in rows.mappings()]


def load_handover(conn: Connection, handover: HandoverId) -> Handover:
    """Return one. Raises Rejected where there is none of that number, or none this person may see."""
    row = conn.execute(text(f"{_HANDOVERS} WHERE h.id = :id"), {"id": handover}).mappings().one_or_none()
    if row is None:
        raise Rejected(f"There is no handover with number {handover}.")
    return _handover(row)


def write_handover(
    conn: Connection, shift: ShiftSpan, drafted_at: datetime, sections: Sequence[HandoverSection]
) -> Handover:
    """Keep what the person wrote for a shift; what they kept for it before, unsigned, is replaced.

    Raises:
        NotAllowed: Neither an operator nor an administrator, or they have signed it already.
        Rejected: The shift has not begun, or a note is too long.
    """
    for section in sections:
        if len(section.note) > _LONGEST_NOTE:
            raise Rejected(f"The note to {section.key.heading!r} is longer than {_LONGEST_NOTE} characters.")
    document = json.dumps(
        [
            {
                "key": section.key.value,
                "lines": [storable(line) for line in section.lines],
                "note": storable(section.note),
            }
            for section in sections
        ],
        ensure_ascii=False,
    )
    with told_plainly(_WORKERS):
        written = conn.execute(
            text("SELECT app.write_handover(:shift, :began, :ends, :drafted, CAST(:sections AS jsonb))"),
            {
                "shift": storable(shift.name) or "Shift",
                "began": shift.began_at,
                "ends": shift.ends_at,
                "drafted": drafted_at,
                "sections": document,
            },
        ).scalar_one()
    return load_handover(conn, HandoverId(written))


def discard_handover(conn: Connection, handover: HandoverId) -> bool:
    """Throw an own draft away; False where it is none, or signed."""
    with told_plainly(_WORKERS):
        return bool(conn.execute(text("SELECT app.discard_handover(:id)"), {"id": handover}).scalar_one())


def hand_over(conn: Connection, handover: HandoverId, digest: str) -> None:
    """Sign as the person who wrote it; from then on it stays as it is.

    Raises:
        Rejected: It was changed since it was read (another digest), or is signed already.
        NotAllowed: Somebody else wrote it.
    """
    with told_plainly(_WORKERS):
        conn.execute(text("SELECT app.hand_over(:id, :digest)"), {"id": handover, "digest": digest})


def take_over(conn: Connection, handover: HandoverId, digest: str) -> None:
    """Sign as the person who takes over, on their own login; finished for good.

    Raises:
        Rejected: It was changed since, the other person has not signed, or both have.
        NotAllowed: It is the same person, or neither operator nor administrator.
    """
    with told_plainly(_WORKERS):
        conn.execute(text("SELECT app.take_over(:id, :digest)"), {"id": handover, "digest": digest})


def take_signature_back(conn: Connection, handover: HandoverId) -> bool:
    """Take the own signature back, to correct something; False where nobody has it, or both have signed."""
    with told_plainly(_WORKERS):
        return bool(conn.execute(text("SELECT app.take_signature_back(:id)"), {"id": handover}).scalar_one())


def _handover(row: RowMapping) -> Handover:
    return Handover(
        id=HandoverId(row["id"]),
        shift=ShiftSpan(row["shift_name"], row["began_at"], row["ends_at"]),
        drafted_at=row["drafted_at"],
        sections=tuple(_sections(row["sections"])),
        written_by_id=row["written_by"],
        written_by=row["writer"] or "",
        digest=row["digest"],
        outgoing=_signature(row, "outgoing"),
        incoming=_signature(row, "incoming"),
    )


def _sections(document: object) -> list[HandoverSection]:
    """Read the sections; one that a newer program wrote and this one does not know is passed over."""
    known = {key.value: key for key in SectionKey}
    found: list[HandoverSection] = []
    for part in cast("list[Mapping[str, object]]", document):
        key = known.get(str(part.get("key")))
        lines = part.get("lines")
        if key is not None and isinstance(lines, list):
            told = tuple(str(line) for line in cast("list[object]", lines))
            found.append(HandoverSection(key, told, str(part.get("note") or "")))
    return found


def _signature(row: RowMapping, part: str) -> Signature | None:
    if row[f"{part}_by"] is None:
        return None
    return Signature(row[f"{part}_by"], row[part] or "", row[f"{part}_at"], row[f"{part}_workstation"])
