"""How the connection of one device does, in figures: as its station tells every few seconds.

Moments are Unix seconds by the site's clock. Every field but the device has a default, so that a window may
read what a station of the release before or after tells.
"""

import math
from array import array

import msgspec

from models.records.device import DeviceId

SLOT_S = 10.0
"""How long one value of the sparkline stands for."""

SLOTS = 60
"""How many values the sparkline has: the last ten minutes."""

LONGEST_FRAME = 512
"""Bytes of a request or a response that are kept; a longer one is cut, and says how long it was."""


class Exchange(msgspec.Struct, frozen=True, gc=False):
    """One request to a device and what came of it.

    Attributes:
        sent_unix: When it was sent.
        took_ms: Until the answer, or until it was given up.
        asked: What was asked, for people: "read holding 0 to 9 of unit 3".
        outcome: Empty where it was answered as it should be; otherwise one clause.
        request, response: Bytes as on the wire, at most `LONGEST_FRAME` of each; empty where the protocol
            keeps them to itself, or nothing came.
        request_bytes, response_bytes: How many there were.
    """

    sent_unix: float
    took_ms: float
    asked: str = ""
    outcome: str = ""
    request: bytes = b""
    response: bytes = b""
    request_bytes: int = 0
    response_bytes: int = 0


class TagRead(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What the latest poll brought for one tag, before scale and plausibility.

    Attributes:
        metric: The tag's, a key of a metric or a signal.
        value: As decoded; None where there was none.
        quality: "good", "uncertain" or "bad".
        detail: One clause why it is not good; empty where it is.
        received_unix: When it came; 0 = never.
        source_unix: When it was so by the device's own clock, None where the protocol carries none.
    """

    metric: str
    value: bool | int | float | None
    quality: str
    detail: str = ""
    received_unix: float = 0.0
    source_unix: float | None = None


class DeviceHealth(msgspec.Struct, frozen=True, gc=False):
    """How the connection of one device does. Counts are since `since_unix`.

    Attributes:
        device: Whose.
        station: Which polls it, `stations.id`; 0 = not known.
        epoch: Of the lease under which it is polled; 0 = without one.
        as_of_unix: When this was so.
        since_unix: When the counting began: with the lease, or with the station's program.
        polls_due, polls_missed, polls_answered, polls_failed: Due; due and not performed; that brought
            values; that ended with an error.
        round_trip_p50_ms, round_trip_p99_ms: Of the latest 256 round trips; None before the first.
        is_line_measured: Whether round trips are those of single requests; otherwise of whole polls, because
            the driver measures none.
        errors: How many of each kind, in the words of drivers: timeout, connection, refusal, wrong answer,
            bad value.
        sent_bytes, received_bytes: Of whole frames; both 0 where the driver does not count them.
        bytes_per_s: Both ways, over the last ten seconds.
        good_read_unix: When the newest poll with a good value ended; 0 = none yet.
        last: The newest exchange, None before the first or where the driver keeps none.
        last_failed: The newest that was not answered as it should be.
        failure: Why the newest failed poll failed, one sentence; empty where none has since the last answer.
        tags: What the latest answered poll brought, in the order of the device's tags.
        recent: One value every ten seconds, the newest last, `SLOTS` at most: the median round trip in ms as
            little-endian float32, NaN where nothing was answered.
        recent_errors: Errors of the same ten seconds, one byte each, 255 = that many or more.
    """

    device: DeviceId
    station: int = 0
    epoch: int = 0
    as_of_unix: float = 0.0
    since_unix: float = 0.0
    polls_due: int = 0
    polls_missed: int = 0
    polls_answered: int = 0
    polls_failed: int = 0
    round_trip_p50_ms: float | None = None
    round_trip_p99_ms: float | None = None
    is_line_measured: bool = False
    errors: dict[str, int] = {}
    sent_bytes: int = 0
    received_bytes: int = 0
    bytes_per_s: float = 0.0
    good_read_unix: float = 0.0
    last: Exchange | None = None
    last_failed: Exchange | None = None
    failure: str = ""
    tags: tuple[TagRead, ...] = ()
    recent: bytes = b""
    recent_errors: bytes = b""

    @property
    def error_count(self) -> int:
        """Errors of all kinds."""
        return sum(self.errors.values())

    @property
    def recent_error_count(self) -> int:
        """Errors within the time of the sparkline."""
        return sum(self.recent_errors)

    @property
    def recent_ms(self) -> tuple[float | None, ...]:
        """Median round trips, one every `SLOT_S`, the newest last; None where nothing was answered."""
        return tuple(None if math.isnan(each) else each for each in array("f", self.recent))
