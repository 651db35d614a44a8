"""Figures of a connection in words: the same in the list, beside a device and in a file. Pure."""

from collections.abc import Mapping

from console.health_export import kinds_text
from console.panels.wording import count_text, moment_from_unix, moment_text
from console.widgets.number_text import NO_VALUE
from console.widgets.stale_hatching import age_text
from models.connection_order import Trouble, trouble_of
from models.records.device_health import SLOT_S, SLOTS, DeviceHealth

_SPAN_MIN = round(SLOT_S * SLOTS / 60)
_TROUBLE_SENTENCES = {
    Trouble.UNTOLD: "No station tells how this connection does.",
    Trouble.NONE: "The connection does well.",
}


def ms_text(ms: float | None) -> str:
    """Return a time: "0.8 ms", "31 ms", "1.2 s"; a dash where there is none."""
    if ms is None:
        return NO_VALUE
    if ms < 9.95:
        return f"{ms:.1f}\N{NO-BREAK SPACE}ms"
    return f"{ms:,.0f}\N{NO-BREAK SPACE}ms" if ms < 999.5 else f"{ms / 1000:,.1f}\N{NO-BREAK SPACE}s"


def round_trip_text(health: DeviceHealth | None) -> str:
    """Return half of the round trips and the slowest: "4.5 · 31 ms"."""
    if health is None or health.round_trip_p50_ms is None:
        return NO_VALUE
    return f"{ms_text(health.round_trip_p50_ms)} · {ms_text(health.round_trip_p99_ms)}"


def bytes_text(count: float) -> str:
    """Return an amount of bytes: "720 B", "1.4 kB", "3.1 MB"."""
    for unit, size in (("MB", 1e6), ("kB", 1e3)):
        if count >= size:
            return f"{count / size:,.1f}\N{NO-BREAK SPACE}{unit}"
    return f"{count:,.0f}\N{NO-BREAK SPACE}B"


def rate_text(health: DeviceHealth | None) -> str:
    """Return what passes in a second, both ways; a dash where the driver does not count."""
    if health is None or not health.sent_bytes + health.received_bytes:
        return NO_VALUE
    return f"{bytes_text(health.bytes_per_s)}/s"


def errors_text(health: DeviceHealth | None) -> str:
    """Return how many errors there were within the sparkline's time."""
    return NO_VALUE if health is None else f"{health.recent_error_count:,}"


def errors_tip(health: DeviceHealth | None, now_unix: float) -> str:
    """Return the errors by kind, and since when they are counted."""
    if health is None:
        return _TROUBLE_SENTENCES[Trouble.UNTOLD]
    since = moment_text(moment_from_unix(health.since_unix), moment_from_unix(now_unix))
    recent = f"{count_text(health.recent_error_count, 'error')} in the last {_SPAN_MIN} min"
    kinds = kinds_text(health)
    return f"{recent}\nSince {since}: {kinds or 'none'}"


def good_age_s(health: DeviceHealth | None, live_age_s: float | None, now_unix: float) -> float | None:
    """Return how long ago something good was read, by whichever tells of later; None: never, as far as known.

    Args:
        health: As told.
        live_age_s: Of the newest reading that this window has, if something in it is good.
        now_unix: By the same clock.
    """
    told_s = None if health is None or not health.good_read_unix else now_unix - health.good_read_unix
    ages = [age_s for age_s in (told_s, live_age_s) if age_s is not None]
    return max(0.0, min(ages)) if ages else None


def lease_text(health: DeviceHealth | None, stations: Mapping[int, str]) -> str:
    """Return which station polls the device; a dash where none tells."""
    if health is None:
        return NO_VALUE
    return stations.get(health.station, "this computer") if health.station else "this computer"


def state_sentence(health: DeviceHealth | None, now_unix: float) -> str:
    """Return how a connection does, in one sentence."""
    trouble = trouble_of(health, now_unix)
    if health is None:
        return _TROUBLE_SENTENCES[Trouble.UNTOLD]
    match trouble:
        case Trouble.FAILS:
            return health.failure
        case Trouble.UNTOLD:
            if not health.polls_answered:
                return "It has not answered yet."
            age = age_text(now_unix - health.as_of_unix)
            return f"Nothing was told of this connection for {age}; its station may be down."
        case Trouble.BAD_VALUES:
            bad = [tag for tag in health.tags if tag.quality != "good"]
            return f"It answers, and {len(bad)} of {count_text(len(health.tags), 'value')} cannot be used."
        case Trouble.ERRORS:
            recent = count_text(health.recent_error_count, "error")
            return f"It answers; {recent} in the last {_SPAN_MIN} min."
        case Trouble.NONE:
            return _TROUBLE_SENTENCES[Trouble.NONE]
