"""What is set aside on purpose: shelved alerts, devices in maintenance, and the site's rules about both."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from models.records.device import DeviceId
from models.records.threshold import ThresholdId


class HiddenBy(StrEnum):
    """Why an open alert asks nobody."""

    NOTHING = ""
    SHELF = "shelf"
    MAINTENANCE = "maintenance"
    UPDATE = "update"
    """Firmware is being installed."""
    PARENT = "parent"
    """The device it is reached through is offline."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """One alarm on the shelf, now or once.

    Attributes:
        by: Name of the person.
        until: When it comes back by itself at the latest.
        is_one_shot: It comes back as soon as the condition is over.
        is_signed: The person had entered the password a moment before.
        ended_why: "unshelved", "expired", "returned" or "removed"; empty while it is on the shelf.
    """

    threshold: ThresholdId
    device: DeviceId
    device_name: str
    by: str
    reason: str
    shelved_at: datetime
    until: datetime
    is_one_shot: bool
    is_signed: bool
    ended_at: datetime | None = None
    ended_by: str = ""
    ended_why: str = ""


@dataclass(frozen=True, slots=True)
class ShelfOutcome:
    """What became of one threshold somebody shelved.

    Attributes:
        is_changed: Whether this call did it.
        text: One sentence; where nothing changed it says why: who was first, when, and until when.
    """

    threshold: ThresholdId
    is_changed: bool
    text: str


@dataclass(frozen=True, slots=True)
class Maintenance:
    """A device that is being worked on: its alerts are recorded, and ask nobody. Attributes as in Shelf."""

    device: DeviceId
    device_name: str
    by: str
    reason: str
    began_at: datetime
    until: datetime
    ended_at: datetime | None = None
    ended_by: str = ""
    ended_why: str = ""


@dataclass(frozen=True, slots=True)
class Shift:
    """One shift of the day: begins at `starts` ("06:00", the site's time), lasts until the next begins."""

    name: str
    starts: str


@dataclass(frozen=True, slots=True)
class AlarmSettings:
    """What the site decided about alerts; one row of the database.

    Attributes:
        max_shelf_s: Longest time on the shelf, seconds.
        max_maintenance_s: Longest maintenance, seconds.
        operator_positions: Alarm load is judged per position (EEMUA 191).
        shifts: In the order of the day; empty = the site works without shifts.
        time_zone: IANA name by whose clock shifts begin.
    """

    max_shelf_s: float = 43_200.0
    max_maintenance_s: float = 604_800.0
    operator_positions: int = 1
    shifts: tuple[Shift, ...] = ()
    time_zone: str = "UTC"
