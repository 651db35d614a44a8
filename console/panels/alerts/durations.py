"""For how long something may be set aside: lengths to choose from, and the end of the shift. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from console.panels.alerts.time_words import length_text
from models.records.shelf import AlarmSettings

SHELF_LENGTHS_S = (900.0, 1800.0, 3600.0, 7200.0, 14_400.0, 28_800.0)
MAINTENANCE_LENGTHS_S = (1800.0, 3600.0, 7200.0, 14_400.0, 28_800.0, 86_400.0)
_LEAST_S = 60.0


@dataclass(frozen=True, slots=True)
class Length:
    """One length to choose, in words and in seconds."""

    words: str
    seconds: float


def lengths(
    usual_s: tuple[float, ...], longest_s: float, settings: AlarmSettings, now: datetime
) -> list[Length]:
    """Return what is offered: usual lengths the site allows, the longest of all, and until the shift ends."""
    offered = [Length(length_text(seconds), seconds) for seconds in usual_s if seconds < longest_s]
    offered.append(Length(length_text(longest_s), longest_s))
    shift_s = seconds_to_shift_end(settings, now)
    if shift_s is not None and _LEAST_S <= shift_s <= longest_s:
        offered.append(Length("Shift end", shift_s))
    return offered


def seconds_to_shift_end(settings: AlarmSettings, now: datetime) -> float | None:
    """Return how long the present shift still lasts; None where the site works without shifts."""
    try:
        zone = ZoneInfo(settings.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        return None
    local = now.astimezone(zone)
    starts = sorted({start for shift in settings.shifts if (start := _minutes(shift.starts)) is not None})
    if not starts:
        return None
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    days = (midnight, midnight + timedelta(days=1))
    # By the clock on the wall: adding to a local moment keeps its hour through a change to summer time.
    moments = [day + timedelta(minutes=start) for day in days for start in starts]
    following = min(moment for moment in moments if moment > local)
    return following.timestamp() - now.timestamp()


def _minutes(clock: str) -> int | None:
    hours, _, minutes = clock.partition(":")
    if not (hours.isdecimal() and minutes.isdecimal()):
        return None
    return int(hours) * 60 + int(minutes)
