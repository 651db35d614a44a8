"""The figures of one connection, as rows of name and words. Pure."""

from collections.abc import Mapping

from console.health_export import kinds_text
from console.panels.devices.health.health_words import (
    bytes_text,
    good_age_s,
    lease_text,
    ms_text,
    rate_text,
)
from console.panels.wording import count_text, moment_from_unix, moment_text, percent_text
from console.widgets.number_text import NO_VALUE
from console.widgets.stale_hatching import age_text
from models.records.device_health import DeviceHealth

NONE_YET = "none yet"


def figure_rows(
    health: DeviceHealth | None, live_age_s: float | None, stations: Mapping[int, str], now_unix: float
) -> tuple[tuple[str, str], ...]:
    """Return what is known of a connection; ages are brought up to `now_unix`.

    Args:
        health: As told last; None: nothing was.
        live_age_s: Of the newest reading that this window has.
        stations: Names by `stations.id`.
        now_unix: Unix seconds.
    """
    age_s = good_age_s(health, live_age_s, now_unix)
    good = NONE_YET if age_s is None else f"{age_text(age_s)} ago"
    if health is None:
        return (("Last good read", good),)
    now = moment_from_unix(now_unix)
    since = moment_text(moment_from_unix(health.since_unix), now)
    lease = lease_text(health, stations)
    if health.epoch:
        lease += f", lease {health.epoch:,} of this device"
    return (
        ("Last good read", good),
        ("Round trip", _round_trip(health)),
        ("Polls", _polls(health)),
        ("Errors", _errors(health)),
        ("Traffic", _traffic(health)),
        ("Polled by", lease),
        ("Counted since", f"{since}, told {age_text(max(0.0, now_unix - health.as_of_unix))} ago"),
    )


def _round_trip(health: DeviceHealth) -> str:
    if health.round_trip_p50_ms is None:
        return NONE_YET
    of = "" if health.is_line_measured else " (whole polls: the driver measures no single request)"
    half, most = ms_text(health.round_trip_p50_ms), ms_text(health.round_trip_p99_ms)
    return f"half up to {half}, 99 of 100 up to {most}{of}"


def _polls(health: DeviceHealth) -> str:
    words = f"{health.polls_answered:,} of {health.polls_due:,} answered"
    if health.polls_due:
        words += f" ({percent_text(health.polls_answered / health.polls_due)})"
    words += f", {health.polls_failed:,} failed" if health.polls_failed else ""
    return words + (f", {health.polls_missed:,} missed" if health.polls_missed else "")


def _errors(health: DeviceHealth) -> str:
    if not health.error_count:
        return "none"
    recent = f"{health.recent_error_count:,} in the last 10 min"
    return f"{count_text(health.error_count, 'error')}, {recent}: {kinds_text(health)}"


def _traffic(health: DeviceHealth) -> str:
    if not health.sent_bytes + health.received_bytes:
        return NO_VALUE
    sent, received = bytes_text(health.sent_bytes), bytes_text(health.received_bytes)
    return f"{rate_text(health)}; {sent} sent, {received} received"
