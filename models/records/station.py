"""A station: who it is, and once a second to every window on its computer how it is doing, in figures."""

from dataclasses import dataclass

import msgspec


@dataclass(frozen=True, slots=True)
class StationIdentity:
    """A station that works now.

    Attributes:
        id: Of its row in `stations`.
        name: For people.
        incarnation: Which start of its program this is; readings carry it as their epoch.
    """

    id: int
    name: str
    incarnation: int


class StationReport(msgspec.Struct, frozen=True, tag="report"):
    """Counts since the station started, and what it is busy with right now.

    Attributes:
        collecting: Devices that answered within their last two periods.
        configured: Devices this station polls, those it cannot poll included.
        readings_taken: Readings made; always stored + waiting + dropped.
        readings_stored: Readings committed.
        waiting: Readings taken and not yet committed.
        dropped: Readings given up: memory for waiting ones was full, or the database declined them.
        missed_periods: Polls that were due and did not happen (not: polls that failed).
        due_periods: Polls that were due.
        database: "live", or one sentence why not.
        sent_unix: Unix seconds.
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
