"""Moments as people type and read them: ISO 8601, or "2h" for two hours ago."""

import re
from datetime import UTC, datetime, timedelta

from console.commandline.command import CommandError

_AGO = re.compile(r"(\d+(?:\.\d+)?)\s*(s|min|m|h|d|w)")
_SECONDS = {"s": 1, "min": 60, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def moment_from_text(text: str, now: datetime) -> datetime:
    """Return the moment meant, timezone-aware UTC.

    Args:
        text: ISO 8601 (without a zone: this computer's), "now", or an age: "90s", "15min", "24h", "7d".
        now: What ages are counted back from.

    Raises:
        CommandError: The text is neither, or lies beyond the years 1 to 9999.
    """
    if text == "now":
        return now
    try:
        if match := _AGO.fullmatch(text.strip()):
            return now - timedelta(seconds=float(match[1]) * _SECONDS[match[2]])
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise CommandError(
            f"{text!r} is no time; write 2026-11-22T14:30, or how long ago: 90s, 15min, 24h, 7d."
        ) from error


def text_from_moment(moment: datetime | None) -> str:
    """Return ISO 8601 in UTC with microseconds and Z, or nothing for None."""
    if moment is None:
        return ""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def age_from_moment(moment: datetime | None, now: datetime) -> str:
    """Return how long ago in one unit: "4 s", "12 min", "3 h", "8 d"; "never" for None."""
    if moment is None:
        return "never"
    seconds = max(0.0, (now - moment).total_seconds())
    for unit, length, until in (("s", 1, 120), ("min", 60, 120), ("h", 3600, 48)):
        if seconds < length * until:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds / 86_400:.0f} d"
