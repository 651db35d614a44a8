"""For how long something may be set aside: lengths to choose from, and the end of the shift. Pure."""

from dataclasses import dataclass
from datetime import datetime

from console.panels.wording import length_text
from models.records.shelf import AlarmSettings
from models.shift_plan import shift_at

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
    if not settings.shifts:
        return None
    return (shift_at(settings, now).ends_at - now).total_seconds()
