"""Which times can be reported on: shifts, days back from now, or from and to. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from models.records.shelf import AlarmSettings
from models.shift_plan import shift_at, shift_before


class PeriodKind(StrEnum):
    """What can be chosen, in the order offered."""

    THIS_SHIFT = "This shift"
    LAST_SHIFT = "Last shift"
    HOURS_24 = "Last 24 hours"
    DAYS_7 = "Last 7 days"
    DAYS_30 = "Last 30 days"
    CUSTOM = "From … to …"


_LENGTHS = {
    PeriodKind.HOURS_24: timedelta(hours=24),
    PeriodKind.DAYS_7: timedelta(days=7),
    PeriodKind.DAYS_30: timedelta(days=30),
}


@dataclass(frozen=True, slots=True)
class Period:
    """A time to report on, both ends timezone-aware."""

    since: datetime
    until: datetime
    name: str


def period_of(kind: PeriodKind, now: datetime, settings: AlarmSettings) -> Period:
    """Return the time that a choice means at `now`. CUSTOM is what the last 24 hours are."""
    if kind is PeriodKind.THIS_SHIFT:
        span = shift_at(settings, now)
        return Period(span.began_at, min(span.ends_at, now), f"{span.name} shift so far")
    if kind is PeriodKind.LAST_SHIFT:
        span = shift_before(settings, shift_at(settings, now))
        return Period(span.began_at, span.ends_at, f"{span.name} shift")
    length = _LENGTHS.get(kind, _LENGTHS[PeriodKind.HOURS_24])
    return Period(now - length, now, str(kind))
