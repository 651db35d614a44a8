"""A station: who it is, and once a second to every window on its computer how it is doing, in figures."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import msgspec

from models.records.threshold import Severity


@dataclass(frozen=True, slots=True)
class StationIdentity:
    """A station that works now.

    Attributes:
        id: Of its row in `stations`.
        name: For people.
        incarnation: Which start of its program this is.
    """

    id: int
    name: str
    incarnation: int


class ConditionKind(StrEnum):
    """What can be wrong with a station itself, as opposed to a device."""

    DATABASE_AWAY = "database_away"
    SPOOL_FILLING = "spool_filling"
    SPOOL_BROKEN = "spool_broken"
    READINGS_DROPPED = "readings_dropped"
    QUARANTINE = "quarantine"
    CLOCK_OFFSET = "clock_offset"
    SILENT = "silent"
    """It polls nothing, because another station may have taken its devices over."""
    LOOP_RESTARTED = "loop_restarted"
    OWN_CERTIFICATE = "own_certificate"
    """The certificate by which servers know it runs out soon, or cannot be read."""
    STATION_LOST = "station_lost"
    """Said of a station by others: it gives no sign of life."""
    DRILL = "drill"
    """It is cut off the database on purpose. Takes the place of what follows from that."""


class Condition(msgspec.Struct, frozen=True):
    """Something that is wrong with a station now.

    Attributes:
        since_unix: Unix seconds, by the site's clock.
        sentence: For people: what, since when is not in it, and what to do.
    """

    kind: ConditionKind
    severity: Severity
    since_unix: float
    sentence: str


class StationReport(msgspec.Struct, frozen=True, tag="report"):
    """Counts since the station started, and what it is busy with right now.

    Attributes:
        collecting: Devices that answered within their last two periods.
        configured: Devices this station polls, those it cannot poll included.
        readings_taken: Readings that became durable, in the database or in the spool; always
            stored + spooled + quarantined + dropped.
        readings_stored: Readings committed.
        waiting: Readings made and not yet committed: in memory or in the spool.
        dropped: Readings given up: the spool was full, or neither disk nor memory could take them.
        missed_periods: Polls that were due and did not happen (not: polls that failed).
        due_periods: Polls that were due.
        database: "live", or one sentence why not.
        sent_unix: Unix seconds.
        spooled: Readings in the spool, those of earlier runs included.
        spool_bytes: What the spool takes on the disk.
        spool_limit_bytes: What it may take.
        room_s: For how many seconds the spool has room at the present rate; None where nothing is polled.
        quarantined: Readings that the database declined, kept for a person to decide; findings that it
            declined stand in the condition's sentence alone.
        clock_offset_s: This computer's clock minus the database's; None before it was measured.
        is_silent: Polls nothing, because another station may have taken its devices over.
        conditions: What is wrong with the station itself, worst first.
        station: Of its row in `stations`; 0 = not known yet, or it has none.
    """

    collecting: int
    configured: int
    readings_taken: int
    readings_stored: int
    waiting: int
    dropped: int
    missed_periods: int
    due_periods: int
    database: str
    sent_unix: float
    spooled: int = 0
    spool_bytes: int = 0
    spool_limit_bytes: int = 0
    room_s: float | None = None
    quarantined: int = 0
    clock_offset_s: float | None = None
    is_silent: bool = False
    conditions: tuple[Condition, ...] = ()
    station: int = 0

    @property
    def drill(self) -> str:
        """One sentence about the drill that cuts it off now; empty where none does."""
        drills = (one.sentence for one in self.conditions if one.kind is ConditionKind.DRILL)
        return next(drills, "")


@dataclass(frozen=True, slots=True)
class StationNow:
    """A station as everybody sees it in the database.

    Attributes:
        is_alive: It renewed its lease within the lease's time.
        seen_at: When it last did; None: never.
        devices: How many it holds.
        is_draining: It gives its devices away and takes none.
        report: What it last told of itself; None: nothing yet.
        order: What an administrator asked of it and is not done, as a word; empty: nothing.
        is_in_drill: It has begun a drill whose time is not up: that it gives no sign of life is meant.
    """

    id: int
    name: str
    is_enabled: bool
    is_alive: bool
    version: str
    incarnation: int
    seen_at: datetime | None
    devices: int
    is_draining: bool
    report: StationReport | None
    order: str = ""
    is_in_drill: bool = False


class OrderKind(StrEnum):
    """What an administrator may ask of a station."""

    DRILL = "drill"
    """Be cut off the database for a minute, and report what came of it."""
    RETRY_QUARANTINE = "retry_quarantine"
    """Offer the database once more what it declined."""


@dataclass(frozen=True, slots=True)
class StationOrder:
    """One thing asked of a station.

    Attributes:
        amount_s: Of a drill: for how long.
        outcome: One paragraph for people, once it is done; empty before.
    """

    id: int
    station: int
    kind: OrderKind
    amount_s: float
    asked_by: str
    asked_at: datetime
    begun_at: datetime | None
    ended_at: datetime | None
    outcome: str

    @property
    def is_waiting(self) -> bool:
        """Whether the station has not begun; until then it can be withdrawn."""
        return self.begun_at is None and self.ended_at is None
