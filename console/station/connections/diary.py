"""What is kept of one device's connection between two looks at it, and the record that is made of it."""

import math
from array import array
from collections import deque
from collections.abc import Sequence

from console.station.polling.channel import Channel
from drivers.trace import ExchangeTrace, LineTrace
from drivers.values import Quality, RawValue
from models.records.device import Tag
from models.records.device_health import LONGEST_FRAME, SLOT_S, SLOTS, DeviceHealth, Exchange, TagRead

_MOST_COUNTED = 255
_LONGEST_WORDS = 300
_GOOD = Quality.GOOD
"""Naming a member of an enum looks it up anew each time, at the cost of ten attributes."""


class Diary:
    """Of one device. Used on the event loop only.

    Attributes:
        looked_s: When it was looked at last, monotonic seconds.
        told_s: When a record was made last.
    """

    __slots__ = (
        "_bytes",
        "_bytes_per_s",
        "_errors",
        "_good_unix",
        "_last_trip",
        "_recent_errors",
        "_recent_ms",
        "_since_unix",
        "_slot_s",
        "_source",
        "_told",
        "_values",
        "looked_s",
        "told_s",
    )

    def __init__(self, now_s: float) -> None:
        """Begin with nothing at `now_s`, monotonic."""
        self.looked_s = now_s
        self.told_s = -math.inf
        self._slot_s = now_s
        self._recent_ms = array("f")
        self._recent_errors = bytearray()
        self._source: object = None
        self._since_unix = 0.0
        self._errors = self._bytes = 0
        self._bytes_per_s = 0.0
        self._last_trip: float | None = None
        self._values: Sequence[RawValue] = ()
        self._good_unix = 0.0
        self._told: tuple[object, ...] = ()

    def look(self, channel: Channel, now_s: float, now_unix: float, ahead_s: float) -> None:
        """Note what happened since the last look.

        Args:
            channel: Of the device.
            now_s: Monotonic seconds.
            now_unix: Unix seconds by the site's clock.
            ahead_s: The computer's clock, by which drivers date, minus the site's.
        """
        self.looked_s = now_s
        if channel.driver is not self._source:
            # Another driver counts from nothing, and so does the sparkline's present slot.
            self._source, self._since_unix = channel.driver, now_unix
            self._errors = self._bytes = 0
        if channel.values is not self._values:
            self._values = channel.values
            for value in channel.values:
                if value.quality is _GOOD:
                    self._good_unix = max(self._good_unix, value.received_unix - ahead_s)
                    break
        passed = int((now_s - self._slot_s) / SLOT_S)
        if passed > 0:
            self._close_slot(channel, now_s - self._slot_s)
            slept = min(passed - 1, SLOTS)  # the computer did, or nobody looked
            self._recent_ms.extend([math.nan] * slept)
            self._recent_errors.extend(bytes(slept))
            del self._recent_ms[:-SLOTS], self._recent_errors[:-SLOTS]
            self._slot_s += passed * SLOT_S

    def is_news(self, channel: Channel, epoch: int) -> bool:
        """Return whether something is to be told at once: more failed, or values are good or bad anew."""
        counts = channel.health
        bad = [place for place, value in enumerate(channel.values) if value.quality is not _GOOD]
        signs = (counts.failed, counts.missed, channel.failure, epoch, bad)
        is_other, self._told = signs != self._told, signs
        return is_other

    def record(
        self,
        channel: Channel,
        tags: Sequence[Tag],
        station: int,
        epoch: int,
        now_unix: float,
        ahead_s: float,
    ) -> DeviceHealth:
        """Return how the connection does; arguments as in `look`, and whose it is."""
        # Once: drivers count here what they had no time for while they were busy.
        line, counts = channel.trace, channel.health
        trips = sorted(_round_trips(channel, line))
        return DeviceHealth(
            device=channel.target.device,
            station=station,
            epoch=epoch,
            as_of_unix=now_unix,
            since_unix=self._since_unix,
            polls_due=counts.due,
            polls_missed=counts.missed,
            polls_answered=counts.answered,
            polls_failed=counts.failed,
            round_trip_p50_ms=quantile(trips, 0.5),
            round_trip_p99_ms=quantile(trips, 0.99),
            is_line_measured=line is not None,
            errors=dict(_errors_of(channel, line)),
            sent_bytes=0 if line is None else line.sent_bytes,
            received_bytes=0 if line is None else line.received_bytes,
            bytes_per_s=self._bytes_per_s,
            good_read_unix=self._good_unix,
            last=None if line is None else exchange_of(line.last, ahead_s),
            last_failed=None if line is None else exchange_of(line.last_failed, ahead_s),
            failure=channel.failure,
            tags=_tags_read(tags, channel.values, ahead_s),
            recent=self._recent_ms.tobytes(),
            recent_errors=bytes(self._recent_errors),
        )

    def _close_slot(self, channel: Channel, span_s: float) -> None:
        line = channel.trace
        errors = sum(_errors_of(channel, line).values())
        total = 0 if line is None else line.sent_bytes + line.received_bytes
        trips = _round_trips(channel, line)
        self._recent_ms.append(_middle(_newer_than(self._last_trip, trips)))
        self._last_trip = trips[-1] if trips else None
        self._recent_errors.append(min(max(0, errors - self._errors), _MOST_COUNTED))
        self._bytes_per_s = max(0, total - self._bytes) / span_s
        self._errors, self._bytes = errors, total


def quantile(ascending: Sequence[float], share: float) -> float | None:
    """Return what `share` of some values do not exceed (nearest rank); None where there are none."""
    if not ascending:
        return None
    return ascending[max(0, math.ceil(share * len(ascending)) - 1)]


def _newer_than(last: float | None, trips: deque[float]) -> list[float]:
    # Not every answer is timed: new is what lies behind the very object that was the last one.
    new: list[float] = []
    for trip in reversed(trips):
        if trip is last:
            break
        new.append(trip)
    return new


def _middle(values: list[float]) -> float:
    """Return the median, NaN of nothing; a quarter of what `statistics` takes, which knows fractions, too."""
    if not values:
        return math.nan
    values.sort()
    upper = len(values) // 2
    return values[upper] if len(values) % 2 else (values[upper - 1] + values[upper]) / 2


def exchange_of(trace: ExchangeTrace | None, ahead_s: float) -> Exchange | None:
    """Return what is kept of an exchange: bounded, and dated by the site's clock."""
    if trace is None:
        return None
    return Exchange(
        sent_unix=trace.sent_unix - ahead_s,
        took_ms=trace.took_ms,
        asked=trace.asked[:_LONGEST_WORDS],
        outcome=trace.outcome[:_LONGEST_WORDS],
        request=trace.request[:LONGEST_FRAME],
        response=trace.response[:LONGEST_FRAME],
        request_bytes=len(trace.request),
        response_bytes=len(trace.response),
    )


def _errors_of(channel: Channel, line: LineTrace | None) -> dict[str, int]:
    return channel.errors if line is None else line.errors


def _round_trips(channel: Channel, line: LineTrace | None) -> deque[float]:
    if line is not None:
        return line.round_trips_ms
    return channel.durations_ms if channel.durations_ms is not None else deque()


def _tags_read(tags: Sequence[Tag], values: Sequence[RawValue], ahead_s: float) -> tuple[TagRead, ...]:
    if len(tags) != len(values):  # not polled yet, or configured anew this moment
        return ()
    return tuple(
        TagRead(
            tag.metric,
            raw.value,
            raw.quality,
            raw.detail and raw.detail[:_LONGEST_WORDS],
            raw.received_unix - ahead_s,
            raw.source_unix,
        )
        for tag, raw in zip(tags, values, strict=True)
    )
