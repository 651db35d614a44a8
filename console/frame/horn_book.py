"""What the horn has to say, of the open alerts as they are: pure, but for what was silenced here.

    unacknowledged, standing, not hidden, critical or warning  →  sounds, until acknowledged or silenced
    another alert, a re-occurrence, a re-alarm                 →  sounds again
    a flood (EEMUA 191: begins above 10 in 10 min, ends        →  one summary sound for all that are not
    below 5)                                                      critical; once silenced it keeps still for a
                                                                  minute, whatever else comes
    critical                                                   →  always sounds
    what is wrong with the station itself, critical or warning →  sounds like an alert, once: until it is over
                                                                  or silenced

Severity info is for the journal and never sounds. Silence is this workstation's: nobody else hears of it, and
the alert goes on asking.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from console.bridge.sound_files import Sound
from console.frame.alert_changes import changes_between
from console.widgets.severity_badge import BadgeState, state_of
from models.records.alarm_load import FLOOD_BEGINS_ABOVE, FLOOD_ENDS_BELOW, FLOOD_WINDOW_S
from models.records.alert import Alert
from models.records.station import Condition, ConditionKind
from models.records.threshold import Severity

SUMMARY_PAUSE_S = 60.0

_SAME_MOMENT = timedelta(seconds=2)
"""So far apart may the station and the database date one annunciation (`bridge/station_alerts.py`)."""
_SAME_CONDITION_S = 5.0

Episode = tuple[int, int]
Annunciation = tuple[Episode, datetime]
_ConditionKey = tuple[ConditionKind, Severity, float]


@dataclass(frozen=True, slots=True)
class HornState:
    """What is to be heard and shown.

    Attributes:
        sound: What sounds now; None = nothing.
        sounding: How many alerts and conditions would sound, had they not to share the horn.
        is_silenced: Something unacknowledged would sound, had it not been silenced here.
        is_flood: Alerts come faster than anybody can take note of.
        recent: How many asked within the last ten minutes.
    """

    sound: Sound | None = None
    sounding: int = 0
    is_silenced: bool = False
    is_flood: bool = False
    recent: int = 0


class HornBook:
    """Remembers which annunciations were silenced, and when others came. `now_unix` is Unix seconds."""

    def __init__(self) -> None:
        self._alerts: tuple[Alert, ...] = ()
        self._asking: dict[Annunciation, Severity] = {}
        self._silenced: set[Annunciation] = set()
        self._came: dict[Annunciation, float] = {}
        self._last: dict[Episode, datetime] = {}
        self._conditions: dict[_ConditionKey, Severity] = {}
        self._silenced_conditions: set[_ConditionKey] = set()
        self._is_flood = False
        self._summary_from = 0.0

    def take(self, alerts: Sequence[Alert], now_unix: float) -> HornState:
        """Look at the open alerts anew; only at what is different, because a flood has thousands."""
        went, came = changes_between(self._alerts, alerts)
        self._alerts = tuple(alerts)
        before = self._asking.keys() & {self._annunciation(alert) for alert in went}
        for annunciation in before:
            del self._asking[annunciation]
        for alert in came:
            if alert.severity is not Severity.INFO and state_of(alert) is BadgeState.UNACKNOWLEDGED:
                annunciation = self._annunciation(alert)
                self._asking[annunciation] = alert.severity
                # Counted by when it asked, not by when this window heard of it: what stood for hours when
                # somebody signs in is no flood.
                self._came.setdefault(annunciation, annunciation[1].timestamp())
        self._silenced &= self._asking.keys()
        return self.tell(now_unix)

    def take_conditions(self, conditions: Sequence[Condition], now_unix: float) -> HornState:
        """Look at what is wrong with the station now. What was silenced stays so, also if told anew."""
        known = [*self._conditions, *self._silenced_conditions]
        self._conditions = {
            _same_condition(each, known): each.severity
            for each in conditions
            if each.severity is not Severity.INFO
        }
        return self.tell(now_unix)

    def tell(self, now_unix: float) -> HornState:
        """Return what is to be heard now: time alone ends floods and pauses."""
        oldest = now_unix - FLOOD_WINDOW_S
        self._came = {key: at_unix for key, at_unix in self._came.items() if at_unix > oldest}
        recent = len(self._came)
        self._is_flood = recent > FLOOD_BEGINS_ABOVE or (self._is_flood and recent >= FLOOD_ENDS_BELOW)
        loud = [severity for key, severity in self._asking.items() if key not in self._silenced]
        loud += [
            severity for key, severity in self._conditions.items() if key not in self._silenced_conditions
        ]
        return HornState(
            sound=self._sound_of(loud, now_unix),
            sounding=len(loud),
            is_silenced=bool(self._silenced),
            is_flood=self._is_flood,
            recent=recent,
        )

    def silence(self, now_unix: float) -> HornState:
        """Keep quiet about everything that asks now."""
        self._silenced |= self._asking.keys()
        self._silenced_conditions |= self._conditions.keys()
        self._summary_from = now_unix + SUMMARY_PAUSE_S
        return self.tell(now_unix)

    def _annunciation(self, alert: Alert) -> Annunciation:
        # By device and threshold, because an alert that the station told has another number than the same
        # one once the database lists it.
        episode = (0, alert.id) if alert.threshold is None else (alert.device, alert.threshold)
        at, last = alert.annunciated_at or alert.triggered_at, self._last.get(episode)
        if last is None or abs(at - last) > _SAME_MOMENT:
            self._last[episode] = last = at
        return episode, last

    def _sound_of(self, loud: list[Severity], now_unix: float) -> Sound | None:
        if Severity.CRITICAL in loud:
            return Sound.CRITICAL
        if not loud:
            return None
        if not self._is_flood:
            return Sound.WARNING
        return Sound.FLOOD if now_unix >= self._summary_from else None


def _same_condition(condition: Condition, known: Sequence[_ConditionKey]) -> _ConditionKey:
    """Return the key it is known by; a key of its own where it began now, or got worse."""
    for kind, severity, since_unix in known:
        is_same_time = abs(since_unix - condition.since_unix) <= _SAME_CONDITION_S
        if is_same_time and (kind, severity) == (condition.kind, condition.severity):
            return kind, severity, since_unix
    return condition.kind, condition.severity, condition.since_unix
