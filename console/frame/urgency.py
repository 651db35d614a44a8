"""Which alerts the banner shows, and how they are counted: pure functions."""

from collections.abc import Iterable
from dataclasses import dataclass

from console.widgets.severity_badge import BadgeState, state_of
from models.records.alert import Alert, AlertId
from models.records.threshold import Severity

SHOWN = 3

_RANKS: dict[BadgeState | None, int] = {
    BadgeState.UNACKNOWLEDGED: 0,
    BadgeState.LATCHED_UNACKNOWLEDGED: 1,
    BadgeState.RETURNED: 1,
    BadgeState.ACKNOWLEDGED: 2,
    BadgeState.LATCHED: 3,
}


@dataclass(frozen=True, slots=True)
class SeverityCount:
    """Open alerts of one severity; `waiting` of them nobody has acknowledged."""

    severity: Severity
    open: int
    waiting: int


def most_urgent(alerts: Iterable[Alert], count: int = SHOWN) -> tuple[Alert, ...]:
    """Return the alerts that need a person first; hidden ones are not among them.

    Not acknowledged before returned (also not acknowledged, but over) before acknowledged before those that
    wait for a reset; in each the worst severity first, then the newest.
    """
    return tuple(sorted((alert for alert in alerts if _is_shown(state_of(alert))), key=_urgency)[:count])


def waiting_alerts(alerts: Iterable[Alert]) -> tuple[AlertId, ...]:
    """Return those that nobody has acknowledged, in the order given."""
    return tuple(alert.id for alert in alerts if is_waiting(alert))


def is_waiting(alert: Alert) -> bool:
    """Whether somebody still has to acknowledge it."""
    state = state_of(alert)
    return state is not None and state.is_waiting


def counts_of(alerts: Iterable[Alert]) -> tuple[SeverityCount, ...]:
    """Return open and waiting alerts of every severity, worst first, zeros included, hidden ones left out."""
    alerts = tuple(alert for alert in alerts if _is_shown(state_of(alert)))
    return tuple(
        SeverityCount(
            severity,
            sum(alert.severity is severity for alert in alerts),
            sum(alert.severity is severity and is_waiting(alert) for alert in alerts),
        )
        for severity in Severity
    )


def _is_shown(state: BadgeState | None) -> bool:
    return state is not None and not state.is_hidden


def _urgency(alert: Alert) -> tuple[int, int, float, int]:
    rank = _RANKS.get(state_of(alert), len(_RANKS))
    return rank, alert.severity.rank, -alert.triggered_at.timestamp(), -alert.id
