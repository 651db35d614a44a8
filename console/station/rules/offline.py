"""The rule of lost communication: the device does not answer, or only with errors."""

from dataclasses import dataclass

from console.station.rules.delays import Delays, delays_of, paused
from console.station.rules.rule import (
    ANSWERS,
    ERRORS,
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
class OfflineRule:
    """Raises while polls fail; clears with an answer, whatever its values are worth."""

    delays: Delays
    subject: Subject = Subject.CONTACT
    metric_index: int = -1
    calm: tuple[float, float] | None = None

    def start(self, *, is_standing: bool) -> RuleState:
        """See `Rule.start`."""
        return STANDING if is_standing else NORMAL

    def judge(self, state: RuleState, sign: float | None, at_unix: float) -> tuple[RuleState, Verdict | None]:
        """Take in ANSWERS, LOST or ERRORS. See `Rule.judge`."""
        if sign is None:
            return paused(state), None
        answers = sign == ANSWERS
        state, kind = self.delays.advance(state, at_unix, is_true=not answers, is_over=answers)
        return state, None if kind is None else Verdict(kind, None, None, sign)

    def sentence(self, verdict: Verdict) -> str:
        """See `Rule.sentence`."""
        if verdict.kind is TransitionKind.CLEARED:
            return "The device answers again"
        if verdict.sign == ERRORS:
            return "The device cannot be read; its status says why"
        return "The device does not answer"


def offline_rule(threshold: Threshold, circumstances: Circumstances) -> OfflineRule | CannotJudge:
    """Return the rule of a threshold on lost communication."""
    del circumstances
    return OfflineRule(delays_of(threshold, LONGEST_TICK_S))
