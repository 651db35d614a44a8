"""Which alerts the banner shows, and how they are counted: pure functions."""

from collections.abc import Iterable
from dataclasses import dataclass

from console.widgets.severity_badge import BadgeState, state_of
from models.records.alert import Alert, AlertId
from models.records.threshold import Severity

SHOWN = 3


@dataclass(frozen=True, slots=True)
class SeverityCount:
    """Open alerts of one severity; `waiting` of them nobody has acknowledged."""

    severity: Severity
    open: int
    waiting: int


def most_urgent(alerts: Iterable[Alert], count: int = SHOWN) -> tuple[Alert, ...]:
    """Return the alerts that need a person first.

    Not acknowledged before returned (also not acknowledged, but over) before acknowledged; in each the worst
    severity first, then the newest.
    """
    return tuple(sorted((alert for alert in alerts if state_of(alert) is not None), key=_urgency)[:count])


def waiting_alerts(alerts: Iterable[Alert]) -> tuple[AlertId, ...]:
    """Return those that nobody has acknowledged, in the order given."""
    return tuple(alert.id for alert in alerts if is_waiting(alert))


def is_waiting(alert: Alert) -> bool:
    """Whether somebody still has to acknowledge it."""
    return state_of(alert) in (BadgeState.UNACKNOWLEDGED, BadgeState.RETURNED)


def counts_of(alerts: Iterable[Alert]) -> tuple[SeverityCount, ...]:
    """Return open and waiting alerts of every severity, worst first, zeros included."""
    alerts = tuple(alerts)
    return tuple(
        SeverityCount(
            severity,
            sum(alert.severity is severity for alert in alerts),
            sum(alert.severity is severity and is_waiting(alert) for alert in alerts),
        )
        for severity in Severity
    )


def _urgency(alert: Alert) -> tuple[int, int, float, int]:
    state = state_of(alert)
    order = {BadgeState.UNACKNOWLEDGED: 0, BadgeState.RETURNED: 1}
    rank = 2 if state is None else order.get(state, 2)
    return rank, alert.severity.rank, -alert.triggered_at.timestamp(), -alert.id
