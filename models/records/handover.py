"""The handover of a shift: drafted by the program, completed by people, signed by two of them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

HandoverId = NewType("HandoverId", int)


@dataclass(frozen=True, slots=True)
class ShiftSpan:
    """One shift of one day: from `began_at` to `ends_at`, excluded."""

    name: str
    began_at: datetime
    ends_at: datetime


class SectionKey(StrEnum):
    """What a handover tells, in this order."""

    OPEN = "open"
    SHELVED = "shelved"
    OUT_OF_SERVICE = "out_of_service"
    MAINTENANCE = "maintenance"
    LIMITS = "limits"
    OUTAGES = "outages"
    FIGURES = "figures"
    COMMENTS = "comments"
    GENERAL = "general"

    @property
    def heading(self) -> str:
        """The heading."""
        return _TITLES[self]

    @property
    def nothing(self) -> str:
        """What is said where a section has no line: that it was looked for, and nothing was found."""
        return _NOTHING[self]


_TITLES = {
    SectionKey.OPEN: "Open alerts",
    SectionKey.SHELVED: "Shelved",
    SectionKey.OUT_OF_SERVICE: "Out of service",
    SectionKey.MAINTENANCE: "In maintenance",
    SectionKey.LIMITS: "Changed limits",
    SectionKey.OUTAGES: "Outages",
    SectionKey.FIGURES: "Alarm load",
    SectionKey.COMMENTS: "Comments of the shift",
    SectionKey.GENERAL: "Anything else",
}
_NOTHING = {
    SectionKey.OPEN: "No alert is open.",
    SectionKey.SHELVED: "Nothing is on the shelf.",
    SectionKey.OUT_OF_SERVICE: "Every limit is in service.",
    SectionKey.MAINTENANCE: "No device is in maintenance.",
    SectionKey.LIMITS: "No limit was changed during the shift.",
    SectionKey.OUTAGES: "No outage was found; the last ten minutes or so are not judged yet.",
    SectionKey.FIGURES: "Nothing was recorded during the shift.",
    SectionKey.COMMENTS: "Nobody wrote a comment during the shift.",
    SectionKey.GENERAL: "",
}


@dataclass(frozen=True, slots=True)
class HandoverSection:
    """One heading of a handover.

    Attributes:
        lines: What the program found, a sentence each; empty where it found nothing.
        note: What people add; may be empty.
    """

    key: SectionKey
    lines: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class HandoverDraft:
    """What the program found for a shift, as of `drafted_at`."""

    shift: ShiftSpan
    drafted_at: datetime
    sections: tuple[HandoverSection, ...]


class HandoverState(StrEnum):
    """How far a handover has come."""

    DRAFT = "draft"
    WAITING = "waiting"
    """Signed by who hands over; who takes over has not signed yet."""
    SIGNED = "signed"


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed, when and where; the name as it is now."""

    person_id: int
    name: str
    at: datetime
    workstation: str


@dataclass(frozen=True, slots=True)
class Handover:
    """One handover as it is kept. Once both have signed it never changes.

    Attributes:
        digest: Hexadecimal SHA-256 of everything that is signed; both signed the same.
        written_by: Name of who wrote it, `written_by_id` their number.
    """

    id: HandoverId
    shift: ShiftSpan
    drafted_at: datetime
    sections: tuple[HandoverSection, ...]
    written_by_id: int
    written_by: str
    digest: str
    outgoing: Signature | None = None
    incoming: Signature | None = None

    @property
    def state(self) -> HandoverState:
        """How far it has come."""
        if self.outgoing is None:
            return HandoverState.DRAFT
        return HandoverState.WAITING if self.incoming is None else HandoverState.SIGNED
