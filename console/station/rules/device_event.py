"""The rule of reported events: the device itself says that something stands, in its own words."""

from dataclasses import dataclass

from console.station.rules.delays import Delays, delays_of, paused
from console.station.rules.rule import (
    LONGEST_TICK_S,
    NORMAL,
    STANDING,
    CannotJudge,
    Circumstances,
    RuleState,
    Subject,
    Verdict,
)
from models.records.alert import TransitionKind
from models.records.threshold import Threshold


@dataclass(frozen=True, slots=True)
class DeviceEventRule:
    """Raises while the device reports a condition of severity `least` or more.

    `event_judge.py` puts the device's own words in place of the sentence.
    """

    least: float
    delays: Delays
    subject: Subject = Subject.EVENTS
    metric_index: int = -1
    calm: tuple[float, float] | None = None

    def start(self, *, is_standing: bool) -> RuleState:
        """See `Rule.start`. An open one goes on until the device has said what stands."""
        return STANDING if is_standing else NORMAL

    def judge(self, state: RuleState, sign: float | None, at_unix: float) -> tuple[RuleState, Verdict | None]:
        """Take in the highest severity that stands, 0.0 for nothing. See `Rule.judge`."""
        if sign is None:
            return paused(state), None
        stands = sign >= self.least
        state, kind = self.delays.advance(state, at_unix, is_true=stands, is_over=not stands)
        return state, None if kind is None else Verdict(kind, None, None, sign)

    def sentence(self, verdict: Verdict) -> str:
        """See `Rule.sentence`."""
        if verdict.kind is TransitionKind.CLEARED:
            return "The device reports no such condition any more"
        return f"The device reports a condition of severity {verdict.sign or 0.0:.0f}"


def device_event_rule(threshold: Threshold, circumstances: Circumstances) -> DeviceEventRule | CannotJudge:
    """Return the rule of a threshold on reported events."""
    if not circumstances.reports_events:
        return CannotJudge("alarms and events are switched off in its connection")
    return DeviceEventRule(max(1.0, threshold.amount or 0.0), delays_of(threshold, LONGEST_TICK_S))
