"""A device: one pollable thing, with its tags; and what is known of its state."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

DeviceId = NewType("DeviceId", int)
"""`devices.id`, the database's own number. The hardware id that people type is `Device.device_id`."""

JsonValue = str | int | float | bool | None | list["JsonValue"] | dict[str, "JsonValue"]


class DeviceStatus(StrEnum):
    """The seed's three: answering; not answering; answering with errors, or unable until somebody acts."""

    ONLINE = "online"
    OFFLINE = "offline"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Tag:
    """One address on a device, bound to a quantity: value = raw × scale + offset, in the quantity's unit.

    Attributes:
        metric: Key of a metric or of a signal of the site.
        is_writable: Whether an engineer may write it from the workbench.
    """

    metric: str
    address: str
    scale: float = 1.0
    offset: float = 0.0
    is_writable: bool = False


@dataclass(frozen=True, slots=True)
class Device:
    """A device as configured, with the status last written.

    Attributes:
        id: The database's number; 0 before it is stored.
        device_id: Hardware id, unique in the plant.
        driver: A `DriverSpec.kind`.
        connection: Settings of that driver, as JSON; secrets only sealed (`models/secrets.py`).
        period_s: Seconds between two polls.
        user_id: Owner (`users.id`), None where nobody owns it.
        status_detail: One sentence why `status` is not online; empty otherwise.
    """

    id: DeviceId
    device_id: str
    name: str
    type: str
    location: str
    driver: str
    connection: Mapping[str, JsonValue] = field(repr=False)
    period_s: float
    tags: tuple[Tag, ...]
    user_id: int | None = None
    status: DeviceStatus = DeviceStatus.OFFLINE
    status_detail: str = ""
    last_seen_at: datetime | None = None
    extra: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue], repr=False)


@dataclass(frozen=True, slots=True)
class DeviceState:
    """What the station last found about a device; replaces `status`, `status_detail` and `last_seen`."""

    device: DeviceId
    status: DeviceStatus
    detail: str
    last_seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class DeviceOverview:
    """A row of the overview: state, latest reading, open alerts.

    Attributes:
        values: Latest values in METRICS' order, None where the last reading had no good value.
        quality: Bit i set = metric i had no good value in the latest reading.
        signals: Of the site's own: `signals.id` and value, None where the latest reading had no good one.
    """

    device: DeviceId
    name: str
    status: DeviceStatus
    status_detail: str
    last_seen_at: datetime | None
    active_alerts: int
    open_alerts: int
    last_reading_at: datetime | None
    values: tuple[float | None, ...]
    quality: int
    signals: tuple[tuple[int, float | None], ...] = ()
