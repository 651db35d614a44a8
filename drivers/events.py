"""What a device tells of its own accord: conditions that begin and end, and things that merely happened.

    driver = hub.driver(settings, addresses)        as every driver (`drivers/driver.py`)
    news = driver.take_events()                     now and then, None where nothing is new

Optional: a protocol that has events has a setting called `EVENTS_SETTING`, and drivers that keep this
contract.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from pydantic import TypeAdapter, ValidationError

from drivers.driver import Driver

EVENTS_SETTING = "events"
"""The setting, a yes or no, by which a device's connection asks for events; off where it is not there."""

LEAST_SEVERITY, HIGHEST_SEVERITY = 1, 1000
"""As OPC 10000-5, 6.4.2 counts: 1 is information, 1000 a catastrophe."""

_YES_OR_NO = TypeAdapter(bool)


@dataclass(frozen=True, slots=True)
class DeviceEvent:
    """One thing that a device told.

    Attributes:
        key: Which condition it is about, the same whenever it is told of; of a plain event its own.
        source: What it comes from, as the device calls it; may be empty.
        name: What the device calls the condition; empty of plain events.
        message: The device's words for people, in one line; may be empty.
        severity: LEAST_SEVERITY to HIGHEST_SEVERITY.
        happened_at: By the device's own clock; when it came where the device does not tell.
        is_active: Whether the condition stands now; None = a plain event, which has no state.
    """

    key: str
    source: str
    name: str
    message: str
    severity: int
    happened_at: datetime
    is_active: bool | None


@dataclass(frozen=True, slots=True)
class EventNews:
    """What came since it was last asked for.

    Attributes:
        events: In order.
        standing: Keys of all conditions that stand after `events`: the device was asked for them anew, and
            whatever else was known to stand is over. None = it was not asked.
        dropped: How many events came too fast to be kept, or could not be read.
        trouble: Why no events come, or not all of them, one sentence; empty while they do.
    """

    events: tuple[DeviceEvent, ...] = ()
    standing: frozenset[str] | None = None
    dropped: int = 0
    trouble: str = ""


@runtime_checkable
class EventfulDriver(Driver, Protocol):
    """A driver whose device tells of conditions and events. Optional.

    What implementers must keep: however many events a device sends, they cost a bounded memory and never
    the poll; what is dropped is counted. Trouble with events is no trouble of the device: `open` and `read`
    do not fail by it. After each `open` that connects anew `standing` is told, so that
    what ended meanwhile ends.
    """

    def take_events(self) -> EventNews | None:
        """Return what came since the last call, None where nothing is new. From the event loop, at once."""
        ...


def asks_for_events(connection: Mapping[str, object]) -> bool:
    """Tell whether a device's connection, as it is stored, asks for events."""
    try:
        return _YES_OR_NO.validate_python(connection.get(EVENTS_SETTING, False))
    except ValidationError:
        return False
