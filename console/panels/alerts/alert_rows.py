"""Alerts as rows: columns, words and sort keys. Pure."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from enum import IntEnum
from typing import Any

from console.panels.alerts.time_words import until_text
from console.panels.wording import SEVERITY_WORDS, SHORT_STATE_WORDS, limit_text, moment_text, value_text
from console.widgets.number_text import NO_VALUE, quantity_text
from console.widgets.severity_badge import BadgeState, state_of
from console.widgets.stale_hatching import age_text
from models.quantities import THE_SIX, Quantities
from models.records.alert import Alert, AlertStatus
from models.records.shelf import HiddenBy, Maintenance
from models.records.threshold import RuleKind
from models.threshold_words import RULE_WORDS, metric_label


class Column(IntEnum):
    """Columns of the open list and of the history, left to right; which of them are seen is chosen."""

    SEVERITY = 0
    SINCE = 1
    DEVICE = 2
    MESSAGE = 3
    STATE = 4
    AREA = 5
    VALUE = 6
    LIMIT = 7
    ACKNOWLEDGED = 8
    BEGAN = 9
    RETURNED = 10
    RESOLVED = 11
    METRIC = 12
    RULE = 13
    ASIDE = 14
    COMMENTS = 15


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
    Column.BEGAN: "Began",
    Column.RETURNED: "Returned",
    Column.RESOLVED: "Resolved",
    Column.METRIC: "Metric",
    Column.RULE: "Rule",
    Column.ASIDE: "Set aside",
    Column.COMMENTS: "Comments",
}

HIDDEN_WORDS = {
    HiddenBy.NOTHING: "",
    HiddenBy.SHELF: "shelved",
    HiddenBy.MAINTENANCE: "in maintenance",
    HiddenBy.UPDATE: "update running",
    HiddenBy.PARENT: "parent offline",
}
"""Why an alert asks nobody, in two words."""

_SHORT_ASIDE = {
    HiddenBy.MAINTENANCE: "In maintenance",
    HiddenBy.UPDATE: "Update running",
    HiddenBy.PARENT: "Parent offline",
}


def urgency_of(alert: Alert) -> tuple[int, int, float]:
    """Return the key that sorts what asks for most first: state, then severity, then the newest."""
    state = state_of(alert)
    return (len(BadgeState) if state is None else state, alert.severity.rank, -alert.triggered_at.timestamp())


def can_acknowledge(alert: Alert) -> bool:
    """Tell whether somebody still has to take note of an alert."""
    state = state_of(alert)
    return state is not None and state.is_waiting


def needs_comment(alerts: Iterable[Alert]) -> bool:
    """Tell whether one of these cannot be acknowledged without words."""
    return any(alert.requires_comment and alert.status is AlertStatus.ACTIVE for alert in alerts)


def is_to_reset(alert: Alert) -> bool:
    """Tell whether an alert waits for nothing but its reset: latched, and the condition is over."""
    return alert.is_latching and not alert.is_standing and alert.status is not AlertStatus.RESOLVED


def haystack_of(alert: Alert) -> str:
    """Return what a search looks at."""
    return " ".join((alert.device_name, alert.location, alert.message, alert.severity)).casefold()


def sort_key(column: Column) -> Callable[[Alert], Any]:
    """Return the key that sorts alerts by a column; equal ones stay in order of urgency."""
    return _KEYS[column]


def value_at_trigger(alert: Alert, quantities: Quantities = THE_SIX) -> str:
    """Return the value that raised the alert with its unit, a dash where it is not about a value."""
    value = alert.value_at_trigger
    quantity = quantities.find(alert.metric or "")
    if alert.rule is RuleKind.CLOCK and value is not None:
        return quantity_text(value, 0, "s")
    if quantity is None or value is None:
        return NO_VALUE
    return value_text(quantity, value)


def limit_at_trigger(alert: Alert, quantities: Quantities = THE_SIX) -> str:
    """Return the limit that was passed with its unit, a dash where there was none."""
    limit = alert.limit_at_trigger
    quantity = quantities.find(alert.metric or "")
    if limit is None:
        return NO_VALUE
    if alert.rule is RuleKind.CLOCK:
        return quantity_text(limit, 0, "s")
    if alert.rule is RuleKind.NO_DATA:
        return f"{limit:g} periods"
    # A value that may not move at all has no limit that it passed.
    if quantity is None or (alert.rule is RuleKind.FROZEN and not limit):
        return NO_VALUE
    per_minute = "/min" if alert.rule is RuleKind.RATE_OF_CHANGE else ""
    return f"{limit_text(quantity, limit)}{per_minute}"


def metric_words(alert: Alert, quantities: Quantities = THE_SIX) -> str:
    """Return what was judged: a metric's name, or that it was the device as a whole."""
    return metric_label(alert.metric, quantities) if alert.metric else NO_VALUE


def acknowledged_text(alert: Alert, now: datetime) -> str:
    """Return who acknowledged and when, a dash where nobody has."""
    if alert.acknowledged_at is None:
        return NO_VALUE
    return f"{alert.acknowledged_by or 'somebody'}, {moment_text(alert.acknowledged_at, now)}"


def resolved_text(alert: Alert, now: datetime) -> str:
    """Return when an alert ended, and who ended it where somebody did."""
    if alert.resolved_at is None:
        return NO_VALUE
    by = f"{alert.resolved_by}, " if alert.resolved_by else ""
    return f"{by}{moment_text(alert.resolved_at, now)}"


def since_text(alert: Alert, now: datetime) -> str:
    """Return how long an open alert has lasted, or how long a resolved one did."""
    end = alert.resolved_at or now
    return age_text((end - alert.triggered_at).total_seconds())


def aside_text(alert: Alert, work: Maintenance | None, now: datetime) -> str:
    """Return why an alert asks nobody now, until when, who wants it so and why; empty where it asks.

    Args:
        alert: The alert.
        work: The maintenance of its device, where there is one.
        now: Timezone-aware.
    """
    match alert.hidden_by:
        case HiddenBy.NOTHING:
            return ""
        case HiddenBy.SHELF if alert.shelved_until is not None:
            until = until_text(alert.shelved_until, now)
            return f"Shelved until {until}, {alert.shelved_by or 'somebody'}: {alert.shelf_reason}"
        case HiddenBy.SHELF:
            return "Shelved"
        case HiddenBy.MAINTENANCE if work is not None:
            return maintenance_text(work, now)
        case _:
            return _SHORT_ASIDE[alert.hidden_by]


def maintenance_text(work: Maintenance, now: datetime) -> str:
    """Return "In maintenance until 14:30, Anna Berg: belt change"."""
    return f"In maintenance until {until_text(work.until, now)}, {work.by or 'somebody'}: {work.reason}"


def cell_text(
    alert: Alert,
    column: Column,
    now: datetime,
    pending: str = "",
    work: Maintenance | None = None,
    quantities: Quantities = THE_SIX,
) -> str:
    """Return what a cell says.

    Args:
        alert: The row.
        column: The column.
        now: Timezone-aware, for ages.
        pending: Said instead of the state while an order of this window has not been confirmed.
        work: The maintenance of its device, where there is one.
        quantities: What can be measured at the site, for names and units.
    """
    match column:
        case Column.METRIC:
            return metric_words(alert, quantities)
        case Column.VALUE:
            return value_at_trigger(alert, quantities)
        case Column.LIMIT:
            return limit_at_trigger(alert, quantities)
        case Column.STATE:
            return pending or SHORT_STATE_WORDS[state_of(alert)]
        case Column.ASIDE:
            return aside_text(alert, work, now) or NO_VALUE
        case _:
            return _TEXTS[column](alert, now)


def summary(counts: Mapping[BadgeState, int], shown: int) -> str:
    """Return the sentence about the open list.

    Args:
        counts: How many open alerts are in each state.
        shown: How many rows the filter leaves.
    """
    total = sum(counts.values())
    if not total:
        return "No open alerts."
    hidden = sum(count for state, count in counts.items() if state.is_hidden)
    parts = [f"{total:,} open" if shown in (total, total - hidden) else f"{shown:,} of {total:,} open"]
    returned = sum(count for state, count in counts.items() if state.is_returned)
    for count, words in (
        (counts.get(BadgeState.UNACKNOWLEDGED, 0), "not acknowledged"),
        (counts.get(BadgeState.ACKNOWLEDGED, 0), "acknowledged"),
        (returned, "returned"),
        (hidden, "hidden"),
    ):
        if count:
            parts.append(f"{count:,} {words}")
    return " · ".join(parts)


_TEXTS: dict[Column, Callable[[Alert, datetime], str]] = {
    Column.SEVERITY: lambda alert, _now: SEVERITY_WORDS[alert.severity],
    Column.SINCE: since_text,
    Column.DEVICE: lambda alert, _now: alert.device_name,
    Column.MESSAGE: lambda alert, _now: alert.message,
    Column.AREA: lambda alert, _now: alert.location or NO_VALUE,
    Column.ACKNOWLEDGED: acknowledged_text,
    Column.BEGAN: lambda alert, now: moment_text(alert.triggered_at, now),
    Column.RETURNED: lambda alert, now: moment_text(alert.cleared_at, now),
    Column.RESOLVED: resolved_text,
    Column.RULE: lambda alert, _now: RULE_WORDS[alert.rule],
    Column.COMMENTS: lambda alert, _now: f"{alert.comments:,}" if alert.comments else NO_VALUE,
}


def _newest(moment: datetime | None) -> tuple[bool, float]:
    return (moment is None, 0.0 if moment is None else -moment.timestamp())


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
    Column.BEGAN: lambda alert: alert.triggered_at.timestamp(),
    Column.ACKNOWLEDGED: lambda alert: _newest(alert.acknowledged_at),
    Column.RETURNED: lambda alert: _newest(alert.cleared_at),
    Column.RESOLVED: lambda alert: _newest(alert.resolved_at),
    Column.METRIC: lambda alert: (metric_words(alert), urgency_of(alert)),
    Column.RULE: lambda alert: (alert.rule.value, urgency_of(alert)),
    Column.ASIDE: lambda alert: (alert.hidden_by.value, urgency_of(alert)),
    Column.COMMENTS: lambda alert: (-alert.comments, urgency_of(alert)),
}
