"""The lines of a handover, from what was found: one sentence each, with times by the site's clock. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from models.figure_words import duration_words, figure_words
from models.quantities import THE_SIX, Quantities
from models.records.alarm_load import AlarmLoad, FigureKey, Verdict
from models.records.alert import Alert
from models.records.shelf import HiddenBy, Maintenance, Shelf
from models.records.threshold import Severity, Threshold, ThresholdId
from models.threshold_words import threshold_words

MOST_LINES = 40
"""A handover is read aloud; what is longer is counted, not listed."""
_MOST_OUTAGES, _MANY_CHANGES = 3, 6
_SEVERITY = {Severity.CRITICAL: "Critical", Severity.WARNING: "Warning", Severity.INFO: "Info"}
_FIGURES = (
    *(FigureKey.PER_10_MIN, FigureKey.MOST_IN_10_MIN, FigureKey.FLOOD, FigureKey.TOP_TEN),
    *(FigureKey.CHATTERING, FigureKey.FLEETING, FigureKey.STANDING, FigureKey.ACKNOWLEDGED_P95),
)
VERDICT_WORDS = {
    Verdict.GOOD: "good",
    Verdict.ACCEPTABLE: "acceptable",
    Verdict.MISSED: "missed",
    Verdict.NONE: "",
}


class Clock:
    """Says moments by the site's clock: only the time if it is of the day of `now`."""

    def __init__(self, now: datetime, zone: tzinfo) -> None:
        self._now = now.astimezone(zone)
        self._zone = zone

    def time(self, moment: datetime) -> str:
        """Return "14:03", or "9 Mar 14:03" on another day."""
        local = moment.astimezone(self._zone)
        if local.date() == self._now.date():
            return f"{local:%H:%M}"
        return f"{local.day} {local:%b} {local:%H:%M}"

    def age(self, moment: datetime) -> str:
        """Return how long ago it was."""
        return duration_words((self._now - moment).total_seconds())


def open_lines(alerts: Sequence[Alert], clock: Clock) -> list[str]:
    """Return the open alerts that nobody set aside, worst and newest first."""
    lines: list[str] = []
    for alert in alerts:
        if alert.hidden_by is not HiddenBy.NOTHING:
            continue
        state = (
            f"acknowledged by {alert.acknowledged_by or 'somebody'}"
            if alert.acknowledged_at
            else "not acknowledged"
        )
        returned = "" if alert.is_standing else ", returned"
        lines.append(
            f"{_SEVERITY[alert.severity]}: {alert.device_name}: {_sentence(alert.message)} "
            f"Since {clock.time(alert.triggered_at)} ({clock.age(alert.triggered_at)}), {state}{returned}."
        )
    return cut(lines, "open alerts")


def shelved_lines(
    shelves: Sequence[Shelf],
    thresholds: Mapping[ThresholdId, Threshold],
    clock: Clock,
    quantities: Quantities = THE_SIX,
) -> list[str]:
    """Return what lies on the shelf: what, by whom, until when, why."""
    return cut(
        [
            f"{shelf.device_name}: {_named(shelf.threshold, thresholds, quantities)}, "
            f"shelved by {shelf.by} at {clock.time(shelf.shelved_at)} until {clock.time(shelf.until)}"
            f"{' or until it has returned' if shelf.is_one_shot else ''}: {shelf.reason}"
            for shelf in shelves
        ],
        "on the shelf",
    )


def maintenance_lines(found: Sequence[Maintenance], clock: Clock) -> list[str]:
    """Return the devices in maintenance."""
    return cut(
        [
            f"{one.device_name}: by {one.by} since {clock.time(one.began_at)} until {clock.time(one.until)}: "
            f"{one.reason}"
            for one in found
        ],
        "in maintenance",
    )


def out_of_service_lines(
    thresholds: Sequence[Threshold],
    devices: Mapping[int, str],
    persons: Mapping[int, str],
    clock: Clock,
    quantities: Quantities = THE_SIX,
) -> list[str]:
    """Return the thresholds that are switched off."""
    lines: list[str] = []
    for threshold in thresholds:
        if threshold.enabled or threshold.device not in devices:
            continue
        by = persons.get(threshold.disabled_by or 0, "")
        since = f" since {clock.time(threshold.disabled_at)}" if threshold.disabled_at else ""
        who = f", switched off by {by}{since}" if by else since
        reason = f": {threshold.disabled_reason}" if threshold.disabled_reason else ", no reason was given"
        words = threshold_words(threshold, quantities)
        lines.append(f"{devices[threshold.device]}: {words}{who}{reason}")
    return cut(lines, "out of service")


@dataclass(frozen=True, slots=True)
class LimitChange:
    """One change of one threshold.

    Attributes:
        device: Its name.
        what: "added", "changed", "removed", or what is different.
    """

    at: datetime
    who: str
    device: str
    threshold: str
    what: str


def limit_lines(changes: Sequence[LimitChange], clock: Clock) -> list[str]:
    """Return what changed, in order of time; the same done to many thresholds by one person in one line."""
    groups: dict[tuple[str, str], list[LimitChange]] = {}
    for change in changes:
        groups.setdefault((change.who, change.what), []).append(change)
    many = {key: group for key, group in groups.items() if len(group) > _MANY_CHANGES}
    lines: list[tuple[datetime, str]] = []
    for change in changes:
        if (change.who, change.what) not in many:
            words = f"{change.who}: {change.device}: {change.threshold}, {change.what}"
            lines.append((change.at, f"{clock.time(change.at)} {words}"))
    for (who, what), group in many.items():
        begin, end = clock.time(group[0].at), clock.time(group[-1].at)
        span = begin if begin == end else f"{begin} to {end}"
        devices = len({change.device for change in group})
        noun = "device" if devices == 1 else "devices"
        lines.append((group[0].at, f"{span} {who}: {len(group)} thresholds of {devices} {noun}, {what}"))
    return cut([line for _, line in sorted(lines, key=lambda line: line[0])], "changes")


def outage_lines(
    outages: Mapping[str, Sequence[tuple[datetime, datetime | None]]], clock: Clock, until: datetime
) -> list[str]:
    """Return when devices were silent; of one with many times, how many, how long and the longest."""
    lines: list[str] = []
    for name, times in outages.items():
        lengths = [((end or until) - begin).total_seconds() for begin, end in times]
        if len(times) <= _MOST_OUTAGES:
            spans = "; ".join(
                f"{clock.time(begin)} to {clock.time(end)} ({duration_words(length)})"
                if end is not None
                else f"since {clock.time(begin)} ({duration_words(length)})"
                for (begin, end), length in zip(times, lengths, strict=True)
            )
            lines.append(f"{name}: no readings {spans}")
        else:
            longest = max(range(len(times)), key=lambda i: lengths[i])
            lines.append(
                f"{name}: {len(times)} outages, {duration_words(sum(lengths))} in all, the longest from "
                f"{clock.time(times[longest][0])} ({duration_words(lengths[longest])})"
            )
    return cut(lines, "devices with outages")


def figure_lines(load: AlarmLoad) -> list[str]:
    """Return the alarm load of the shift: the figures that a shift can answer for."""
    if load.is_empty:
        return []
    noun = "alert" if load.annunciations == 1 else "alerts"
    positions = "" if load.positions == 1 else f" over {load.positions} positions"
    lines = [f"{load.annunciations:,} {noun}{positions}"]
    for key in _FIGURES:
        figure = load.figure(key)
        if figure.value is None:
            continue
        target = f" (target {figure.spec.target})" if figure.spec.target else ""
        verdict = VERDICT_WORDS[figure.verdict]
        lines.append(
            f"{figure.spec.label}: {figure_words(figure)}{target}{': ' + verdict if verdict else ''}"
        )
    return lines


def cut(lines: Sequence[str], what: str) -> list[str]:
    """Return at most MOST_LINES of them, and how many more there are."""
    if len(lines) <= MOST_LINES:
        return list(lines)
    return [*lines[: MOST_LINES - 1], f"… and {len(lines) - MOST_LINES + 1:,} more {what}"]


def _named(
    threshold: ThresholdId, thresholds: Mapping[ThresholdId, Threshold], quantities: Quantities
) -> str:
    found = thresholds.get(threshold)
    return "a threshold that was removed" if found is None else threshold_words(found, quantities)


def _sentence(message: str) -> str:
    return message if message.endswith((".", "!", "?")) else f"{message}."
