"""What station and window tell each other. Frozen; unknown fields are ignored, so versions may differ by one.

Arrays travel as little-endian bytes of the dtype named: a batch of a thousand readings is one message.
"""

import msgspec

from models.records.station import StationReport

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


Message = Hello | LiveBatch | States | StationReport
