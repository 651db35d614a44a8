"""Which alerts the banner shows, and how they are counted: pure functions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from itertools import chain

from console.frame.alert_changes import changes_between
from console.panels.wording import SEVERITY_WORDS
from console.widgets.severity_badge import AlertGroup, BadgeState, state_of
from models.records.alert import Alert, AlertId
from models.records.threshold import Severity

SHOWN = 3

_Group = tuple[BadgeState, Severity]

_ORDER: dict[BadgeState, int] = {
    BadgeState.UNACKNOWLEDGED: 0,
    BadgeState.LATCHED_UNACKNOWLEDGED: 1,
    BadgeState.RETURNED: 1,
    BadgeState.ACKNOWLEDGED: 2,
    BadgeState.LATCHED: 3,
}
"""Not acknowledged before returned (also not acknowledged, but over) before acknowledged before latched."""


@dataclass(frozen=True, slots=True)
class SeverityCount:
    """Open alerts of one severity; `waiting` of them nobody has acknowledged."""

    severity: Severity
    open: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Urgency:
    """What of the open alerts matters in the frame. Hidden ones (shelved, suppressed) are in none of it.

    Attributes:
        first: The most urgent ones in order: by what is to be done about them, by severity, then the newest.
        counts: Of every severity, worst first, zeros included.
        is_flashing: Whether something stands that nobody has acknowledged.
        group: What the rail shows; None where nothing is open.
    """

    first: tuple[Alert, ...] = ()
    counts: tuple[SeverityCount, ...] = ()
    is_flashing: bool = False
    group: AlertGroup | None = None

    @property
    def waiting(self) -> int:
        """How many nobody has acknowledged."""
        return sum(count.waiting for count in self.counts)


class UrgencyBook:
    """Keeps the open alerts in groups, and looks at what changed only: a flood has thousands."""

    def __init__(self) -> None:
        self._alerts: tuple[Alert, ...] = ()
        self._groups: dict[_Group, dict[AlertId, Alert]] = {}

    def take(self, alerts: Sequence[Alert], shown: int = SHOWN) -> Urgency:
        """Return what matters of these."""
        went, came = changes_between(self._alerts, alerts)
        self._alerts = tuple(alerts)
        for alert in went:
            state = state_of(alert)
            if state is not None and not state.is_hidden:
                self._groups[state, alert.severity].pop(alert.id, None)
        for alert in came:
            state = state_of(alert)
            if state is not None and not state.is_hidden:
                self._groups.setdefault((state, alert.severity), {})[alert.id] = alert
        groups = {group: members for group, members in self._groups.items() if members}
        counts = tuple(_count(groups, severity) for severity in Severity)
        if not groups:
            return Urgency(counts=counts)
        state, severity = min(groups, key=lambda group: (group[0], group[1].rank))
        return Urgency(
            first=_first(groups, shown),
            counts=counts,
            is_flashing=any(state is BadgeState.UNACKNOWLEDGED for state, _ in groups),
            group=AlertGroup(severity, state, sum(map(len, groups.values()))),
        )


def urgency_of(alerts: Iterable[Alert], shown: int = SHOWN) -> Urgency:
    """Return what matters of these alerts, once."""
    return UrgencyBook().take(tuple(alerts), shown)


def is_waiting(alert: Alert) -> bool:
    """Whether somebody still has to acknowledge it."""
    state = state_of(alert)
    return state is not None and state.is_waiting


def more_text(urgency: Urgency, listed: int) -> str:
    """Return what waits beside the first `listed` alerts, e.g. "17 more: 2 critical, 15 warning".

    Empty where nothing does.
    """
    waiting = {count.severity: count.waiting for count in urgency.counts}
    for alert in urgency.first[:listed]:
        waiting[alert.severity] -= is_waiting(alert)
    kinds = [
        f"{count:,} {SEVERITY_WORDS[severity].casefold()}" for severity, count in waiting.items() if count > 0
    ]
    return f"{sum(waiting.values()):,} more: {', '.join(kinds)}" if kinds else ""


def _first(groups: Mapping[_Group, Mapping[AlertId, Alert]], shown: int) -> tuple[Alert, ...]:
    ranks: dict[tuple[int, int], list[Mapping[AlertId, Alert]]] = {}
    for (state, severity), members in groups.items():
        ranks.setdefault((_ORDER[state], severity.rank), []).append(members)
    first: list[Alert] = []
    for rank in sorted(ranks):
        members = chain.from_iterable(group.values() for group in ranks[rank])
        first += nlargest(shown - len(first), members, key=lambda alert: (alert.triggered_at, alert.id))
        if len(first) == shown:
            break
    return tuple(first)


def _count(groups: Mapping[_Group, Mapping[AlertId, Alert]], severity: Severity) -> SeverityCount:
    mine = [(state, len(members)) for (state, other), members in groups.items() if other is severity]
    return SeverityCount(
        severity, sum(count for _, count in mine), sum(count for state, count in mine if state.is_waiting)
    )
