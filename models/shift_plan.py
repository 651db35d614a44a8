"""Which shift it is: from the site's settings, by the site's clock. Pure.

A shift lasts from its start to the start of the next, also over midnight. On the night the clock changes a
shift is an hour shorter or longer; one that would begin in the hour that is left out begins when the clocks
go on, and one in the hour that comes twice begins with the first.
"""

from datetime import UTC, datetime, timedelta

from models.records.handover import ShiftSpan
from models.records.shelf import AlarmSettings
from models.site_zone import zone_of

_MOST_DAYS = 2
WITHOUT_SHIFTS = "Day"


def shift_at(settings: AlarmSettings, moment: datetime) -> ShiftSpan:
    """Return the shift that a moment lies in; without shifts, the site's calendar day.

    Args:
        settings: The site's shifts and time zone.
        moment: Timezone-aware.
    """
    starts = _starts(settings, moment)
    place = max(i for i, (at, _) in enumerate(starts) if at <= moment)
    return ShiftSpan(starts[place][1], starts[place][0], starts[place + 1][0])


def shift_before(settings: AlarmSettings, span: ShiftSpan) -> ShiftSpan:
    """Return the shift before one."""
    return shift_at(settings, span.began_at - timedelta(microseconds=1))


def _starts(settings: AlarmSettings, moment: datetime) -> list[tuple[datetime, str]]:
    """Return when shifts begin around a moment, in order, with their names."""
    zone = zone_of(settings.time_zone)
    today = moment.astimezone(zone).date()
    plan = [(shift.starts, shift.name) for shift in settings.shifts] or [("00:00", WITHOUT_SHIFTS)]
    found: dict[datetime, str] = {}
    for day in range(-_MOST_DAYS, _MOST_DAYS + 1):
        for starts, name in plan:
            hour, minute = map(int, starts.split(":"))
            date = today + timedelta(days=day)
            local = datetime(date.year, date.month, date.day, hour, minute, tzinfo=zone)
            # By way of UTC and back, so that a time that the clock leaves out becomes a real one.
            found[local.astimezone(UTC)] = name
    return sorted(found.items())
