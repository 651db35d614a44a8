"""What may be looked for among alerts and in their journal, and how alerts may be sorted."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from models.records.alert import AlertId, AlertStatus, EventKind
from models.records.device import DeviceId
from models.records.threshold import Severity


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """Which alerts; every part that is set must hold.

    Attributes:
        text: Found in message, device name, hardware id or location; case does not matter, and % and _ stand
            for themselves.
        severities, statuses: Any of these; empty = all.
        device: Of this device.
        location: Of devices that stand exactly here.
        metric: A metric's key, or DEVICE_METRIC.
        since: Triggered then or later.
        until: Triggered before.
    """

    text: str = ""
    severities: frozenset[Severity] = frozenset()
    statuses: frozenset[AlertStatus] = frozenset()
    device: DeviceId | None = None
    location: str | None = None
    metric: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class AlertSort(StrEnum):
    """By what alerts are sorted; those that are equal follow by number. What is missing sorts lowest."""

    TRIGGERED = "triggered"
    SEVERITY = "severity"
    """Ascending is worst first."""
    STATUS = "status"
    """Ascending is active, acknowledged, resolved."""
    DEVICE = "device"
    LOCATION = "location"
    METRIC = "metric"
    MESSAGE = "message"
    VALUE = "value"
    ACKNOWLEDGED = "acknowledged"
    CLEARED = "cleared"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class JournalFilter:
    """Which lines of the journal; every part that is set must hold.

    Attributes:
        text: Found in message, device name, comment or person; as in AlertFilter.
        kinds: Any of these; empty = all.
        severities: Of alerts with any of these; empty = all.
        alert: Of this one.
        device: Of this device.
        person_id: Done by this person.
        since: Happened then or later.
        until: Happened before.
    """

    text: str = ""
    kinds: frozenset[EventKind] = frozenset()
    severities: frozenset[Severity] = frozenset()
    alert: AlertId | None = None
    device: DeviceId | None = None
    person_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
