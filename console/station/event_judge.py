"""What a device reports, as its thresholds see it: which conditions stand, and what merely happened. Pure.

Conditions stand and end; the rule judges the most severe. An event without a state begins an episode and ends
it at once; how often is bounded, and what came meanwhile is told with the next one. While an episode stands,
what changes is told anew, as seldom.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from drivers.events import DeviceEvent, EventNews
from models.records.threshold import ThresholdId

SELDOM_S = 10.0
"""Between two episodes of plain events, and between two tellings of what stands."""

_MARK_UP = re.compile(r"<(?=[A-Za-z/!?])")
"""No device decides how its words look: tool tips take for mark-up what begins so."""

MOST_STANDING = 5000
"""More conditions than a driver keeps."""


@dataclass(slots=True)
class _Seen:
    """What one threshold was told.

    Attributes:
        worst, count: Of the plain events that wait to be told.
        told: The sentence of the episode that stands.
        told_unix: When something was told last.
    """

    worst: DeviceEvent | None = None
    count: int = 0
    told: str = ""
    told_unix: float = float("-inf")


class EventJudge:
    """Of one device. Nothing is known of its conditions until it has said what stands."""

    def __init__(
        self, leasts: Iterable[tuple[ThresholdId, float]], before: "EventJudge | None" = None
    ) -> None:
        """Begin for these thresholds, each with its least severity; `before` goes on with what it knew."""
        known: dict[ThresholdId, _Seen] = {} if before is None else before._seen
        self._leasts = dict(leasts)
        self._seen: dict[ThresholdId, _Seen] = {id: known.get(id) or _Seen() for id in self._leasts}
        self._standing: dict[str, DeviceEvent] = {} if before is None else before._standing
        self._is_known = before is not None and before._is_known

    def take(self, news: EventNews) -> None:
        """Take in what a device reported."""
        for event in news.events:
            if event.is_active is None:
                self._note(event)
            elif not event.is_active:
                self._standing.pop(event.key, None)
            elif event.key in self._standing or len(self._standing) < MOST_STANDING:
                self._standing[event.key] = event
        if news.standing is not None:
            self._is_known = True
            self._standing = {key: event for key, event in self._standing.items() if key in news.standing}

    def sign(self) -> float | None:
        """Return the highest severity that stands, 0.0 for nothing, None where that is not known yet."""
        if self._standing:
            return float(max(event.severity for event in self._standing.values()))
        return 0.0 if self._is_known else None

    def begin(self, threshold: ThresholdId, at_unix: float) -> str:
        """Return the sentence with which an episode begins."""
        seen = self._seen[threshold]
        seen.told = self._sentence(threshold)
        seen.told_unix = at_unix
        return seen.told

    def change(self, threshold: ThresholdId, at_unix: float) -> str | None:
        """Return what is to be told of an episode that stands; None where it is nothing, or too soon.

        Plain events meanwhile are told with it.
        """
        seen, stands = self._seen[threshold], self._sentence(threshold)
        is_same = stands == seen.told or not stands  # nothing stands: its end is told by the rule
        if not self._may_tell(seen, at_unix) or (is_same and seen.worst is None):
            return None
        also = "" if seen.worst is None else f"meanwhile {_with_more(seen.worst, seen.count - 1)}"
        seen.told, seen.told_unix = stands or seen.told, at_unix
        seen.worst, seen.count = None, 0
        return "; ".join(filter(None, (seen.told, also)))

    def moment(self, threshold: ThresholdId, at_unix: float) -> str | None:
        """Return the sentence of plain events that came while nothing stands; None where it is too soon."""
        seen = self._seen[threshold]
        if seen.worst is None or not self._may_tell(seen, at_unix):
            return None
        sentence = f"{_with_more(seen.worst, seen.count - 1)} reported by the device"
        seen.worst, seen.count, seen.told_unix = None, 0, at_unix
        return sentence

    def _note(self, event: DeviceEvent) -> None:
        for id, least in self._leasts.items():
            if event.severity >= least:
                seen = self._seen[id]
                seen.count += 1
                if seen.worst is None or event.severity > seen.worst.severity:
                    seen.worst = event

    def _sentence(self, threshold: ThresholdId) -> str:
        least = self._leasts[threshold]
        standing = [event for event in self._standing.values() if event.severity >= least]
        if not standing:
            return ""
        # Of equals the first that came: the sentence must not change with each that joins.
        worst = max(standing, key=lambda event: event.severity)
        return f"{_with_more(worst, len(standing) - 1)} reported by the device"

    @staticmethod
    def _may_tell(seen: _Seen, at_unix: float) -> bool:
        # A clock that was put back must not silence a device.
        return not 0.0 <= at_unix - seen.told_unix < SELDOM_S


def event_words(event: DeviceEvent) -> str:
    """Return one event in words: "Press 3: Motor overtemperature (severity 700)"."""
    text = event.message or event.name or "Event"
    if event.source and event.source.casefold() not in text.casefold():
        text = f"{event.source}: {text}"
    plain = _MARK_UP.sub("\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}", text)
    return f"{plain} (severity {event.severity})"


def _with_more(event: DeviceEvent, more: int) -> str:
    return event_words(event) if more <= 0 else f"{event_words(event)} and {more:,} more"
