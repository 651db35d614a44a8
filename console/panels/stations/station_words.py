"""How a station reads: its state, its clock, what it keeps on its disk. Pure."""

from collections.abc import Sequence
from datetime import datetime, tzinfo

from console.panels.stations.station_rows import StationRow, StationState
from console.panels.wording import count_text, moment_text
from console.widgets.number_text import NO_VALUE
from console.widgets.stale_hatching import age_text
from models.records.station import OrderKind, StationReport

_WORDS = {
    StationState.SILENT: "silent: polls nothing",
    StationState.DRILL: "drill: cut off",
    StationState.DRAINING: "giving devices away",
    StationState.DRAINED: "gave everything away",
    StationState.COLLECTING: "collecting",
    StationState.STANDBY: "standby",
    StationState.NEW: "never started",
    StationState.DISABLED: "disabled",
}

_SENTENCES = {
    StationState.SILENT: (
        "It polls nothing: it cannot reach the database, and another station may have taken its devices "
        "over. It goes on by itself once it reaches the database again."
    ),
    StationState.DRILL: "It is cut off the database on purpose; everything it reads is kept on its disk.",
    StationState.DRAINING: "It hands its devices to other stations; while none works, it polls them itself.",
    StationState.DRAINED: (
        "It polls nothing and takes no devices while another station works: it can be switched off for "
        "maintenance."
    ),
    StationState.COLLECTING: "",
    StationState.STANDBY: "It polls nothing now; it takes devices over when another station fails.",
    StationState.NEW: "It has a login and was never started; start it on its computer: main.py station",
    StationState.DISABLED: "It is not let in; an administrator enables it under Settings, Stations.",
}

ALONE = (
    "With a second station on another computer, devices would go on being polled while this one is down. To "
    "set one up, name a database that both reach in that computer's settings, and run there: "
    "main.py station enroll"
)

_KIB, _MIB, _GIB = 1024, 1024**2, 1024**3
_DAY_S, _MOST_DAYS = 86_400.0, 99


def state_words(row: StationRow, now: datetime, zone: tzinfo | None = None) -> str:
    """Return what a station does, in a few words; of an old answer they say so."""
    words = _lost_words(row, now, zone) if row.state is StationState.LOST else _WORDS[row.state]
    return f"last known: {words}" if row.is_old else words


def state_sentence(row: StationRow) -> str:
    """Return what its state means, where that is not plain; empty otherwise."""
    if row.state is StationState.DRILL and row.report is not None and row.report.drill:
        return row.report.drill
    if row.state is StationState.LOST:
        return (
            "It gives no sign of life. Is its computer on, and does it reach the database? "
            "On its computer, main.py doctor says what is wrong."
        )
    return _SENTENCES[row.state]


def devices_words(row: StationRow) -> str:
    """Return how many of its devices answer: "12 of 12"; "– of 12" where it does not say."""
    answering = NO_VALUE if row.collecting is None else f"{row.collecting:,}"
    return f"{answering} of {row.held:,}" if row.held else answering


def clock_words(offset_s: float | None) -> str:
    """Return a clock's offset with sign and unit: "+12 ms", "−1.4 s", "+4 min"."""
    if offset_s is None:
        return NO_VALUE
    size, sign = abs(offset_s), "+" if offset_s > 0 else "−"
    if round(size * 1000) == 0:
        return "0 ms"
    if size < 1:
        return f"{sign}{size * 1000:.0f} ms"
    return f"{sign}{size:.1f} s" if size < 120 else f"{sign}{age_text(size)}"


def clock_sentence(offset_s: float | None) -> str:
    """Return the same for people who ask what it means."""
    if offset_s is None:
        return "not measured yet"
    words = clock_words(offset_s)
    if words == "0 ms":
        return "as the database's"
    return f"{words} against the database's; readings are dated by the database's clock"


def bytes_words(count: int) -> str:
    """Return a size on the disk: "640 kB", "12.4 MB", "1.2 GB"."""
    if count < _MIB:
        return f"{count / _KIB:.0f} kB"
    return f"{count / _MIB:.1f} MB" if count < _GIB else f"{count / _GIB:.1f} GB"


def room_words(seconds: float | None) -> str:
    """Return for how long there is room, in hours as far as that says something."""
    if seconds is None:
        return NO_VALUE
    if seconds >= 10 * _DAY_S:
        days = int(seconds // _DAY_S)
        return f"{days} d" if days <= _MOST_DAYS else f"> {_MOST_DAYS} d"
    if seconds >= 36_000:
        return f"{seconds / 3600:.0f} h"
    return f"{seconds / 3600:.1f} h" if seconds >= 3600 else age_text(seconds)


def spool_words(report: StationReport | None) -> str:
    """Return what waits and for how long there is room, in short: "4,210 · room 71 h"."""
    if report is None or not report.spool_limit_bytes:
        return NO_VALUE
    room = "" if report.room_s is None else f"room {room_words(report.room_s)}"
    waiting = _short(report.spooled) if report.spooled else "empty"
    return " · ".join(part for part in (waiting, room) if part)


def spool_sentence(report: StationReport | None) -> str:
    """Return the same in full: readings, bytes of how many, and for how long there is room."""
    if report is None or not report.spool_limit_bytes:
        return "not told yet"
    room = "" if report.room_s is None else f"; room for {room_words(report.room_s)} at the present pace"
    size = f"{bytes_words(report.spool_bytes)} of {bytes_words(report.spool_limit_bytes)}"
    waiting = f"{count_text(report.spooled, 'reading')} waiting" if report.spooled else "nothing waits"
    return f"{waiting}, {size} in use{room}"


def spool_share(report: StationReport | None) -> float | None:
    """Return how full the disk's share is, 0 to 1; None where it is not known."""
    if report is None or not report.spool_limit_bytes:
        return None
    return min(1.0, report.spool_bytes / report.spool_limit_bytes)


def seen_words(row: StationRow) -> str:
    """Return the age of its last sign of life."""
    return "never" if row.age_s is None else f"{age_text(row.age_s)} ago"


def order_words(order: str) -> str:
    """Return what was asked of a station and is not done, for people."""
    return {
        OrderKind.DRILL.value: "A drill was asked for.",
        OrderKind.RETRY_QUARANTINE.value: "It offers the database once more what that declined.",
    }.get(order, order)


def summary(rows: Sequence[StationRow], device_count: int, unpolled: int) -> str:
    """Return the screen's headline: "2 stations · 24 devices, all polled"."""
    if not rows:
        return "No station"
    if not device_count:
        polled = "no devices yet"
    elif unpolled:
        left = "none" if unpolled == device_count else f"{unpolled:,} not"
        polled = f"{count_text(device_count, 'device')}, {left} polled now"
    else:
        polled = f"{count_text(device_count, 'device')}, all polled"
    return f"{count_text(len(rows), 'station')} · {polled}"


def old_sentence(told_unix: float | None, now_unix: float) -> str:
    """Return how old what is shown of other stations is."""
    if told_unix is None:
        return "The database has not told yet which stations there are."
    return (
        f"The database cannot be asked: other stations are shown as they were "
        f"{age_text(now_unix - told_unix)} ago; this computer's is live."
    )


def _short(count: int) -> str:
    return f"{count:,}" if count < 1_000_000 else f"{count / 1_000_000:.1f} M"


def _lost_words(row: StationRow, now: datetime, zone: tzinfo | None) -> str:
    return f"lost since {moment_text(row.seen_at, now, zone)}"
