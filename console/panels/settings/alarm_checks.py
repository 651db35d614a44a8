"""What is wrong with the site's settings about alerts, field by field, as they are typed. Pure.

The database decides again (`models/queries/alarm_settings.py`); here a sentence stands beside its field.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from zoneinfo import available_timezones

from console.catalogue.typed_number import NotANumber, seconds_from_text, text_from_seconds
from models.records.shelf import Shift

LONGEST_SHELF_S, LONGEST_MAINTENANCE_S = 2_592_000.0, 31_536_000.0
SHORTEST_S = 60.0
MOST_POSITIONS, MOST_SHIFTS, LONGEST_NAME = 100, 12, 60
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3])[:.]([0-5][0-9])")


@lru_cache(maxsize=1)
def time_zones() -> tuple[str, ...]:
    """Return the names of all time zones this computer knows; places first, as people look for them."""
    return tuple(sorted(available_timezones(), key=lambda name: ("/" not in name, name)))


def length_from_text(typed: str) -> float:
    """Return seconds from "12 h" or "7 d"; a bare number is minutes. Raises NotANumber."""
    text = typed.strip()
    if text and text[-1].isdigit():
        text += " min"
    return seconds_from_text(text)


def length_error(typed: str, longest_s: float) -> str:
    """Return what is wrong with a length of time; empty where nothing is."""
    if not typed.strip():
        return "Say how long, for example 12 h."
    try:
        seconds = length_from_text(typed)
    except NotANumber:
        return f"{typed.strip()[:40]!r} is no length of time; write for example 30 min, 12 h or 7 d."
    if not SHORTEST_S <= seconds <= longest_s:
        return f"Between 1 min and {text_from_seconds(longest_s)}."
    return ""


def positions_error(typed: str) -> str:
    """Return what is wrong with the number of operator positions."""
    is_number = typed.strip().isascii() and typed.strip().isdecimal()
    if not is_number or not 1 <= int(typed) <= MOST_POSITIONS:
        return f"A whole number from 1 to {MOST_POSITIONS}."
    return ""


def zone_error(name: str) -> str:
    """Return what is wrong with a time zone."""
    return "" if name in time_zones() else "No such time zone; choose one like Europe/Berlin."


def clock_from_text(typed: str) -> str | None:
    """Return "06:00" from "6:00", "06.00" or "06:00"; None for what is no time of day."""
    match = _CLOCK.fullmatch(typed.strip())
    return f"{int(match[1]):02d}:{match[2]}" if match else None


def shifts_error(shifts: Sequence[tuple[str, str]]) -> str:
    """Return what is wrong with names and beginnings of shifts as typed."""
    starts = [clock_from_text(clock) for _, clock in shifts]
    names = [name.strip() for name, _ in shifts]
    if not all(names):
        return "Every shift needs a name."
    if any(len(name) > LONGEST_NAME or "\0" in name for name in names):
        return f"A shift's name has at most {LONGEST_NAME} characters."
    for name, start in zip(names, starts, strict=True):
        if start is None:
            return f"Say when {name} begins, like 06:00."
    if len(set(names)) < len(names):
        return "Two shifts have the same name."
    if len(set(starts)) < len(starts):
        return "Two shifts begin at the same time."
    return ""


def shifts_from_typed(shifts: Sequence[tuple[str, str]]) -> tuple[Shift, ...]:
    """Return shifts in the order of the day; what `shifts_error` complains of is left out."""
    made = [Shift(name.strip(), start) for name, clock in shifts if (start := clock_from_text(clock))]
    return tuple(sorted(made, key=lambda shift: shift.starts))


def day_text(shifts: Sequence[Shift]) -> str:
    """Return the day in a line: "Early 06:00–14:00, Late 14:00–22:00, Night 22:00–06:00"."""
    if not shifts:
        return "The site works without shifts: handovers are from day to day."
    ends = [*(shift.starts for shift in shifts[1:]), shifts[0].starts]
    return ", ".join(f"{shift.name} {shift.starts}–{end}" for shift, end in zip(shifts, ends, strict=True))
