"""What the status bar and the line below the banner say: pure functions of the link's state and the clock."""

from dataclasses import dataclass
from datetime import datetime

from console.bridge.link_state import LinkState
from console.panels.wording import count_text, length_text, percent_text
from console.widgets.stale_hatching import age_text
from models.records.person import Person
from models.records.station import Condition, ConditionKind, StationReport
from models.records.threshold import Severity

FEED_LATE_S = 3.0
CLOCK_TOLERANCE_S = 1.0
SPOOL_WARNS_ABOVE = 0.8
"""Share of its limit from which the spool's gauge is hatched (shared/DATABASE.md, Spool)."""

_LONG_ROOM_S = 2 * 86_400.0
_LONGEST_ROOM_S = 30 * 86_400.0
_OFFLINE = "Signed in without it: you can look and acknowledge."
_SILENT = "silent: another station may have taken over its devices"
_HELP = "Check the database server and the network to it."
_GOES_ON = "Live values, new alerts and acknowledging go on; history waits."
_DRILL_GOES_ON = "Live values, new alerts and acknowledging go on."
_DRILL_SILENT = "Other stations poll its devices meanwhile."
_GOES_ON_HERE = (
    "Devices of this computer's station stay live and can be acknowledged; all others, and their alerts, are "
    "as last heard. History waits."
)
_ELSEWHERE = "Alerts of devices polled elsewhere are as last heard."


@dataclass(frozen=True, slots=True)
class LineText:
    """What the line below the banner says.

    Attributes:
        sentence: All of it but `more`; empty while everything is well.
        more: How many conditions of the station are not in it.
        topics: What it is about, one word each: a new one is worth saying aloud, another figure is not.
    """

    sentence: str = ""
    more: int = 0
    topics: frozenset[str] = frozenset()


def line_text(link: LinkState) -> LineText:
    """Return what an operator must know about both links and the station: what is wrong, and what to do."""
    conditions = _conditions(link)
    first, more = (conditions[:1], max(0, len(conditions) - 1))
    sentences = _link_sentences(link)
    spoken = [condition.sentence for condition in first]
    # What is critical comes first: the end of a long line may not fit.
    is_urgent = bool(first) and first[0].severity is Severity.CRITICAL
    whole = [*spoken, *sentences] if is_urgent else [*sentences, *spoken]
    topics = {condition.kind.value for condition in conditions} | _topics(link)
    return LineText("  ".join(whole), more, frozenset(topics))


def more_conditions_text(more: int) -> str:
    """Return the words that lead to the Stations screen, "and 2 more"; empty for none."""
    return f"and {more} more" if more else ""


def room_text(report: StationReport) -> str:
    """Return for how long the spool has room, "room for 11 h 40 min"; empty where that is not known."""
    room_s = report.room_s
    if room_s is None:
        return ""
    if room_s < 60.0:
        return "no room left" if room_s < 1.0 else "room for less than a minute"
    if room_s > _LONGEST_ROOM_S:
        return "room for more than 30 days"
    if room_s > _LONG_ROOM_S:
        return f"room for {room_s // 86_400:.0f} days"
    return f"room for {length_text(room_s // 60 * 60)}"


def spool_share(link: LinkState) -> float | None:
    """Return how full the spool is, 0 to 1; None where nothing waits in it."""
    report = link.station
    if report is None or not report.spooled or report.spool_limit_bytes <= 0:
        return None
    return min(1.0, report.spool_bytes / report.spool_limit_bytes)


def spool_tip(report: StationReport) -> str:
    """Return what the gauge means, in bytes and in time."""
    room = room_text(report)
    return (
        f"Kept on this computer until the database is back: {count_text(report.spooled, 'reading')}, "
        f"{bytes_text(report.spool_bytes)} of {bytes_text(report.spool_limit_bytes)}"
        + (f"; {room}." if room else ".")
    )


def bytes_text(count: int) -> str:
    """Return a size: "512 B", "34 kB", "1.2 GB"."""
    size = float(count)
    for unit in ("B", "kB", "MB"):
        if size < 999.5:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"


def station_phrase(link: LinkState) -> str:
    """Say what the station does: "collecting 24 of 24 devices", what it missed or dropped, its clock."""
    report = link.station
    if report is None:
        return "connected" if link.is_station_connected else "not connected"
    if report.is_silent:
        return "polls nothing during the drill" if report.drill else _SILENT
    if not report.configured:
        return "standby: polls no device now"
    phrase = f"collecting {report.collecting:,} of {report.configured:,} devices"
    if report.missed_periods:
        share = report.missed_periods / max(report.due_periods, 1)
        phrase += f", {count_text(report.missed_periods, 'poll')} missed ({percent_text(share)})"
    if report.dropped:
        phrase += f", {count_text(report.dropped, 'reading')} dropped"
    clock = clock_offset_text(report)
    return f"{phrase}, {clock}" if clock else phrase


def clock_offset_text(report: StationReport) -> str:
    """Say by how much this computer's clock is wrong, "clock 3.2 s ahead"; empty up to a second."""
    offset_s = report.clock_offset_s
    if offset_s is None or abs(offset_s) <= CLOCK_TOLERANCE_S:
        return ""
    length = f"{abs(offset_s):.1f} s" if abs(offset_s) < 60 else length_text(abs(offset_s))
    return f"clock {length} {'ahead' if offset_s > 0 else 'behind'}"


def feed_phrase(link: LinkState) -> str:
    """Say how old the feed is: "live" below three seconds, its age beyond, a dash before the first."""
    if link.feed_age_s is None:
        return "–"
    if link.is_station_connected and link.feed_age_s < FEED_LATE_S:
        return "live"
    return f"{age_text(link.feed_age_s)} old"


def database_phrase(link: LinkState) -> str:
    """Say how the database is doing, in a few words; the whole sentence belongs into the tool tip."""
    text, report = link.database_text, link.station
    if report is not None and report.drill:
        return report.drill.rstrip(".")
    if link.is_database_live:
        spooled = 0 if report is None else report.spooled
        return f"live, {count_text(spooled, 'reading')} still to deliver" if spooled else "live"
    return text if link.is_opening else _away_phrase(link)


def database_phrase_short(link: LinkState) -> str:
    """Say the same in fewer words: "away, 4,210 wait", "live, 4,210 wait"."""
    report = link.station
    if report is not None and report.drill:
        return report.drill.partition(": ")[0]
    waiting = 0 if report is None else report.spooled if link.is_database_live else report.waiting
    if not waiting or link.is_opening:
        return database_phrase(link)
    return f"{'live' if link.is_database_live else 'away'}, {waiting:,} wait"


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
    return f"{person.name} · {person.role.label}" + (" · offline" if is_offline else "")


def _conditions(link: LinkState) -> list[Condition]:
    """Return what is wrong with the station itself, worst first, but for what the sentences say anyway."""
    report = link.station
    if report is None:
        return []
    said = (
        {ConditionKind.DRILL} if link.is_database_live else {ConditionKind.DRILL, ConditionKind.DATABASE_AWAY}
    )
    return [condition for condition in report.conditions if condition.kind not in said]


def _topics(link: LinkState) -> set[str]:
    topics: set[str] = set()
    if not link.is_station_connected and not link.is_opening:
        topics.add("station")
    if link.station is not None and link.station.drill:
        topics.add("drill")
    if _is_database_missed(link) and not link.is_opening:
        topics.add("database")
    if link.is_offline:
        topics.add("offline")
    return topics


def _link_sentences(link: LinkState) -> list[str]:
    if link.is_opening and not link.is_offline:
        return [link.database_text]
    sentences: list[str] = []
    if not link.is_station_connected:
        sentences.append(f"No live values from this computer. {link.station_text}")
    report = link.station
    if report is not None and report.drill:
        sentences.append(f"{report.drill} {_DRILL_SILENT if report.is_silent else _DRILL_GOES_ON}")
    if _is_database_missed(link):
        sentences.append(_database_sentence(link))
    kinds = {condition.kind for condition in report.conditions} if report is not None else set()
    if report is not None and report.dropped and ConditionKind.READINGS_DROPPED not in kinds:
        sentences.append(
            f"The station had to drop {count_text(report.dropped, 'reading')}: it had no room for them."
        )
    if report is not None and ConditionKind.CLOCK_OFFSET not in kinds:
        clock = clock_offset_text(report)
        if clock:
            sentences.append(f"This computer's {clock} of the database's: have it set right.")
    return sentences


def _is_database_missed(link: LinkState) -> bool:
    """Whether the database is away; a station that is cut off for a drill says nothing about it."""
    is_drill = link.station is not None and bool(link.station.drill)
    return link.is_offline or not (link.is_window_live if is_drill else link.is_database_live)


def _database_sentence(link: LinkState) -> str:
    text = link.database_text
    # This window's own sentence names the server, and says what it met there.
    is_told_why = text.endswith(".") and not link.is_opening
    # What to do stands second: the end of a long line may not fit.
    parts = [text if is_told_why else f"The database is {_away_phrase(link)}.", _HELP]
    if link.is_offline:
        parts.append(_OFFLINE)
    elif link.is_station_connected:
        parts.append(_GOES_ON_HERE if link.has_devices_elsewhere else _GOES_ON)
    else:
        parts.append("Alerts are as last heard; history is out of reach.")
        if link.has_devices_elsewhere:
            parts.append(_ELSEWHERE)
    return " ".join(parts)


def _away_phrase(link: LinkState) -> str:
    text, report = link.database_text, link.station
    if report is None or not text.startswith("away:"):
        return "away"
    room = room_text(report)
    return f"{text}, {room}" if room else text
