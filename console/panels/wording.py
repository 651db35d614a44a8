"""How limits, moments and counts read on every panel: pure functions, so that all screens say it alike.

Numbers themselves are written by `console.widgets.number_text`, ages by `console.widgets.stale_hatching`.
"""

import re
from datetime import UTC, datetime, tzinfo
from functools import lru_cache

from console.widgets.number_text import NO_VALUE, number_text
from console.widgets.severity_badge import BadgeState
from models.quantities import THE_SIX, Quantities, Quantity, states_of
from models.records.device import DeviceStatus
from models.records.signal import state_name
from models.records.threshold import Severity, Threshold
from models.threshold_words import quantity_words, sides_words

Natural = tuple[tuple[int, int, str], ...]

STATUS_WORDS = {
    DeviceStatus.ONLINE: "Online",
    DeviceStatus.OFFLINE: "Offline",
    DeviceStatus.ERROR: "Error",
}

SEVERITY_WORDS = {
    Severity.CRITICAL: "Critical",
    Severity.WARNING: "Warning",
    Severity.INFO: "Info",
}

STATE_WORDS = {
    BadgeState.UNACKNOWLEDGED: "Active, not acknowledged",
    BadgeState.ACKNOWLEDGED: "Active, acknowledged",
    BadgeState.LATCHED_UNACKNOWLEDGED: "Returned, latched, not acknowledged",
    BadgeState.RETURNED: "Returned, not acknowledged",
    BadgeState.LATCHED: "Returned, acknowledged, latched until it is reset",
    BadgeState.SHELVED: "Shelved",
    BadgeState.SUPPRESSED: "Suppressed by design",
    None: "Resolved",
}
"""What `severity_badge.state_of` says, in words; None stands for an alert that is over."""


SHORT_STATE_WORDS = {
    BadgeState.UNACKNOWLEDGED: "Not acknowledged",
    BadgeState.ACKNOWLEDGED: "Acknowledged",
    BadgeState.LATCHED_UNACKNOWLEDGED: "Latched, not ack.",
    BadgeState.RETURNED: "Returned",
    BadgeState.LATCHED: "Latched",
    BadgeState.SHELVED: "Shelved",
    BadgeState.SUPPRESSED: "Suppressed",
    None: "Resolved",
}
"""The same for tables."""


def value_text(quantity: Quantity, value: float | None) -> str:
    """Return a value with decimals and unit, e.g. "71.2 °C", by its name, or a dash where there is none."""
    digits = digits_text(quantity, value)
    has_unit = digits != NO_VALUE and bool(quantity.unit)
    return f"{digits}\N{NO-BREAK SPACE}{quantity.unit}" if has_unit else digits


def digits_text(quantity: Quantity, value: float | None) -> str:
    """Return a value without its unit: its digits, or its name where it has one ("Running")."""
    return state_name(states_of(quantity), value) or number_text(value, quantity.decimals)


def limit_text(quantity: Quantity, limit: float) -> str:
    """Return a limit as it was typed: as many decimals as it has, at most four."""
    return quantity_words(quantity, limit)


def threshold_text(threshold: Threshold, quantities: Quantities = THE_SIX) -> str:
    """Return when a threshold alerts, e.g. "above 70 °C" or "below 2 kPa or above 8 kPa"."""
    return sides_words(threshold, quantities) or "no limit set"


def moment_text(moment: datetime | None, now: datetime, zone: tzinfo | None = None) -> str:
    """Return a moment in local time: only the time if it is of today, with the date otherwise.

    Args:
        moment: Timezone-aware; None reads as a dash.
        now: Timezone-aware, to tell today from other days.
        zone: Zone to show; None = this computer's.
    """
    if moment is None:
        return NO_VALUE
    local = moment.astimezone(zone)
    today = now.astimezone(zone).date()
    if local.date() == today:
        return f"{local:%H:%M:%S}"
    if local.year == today.year:
        return f"{local.day} {local:%b %H:%M:%S}"
    return f"{local:%Y-%m-%d %H:%M:%S}"


def moment_from_unix(unix: float) -> datetime:
    """Turn Unix seconds into a timezone-aware moment."""
    return datetime.fromtimestamp(unix, UTC)


@lru_cache(maxsize=8192)
def natural(text: str) -> Natural:
    """Return a sort key that puts "Press 4" before "Press 24", as people count."""
    return tuple(
        (1, int(part), "") if part.isdecimal() else (0, 0, part)
        for part in re.split(r"(\d+)", text.casefold())
        if part
    )


def count_text(count: int, one: str, many: str | None = None) -> str:
    """Return a count with its noun: "1 device", "24 devices", "1,000 devices"."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def percent_text(share: float, decimals: int = 1) -> str:
    """Return a share of 0 to 1 as "12.5 %".

    What is not nothing never reads as none, nor what lacks a little as all.
    """
    percent, step = 100.0 * share, 10.0**-decimals
    if 0.0 < percent < step:
        return f"< {step:.{decimals}f}\N{NO-BREAK SPACE}%"
    if percent < 100.0:
        percent = min(percent, 100.0 - step)
    return f"{percent:.{decimals}f}".removesuffix(".0" if percent == 100.0 else "") + "\N{NO-BREAK SPACE}%"


def length_text(seconds: float) -> str:
    """Return a length that somebody chose: "45 s", "15 min", "1 h 30 min", "3 days".

    From an hour on to the minute.
    """
    whole = round(seconds)
    if whole >= 3600:
        whole = 60 * round(seconds / 60)
    if whole >= 2 * 86_400 and whole % 86_400 == 0:
        return f"{whole // 86_400} days"
    parts = ((whole // 3600, "h"), (whole % 3600 // 60, "min"), (whole % 60, "s"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 s"
