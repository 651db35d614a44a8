"""What the status bar says: pure functions of the link's state and the clock."""

from datetime import datetime

from console.bridge.link_state import LinkState
from console.panels.wording import count_text
from console.widgets.stale_hatching import age_text
from models.records.person import Person

FEED_LATE_S = 3.0


def station_phrase(link: LinkState) -> str:
    """Say what the station does: "collecting 24 of 24 devices", and what it missed or dropped."""
    report = link.station
    if report is None:
        return "connected" if link.is_station_connected else "not connected"
    phrase = f"collecting {report.collecting:,} of {report.configured:,} devices"
    if report.missed_periods:
        share = report.missed_periods / max(report.due_periods, 1)
        phrase += f", {count_text(report.missed_periods, 'poll')} missed ({share:.1%})"
    if report.dropped:
        phrase += f", {count_text(report.dropped, 'reading')} dropped"
    return phrase


def feed_phrase(link: LinkState) -> str:
    """Say how old the feed is: "live" below three seconds, its age beyond, a dash before the first."""
    if link.feed_age_s is None:
        return "–"
    if link.is_station_connected and link.feed_age_s < FEED_LATE_S:
        return "live"
    return f"{age_text(link.feed_age_s)} old"


def database_phrase(link: LinkState) -> str:
    """Say how the database is doing, in a few words; the whole sentence belongs into the tool tip."""
    text = link.database_text
    if link.is_database_live:
        return "live"
    if text.startswith("away:") or link.is_opening:
        return text
    return "away"


def horn_tip(fault: str) -> str:
    """Return what the horn's mark means: why nothing can be heard, or where it was chosen."""
    return fault or "You chose this for yourself at this workstation: Settings, Sound."


def clock_phrase(now: datetime) -> str:
    """Return local date and time with the offset from UTC, "Sun 22 Nov  14:03:07  UTC+01:00"."""
    offset = now.strftime("%z")
    return f"{now:%a %d %b}  {now:%H:%M:%S}  UTC{offset[:3]}:{offset[3:5]}"


def person_phrase(person: Person | None, *, is_offline: bool = False) -> str:
    """Return who is at this window, and in which role: "Mara Olsen · Operator"."""
    if person is None:
        return "–"
    return f"{person.name} · {person.role.label}" + (" · view only" if is_offline else "")
