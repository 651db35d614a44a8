"""The open alerts, prepared for the list: what is known of each is worked out once, when it changes. Pure.

In a flood the whole set comes ten times a second and little of it is new. Whatever would have to be
computed for every alert each time (state, order, words to search) is kept for as long as it stays the same.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from console.panels.alerts.alert_rows import Column, haystack_of, sort_key, urgency_of
from console.panels.alerts.open_filter import OpenFilter
from console.widgets.severity_badge import BadgeState, state_of
from models.records.alert import Alert, AlertId


class _Face:
    """One alert with what the list needs of it."""

    __slots__ = ("_column", "_haystack", "_key", "alert", "state", "urgency")

    def __init__(self, alert: Alert) -> None:
        self.alert = alert
        self.state = state_of(alert)
        self.urgency = urgency_of(alert)
        self._haystack = ""
        self._column: Column | None = None
        self._key: Any = None

    def has(self, words: Sequence[str]) -> bool:
        if not self._haystack:
            self._haystack = haystack_of(self.alert)
        return all(word in self._haystack for word in words)

    def key(self, column: Column) -> Any:
        if self._column is not column:
            self._column, self._key = column, sort_key(column)(self.alert)
        return self._key


class OpenRows:
    """Every open alert, and how it is arranged."""

    def __init__(self) -> None:
        self._faces: dict[AlertId, _Face] = {}
        self._alerts: tuple[Alert, ...] = ()
        self._counts: Counter[BadgeState] = Counter()

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """All of them, in the order they came; one that did not change is the same object as before."""
        return self._alerts

    @property
    def counts(self) -> Mapping[BadgeState, int]:
        """How many are in each state."""
        return self._counts

    @property
    def hidden(self) -> int:
        """How many are shelved or suppressed."""
        return sum(count for state, count in self._counts.items() if state.is_hidden)

    def __contains__(self, id: AlertId) -> bool:
        return id in self._faces

    def take(self, alerts: Sequence[Alert]) -> set[AlertId]:
        """Hold these instead; return those that are new or other than before."""
        changed: set[AlertId] = set()
        before, faces = self._faces, dict[AlertId, _Face]()
        for alert in alerts:
            face = before.get(alert.id)
            if face is None or (face.alert is not alert and face.alert != alert):
                face = _Face(alert)
                changed.add(alert.id)
            faces[alert.id] = face
        self._faces = faces
        self._alerts = tuple(face.alert for face in faces.values())
        self._counts = Counter(face.state for face in faces.values() if face.state is not None)
        return changed

    def arranged(self, narrowed: OpenFilter, column: Column | None, *, is_descending: bool) -> list[Alert]:
        """Return what passes the filter, by urgency, or by a column and within equal cells by urgency."""
        shown = self._passing(narrowed)
        shown.sort(key=lambda face: face.urgency)
        if column is not None:
            # Python's sort is stable, backwards too: equal cells stay in order of urgency.
            shown.sort(key=lambda face: face.key(column), reverse=is_descending)
        return [face.alert for face in shown]

    def _passing(self, narrowed: OpenFilter) -> list[_Face]:
        words = narrowed.typed.casefold().split()
        severities, states = narrowed.severities, narrowed.states
        location, device, has_hidden = narrowed.location, narrowed.device, narrowed.has_hidden
        return [
            face
            for face in self._faces.values()
            if face.state is not None
            and (has_hidden if face.state.is_hidden else not states or face.state in states)
            and (not severities or face.alert.severity in severities)
            and (location is None or face.alert.location == location)
            and (device is None or face.alert.device == device)
            and (not words or face.has(words))
        ]
