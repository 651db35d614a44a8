"""The rule of clocks: the device's own clock is too far from ours, so its times cannot be relied on."""

from dataclasses import dataclass

from console.station.rules.delays import Delays, delays_of, paused
from console.station.rules.numbers import plain_number
from console.station.rules.rule import (
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

_GAP_S = 300.0
"""A device tells its time when a value changes; two such moments may lie minutes apart."""


@dataclass(frozen=True, slots=True)
class ClockRule:
    """Raises where the device's clock is more than `amount` seconds from ours, either way."""

    amount: float
    deadband: float
    delays: Delays
    subject: Subject = Subject.CLOCK
    metric_index: int = -1
    calm: tuple[float, float] | None = None

    def start(self, *, is_standing: bool) -> RuleState:
        """See `Rule.start`."""
        return STANDING if is_standing else NORMAL

    def judge(self, state: RuleState, sign: float | None, at_unix: float) -> tuple[RuleState, Verdict | None]:
        """Take in by how many seconds the device's clock is ahead. See `Rule.judge`."""
        if sign is None:
            return paused(state), None
        off_s = abs(sign)
        state, kind = self.delays.advance(
            state, at_unix, is_true=off_s > self.amount, is_over=off_s <= self.amount - self.deadband
        )
        return state, None if kind is None else Verdict(kind, sign, self.amount, sign)

    def sentence(self, verdict: Verdict) -> str:
        """See `Rule.sentence`."""
        offset_s = verdict.sign or 0.0
        side = "ahead of" if offset_s > 0 else "behind"
        allowed = plain_number(self.amount)
        if verdict.kind is TransitionKind.RAISED:
            return f"The device's clock is {abs(offset_s):,.1f} s {side} ours; {allowed} s are allowed"
        return f"The device's clock is right again, to {abs(offset_s):.1f} s"


def clock_rule(threshold: Threshold, circumstances: Circumstances) -> ClockRule | CannotJudge:
    """Return the rule of a threshold on a device's clock."""
    if threshold.amount is None or threshold.amount <= 0:
        return CannotJudge("it does not say how many seconds are allowed")
    return ClockRule(
        amount=threshold.amount,
        deadband=min(max(0.0, threshold.deadband), 0.9 * threshold.amount),
        delays=delays_of(threshold, max(_GAP_S, circumstances.longest_gap_s)),
    )
