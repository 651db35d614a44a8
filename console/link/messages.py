"""What station and window tell each other. Frozen; unknown fields are ignored, so versions may differ by one.

Arrays travel as little-endian bytes of the dtype named: a batch of a thousand readings is one message.
"""

import msgspec

PROTOCOL = 1
"""Raised when a message changes its meaning; a window refuses a station of another number."""


class Hello(msgspec.Struct, frozen=True, tag="hello"):
    """First message, in both directions."""

    protocol: int
    name: str
    version: str
    pid: int


class LiveBatch(msgspec.Struct, frozen=True, tag="live"):
    """Readings just taken, n devices.

    Attributes:
        devices: int64, shape (n,), `devices.id`.
        recorded_unix: float64, shape (n,), Unix seconds.
        values: float64, shape (n, METRIC_COUNT) in C order, NaN = no good value.
        quality: int16, shape (n,), bit i set = metric i bound and not good.
    """

    devices: bytes
    recorded_unix: bytes
    values: bytes
    quality: bytes


class StateChange(msgspec.Struct, frozen=True):
    """Status of one device. `since_unix` is when it was last heard of, None if never."""

    device: int
    status: str
    detail: str
    last_seen_unix: float | None


class States(msgspec.Struct, frozen=True, tag="states"):
    """Device states: all of them after Hello, then changes as they happen."""

    changes: list[StateChange]


class StationReport(msgspec.Struct, frozen=True, tag="report"):
    """How the station is doing; once a second.

    Attributes:
        collecting: Devices that answered within their last two periods.
        configured: Devices this station polls.
        readings_taken: Readings made since start.
        readings_stored: Readings committed since start.
        waiting: Readings taken and not yet committed.
        dropped: Readings given up because memory for waiting ones was full. Anything above 0 is an alarm.
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


Message = Hello | LiveBatch | States | StationReport
