"""One line of the audit trail, what may be asked of the trail, and what verifying it found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class AuditOperation(StrEnum):
    """What was done. The values are those of the database."""

    ADDED = "INSERT"
    CHANGED = "UPDATE"
    REMOVED = "DELETE"
    EMPTIED = "TRUNCATE"
    REFUSED = "REFUSED"
    SIGNED_IN = "SIGNED IN"


@dataclass(frozen=True, slots=True)
class AuditChange:
    """One column before and after, as text for people; "" where there was nothing.

    Attributes:
        label: In words, where only a part of a column is meant; "" otherwise.
    """

    column: str
    before: str
    after: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who changed what, when and from where.

    Attributes:
        seq: Place in the chain: 1, 2, 3 … without a gap, in order of commits.
        at: When it was done, by the server's clock.
        actor: The PostgreSQL login; set by the server, nobody can choose it. Of a write to a device, whose
            ticket the station was shown; `after` names that station.
        person_id: The row of `users` that login had; None for a station or a login of nobody.
        person_name: The name that row has now, so an anonymised person is called "Former person 12".
        station_id: The row of `stations` that login had; None for a person.
        station_name: As it is called now.
        client: Network address the server saw; "" for a connection on the same computer.
        workstation: What the program said about itself (`application_name`): a claim, not evidence.
        txid: Rows of one transaction share it.
        table: Without schema; "" where no table was concerned.
        key: Primary key of the row, "" likewise.
        before: Columns and their values before; for a change only what differs.
        after: Likewise. A value that is not kept here (a name, a password's hash) reads "(changed)".
        hash: Hexadecimal, of this line and of everything before it.
    """

    seq: int
    at: datetime
    actor: str
    person_id: int | None
    person_name: str
    station_id: int | None
    station_name: str
    client: str
    workstation: str
    txid: int
    operation: AuditOperation
    table: str
    key: str
    before: Mapping[str, object]
    after: Mapping[str, object]
    hash: str

    @property
    def who(self) -> str:
        """The person, else the station, else the login."""
        return self.person_name or self.station_name or self.actor

    @property
    def changes(self) -> list[AuditChange]:
        """Column by column, in order of name."""
        return [
            AuditChange(name, _shown(self.before.get(name)), _shown(self.after.get(name)))
            for name in sorted({*self.before, *self.after})
        ]


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What to look for; every part that is set must hold.

    Attributes:
        since: Inclusive.
        until: Exclusive.
        person_id: Done by this person.
        station_id: Done by this station.
        table: Without schema; "" for all.
        key: Primary key of a row, together with `table`; "" for all.
        operation: None for all.
        text: Found anywhere in the values, the key, the login, the workstation; case does not matter.
    """

    since: datetime | None = None
    until: datetime | None = None
    person_id: int | None = None
    station_id: int | None = None
    table: str = ""
    key: str = ""
    operation: AuditOperation | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class AuditAnchor:
    """How far the trail had come at some moment, kept outside the database.

    Attributes:
        seq: The last line of the trail then; 0 while it is empty.
        hash: Hexadecimal, of that line.
    """

    seq: int
    hash: str


class AuditFault(StrEnum):
    """What can be wrong with a chain."""

    CONTENT = "content changed"
    LINK = "link broken"
    MISSING = "row missing"
    STRAY = "row added by hand"
    HEAD = "end does not match"
    REWRITTEN = "rewritten"


@dataclass(frozen=True, slots=True)
class BrokenLink:
    """The first place where the trail is not what was written.

    Attributes:
        seq: The row concerned; for missing rows the first of them.
        fault: What is wrong.
        at: When that row, or the one before a gap, says it was written; None where there is none.
        who: By whom it says so; "" likewise.
        text: One sentence for people.
    """

    seq: int
    fault: AuditFault
    at: datetime | None
    who: str
    text: str


@dataclass(frozen=True, slots=True)
class AuditVerdict:
    """What verifying found.

    Attributes:
        rows: Lines read and recomputed.
        head: The end of the chain as the database states it, to be kept elsewhere.
        broken: The first broken link, None where the chain is whole.
        anchors: How many anchors from outside the database were compared.
        unwatched: Tables whose changes are not recorded now, because a trigger is missing or switched off.
    """

    rows: int
    head: AuditAnchor
    broken: BrokenLink | None = None
    anchors: int = 0
    unwatched: tuple[str, ...] = field(default=())

    @property
    def is_whole(self) -> bool:
        """Whether nothing at all was found."""
        return self.broken is None and not self.unwatched


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
