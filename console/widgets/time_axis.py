"""Where the time axis has its ticks and what they say, in local time. Pure."""

import math
from dataclasses import dataclass
from datetime import datetime, tzinfo

_MINUTE = 60
_HOUR = 3600
_DAY = 86_400

_STEPS_S = (
    *(1, 2, 5, 10, 15, 30),
    *(_MINUTE * n for n in (1, 2, 5, 10, 15, 30)),
    *(_HOUR * n for n in (1, 2, 3, 6, 12)),
    *(_DAY * n for n in (1, 2, 7, 14, 28, 56, 112)),
)


@dataclass(frozen=True, slots=True)
class TimeTick:
    """A tick: where, and its label."""

    at_unix: float
    label: str


def time_ticks(since_unix: float, until_unix: float, most: int, zone: tzinfo | None = None) -> list[TimeTick]:
    """Return at most `most` ticks on round local times within [since, until].

    Days begin at local midnight, also across a change to or from summer time. A tick at midnight names the
    day, the others the time; seconds appear only where ticks are closer than a minute.

    Args:
        since_unix: Start of the axis, Unix seconds.
        until_unix: Its end.
        most: How many labels fit, at least 1.
        zone: Local zone of the computer by default.
    """
    step = _step_for(until_unix - since_unix, max(1, most))
    ticks: list[TimeTick] = []
    # Ticks are counted on the local clock; each is mapped back with the offset that holds at its own moment.
    first = math.ceil((since_unix + _offset_s(since_unix, zone)) / step)
    last = math.floor((until_unix + _offset_s(until_unix, zone)) / step)
    for count in range(first, last + 1):
        local = count * step
        at_unix = local - _offset_s(local - _offset_s(float(local), zone), zone)
        if since_unix <= at_unix <= until_unix and (not ticks or at_unix > ticks[-1].at_unix):
            ticks.append(TimeTick(float(at_unix), _label(at_unix, step, zone)))
    return ticks[:most]


def moment_text(at_unix: float, zone: tzinfo | None = None) -> str:
    """Return a moment for a readout: "22 Nov 14:05:09.3"."""
    moment = datetime.fromtimestamp(at_unix, zone)
    return f"{moment.day} {moment:%b %H:%M:%S}.{moment.microsecond // 100_000}"


def range_text(since_unix: float, until_unix: float, zone: tzinfo | None = None) -> str:
    """Return a range for a header: "22 Nov 13:55:09 – 14:05:09"; the second date only where it differs."""
    since, until = datetime.fromtimestamp(since_unix, zone), datetime.fromtimestamp(until_unix, zone)
    end = f"{until:%H:%M:%S}" if since.date() == until.date() else f"{until.day} {until:%b %H:%M:%S}"
    return f"{since.day} {since:%b %H:%M:%S} – {end}"


def duration_text(seconds: float) -> str:
    """Return a length of time: "0.4 s", "12.0 s", "3 min 20 s", "2 h 05 min", "3 d 4 h"."""
    size = abs(seconds)
    if size < _MINUTE:
        return f"{size:.1f} s"
    whole = round(size)
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE:02d} s"
    if whole < _DAY:
        return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE:02d} min"
    return f"{whole // _DAY} d {whole % _DAY // _HOUR} h"


def _step_for(span_s: float, most: int) -> int:
    for step in _STEPS_S:
        if span_s / step <= most:
            return step
    return _DAY * math.ceil(span_s / most / _DAY)


def _offset_s(at_unix: float, zone: tzinfo | None) -> int:
    offset = datetime.fromtimestamp(at_unix, zone).astimezone(zone).utcoffset()
    return 0 if offset is None else round(offset.total_seconds())


def _label(at_unix: float, step: int, zone: tzinfo | None) -> str:
    moment = datetime.fromtimestamp(at_unix, zone)
    if step >= _DAY or (moment.hour, moment.minute, moment.second) == (0, 0, 0):
        return f"{moment.day} {moment:%b}"
    return f"{moment:%H:%M:%S}" if step < _MINUTE else f"{moment:%H:%M}"
