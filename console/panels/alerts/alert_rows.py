"""Alerts as rows: columns, words, sort keys and filters. Pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any

from console.panels.wording import SEVERITY_WORDS, SHORT_STATE_WORDS, limit_text, moment_text, value_text
from console.widgets.number_text import NO_VALUE
from console.widgets.severity_badge import BadgeState, state_of
from console.widgets.stale_hatching import age_text
from models.metrics import METRIC_INDEX, METRICS
from models.records.alert import Alert
from models.records.threshold import Severity


class Column(IntEnum):
    """Columns of the open list and of the history, left to right."""

    SEVERITY = 0
    SINCE = 1
    DEVICE = 2
    MESSAGE = 3
    STATE = 4
    AREA = 5
    VALUE = 6
    LIMIT = 7
    ACKNOWLEDGED = 8


LEAST_MESSAGE_PX = 330
"""Messages are not cut in narrow windows; the table scrolls sideways instead."""

HEADINGS = {
    Column.SEVERITY: "Severity",
    Column.SINCE: "Since",
    Column.DEVICE: "Device",
    Column.MESSAGE: "Message",
    Column.STATE: "State",
    Column.AREA: "Area",
    Column.VALUE: "At trigger",
    Column.LIMIT: "Limit",
    Column.ACKNOWLEDGED: "Acknowledged",
}


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """What the list is narrowed to. Empty sets let everything through.

    Attributes:
        typed: Words that must all occur in device, area, message or severity.
    """

    typed: str = ""
    severities: frozenset[Severity] = field(default_factory=frozenset[Severity])
    states: frozenset[BadgeState] = field(default_factory=frozenset[BadgeState])

    @property
    def is_empty(self) -> bool:
        """Whether nothing is narrowed."""
        return not self.typed.strip() and not self.severities and not self.states


def urgency_of(alert: Alert) -> tuple[int, int, float]:
    """Return the key that sorts what asks for most first: state, then severity, then the newest."""
    state = state_of(alert)
    return (len(BadgeState) if state is None else state, alert.severity.rank, -alert.triggered_at.timestamp())


def can_acknowledge(alert: Alert) -> bool:
    """Tell whether somebody still has to take note of an alert."""
    return state_of(alert) in (BadgeState.UNACKNOWLEDGED, BadgeState.RETURNED)


def filtered(alerts: Iterable[Alert], narrowed: AlertFilter) -> list[Alert]:
    """Return the alerts that pass the filter, in the order given."""
    words = narrowed.typed.casefold().split()
    return [
        alert
        for alert in alerts
        if (not narrowed.severities or alert.severity in narrowed.severities)
        and (not narrowed.states or state_of(alert) in narrowed.states)
        and all(word in _haystack(alert) for word in words)
    ]


def sort_key(column: Column) -> Callable[[Alert], Any]:
    """Return the key that sorts alerts by a column; equal ones stay in order of urgency."""
    return _KEYS[column]


def value_at_trigger(alert: Alert) -> str:
    """Return the value that raised the alert with its unit, a dash where it is not about a value."""
    index = METRIC_INDEX.get(alert.metric or "")
    return NO_VALUE if index is None else value_text(METRICS[index], alert.value_at_trigger)


def limit_at_trigger(alert: Alert) -> str:
    """Return the limit that was passed with its unit, a dash where there was none."""
    index = METRIC_INDEX.get(alert.metric or "")
    if index is None or alert.limit_at_trigger is None:
        return NO_VALUE
    return limit_text(METRICS[index], alert.limit_at_trigger)


def acknowledged_text(alert: Alert, now: datetime) -> str:
    """Return who acknowledged and when, a dash where nobody has."""
    if alert.acknowledged_at is None:
        return NO_VALUE
    return f"{alert.acknowledged_by or 'somebody'}, {moment_text(alert.acknowledged_at, now)}"


def since_text(alert: Alert, now: datetime) -> str:
    """Return how long an open alert has lasted, or how long a resolved one did."""
    end = alert.resolved_at or now
    return age_text((end - alert.triggered_at).total_seconds())


def cell_text(alert: Alert, column: Column, now: datetime, pending: str = "") -> str:
    """Return what a cell says.

    Args:
        alert: The row.
        column: The column.
        now: Timezone-aware, for ages.
        pending: Said instead of the state while an order of this window has not been confirmed.
    """
    match column:
        case Column.SEVERITY:
            return SEVERITY_WORDS[alert.severity]
        case Column.STATE:
            return pending or SHORT_STATE_WORDS[state_of(alert)]
        case Column.DEVICE:
            return alert.device_name
        case Column.AREA:
            return alert.location or NO_VALUE
        case Column.MESSAGE:
            return alert.message
        case Column.VALUE:
            return value_at_trigger(alert)
        case Column.LIMIT:
            return limit_at_trigger(alert)
        case Column.SINCE:
            return since_text(alert, now)
        case Column.ACKNOWLEDGED:
            return acknowledged_text(alert, now)


def summary(alerts: Sequence[Alert], shown: int) -> str:
    """Return the sentence above the open list."""
    if not alerts:
        return "No open alerts."
    counts = {state: sum(state_of(alert) is state for alert in alerts) for state in BadgeState}
    parts = [f"{len(alerts):,} open" if shown == len(alerts) else f"{shown:,} of {len(alerts):,} open"]
    for state, words in (
        (BadgeState.UNACKNOWLEDGED, "not acknowledged"),
        (BadgeState.ACKNOWLEDGED, "acknowledged"),
        (BadgeState.RETURNED, "returned"),
    ):
        if counts[state]:
            parts.append(f"{counts[state]:,} {words}")
    return " · ".join(parts)


def _haystack(alert: Alert) -> str:
    return " ".join((alert.device_name, alert.location, alert.message, alert.severity)).casefold()


_KEYS: dict[Column, Callable[[Alert], Any]] = {
    Column.SEVERITY: lambda alert: (alert.severity.rank, urgency_of(alert)),
    Column.STATE: urgency_of,
    Column.DEVICE: lambda alert: (alert.device_name.casefold(), urgency_of(alert)),
    Column.AREA: lambda alert: (alert.location.casefold(), urgency_of(alert)),
    Column.MESSAGE: lambda alert: (alert.message.casefold(), urgency_of(alert)),
    Column.VALUE: lambda alert: (alert.metric or "", alert.value_at_trigger or 0.0),
    Column.LIMIT: lambda alert: (alert.metric or "", alert.limit_at_trigger or 0.0),
    # Ascending age: the newest first, because that is what "since" is clicked for.
    Column.SINCE: lambda alert: -alert.triggered_at.timestamp(),
    Column.ACKNOWLEDGED: lambda alert: (
        alert.acknowledged_at is None,
        -(alert.acknowledged_at or alert.triggered_at).timestamp(),
    ),
}
