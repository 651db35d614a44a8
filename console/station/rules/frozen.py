"""The rule of frozen values: a sensor that reports the same for so long that it cannot be true."""

from dataclasses import dataclass, field

from console.station.rules.delays import Delays, delays_of, paused
from console.station.rules.numbers import limit_text, plain_number, shown_value
from console.station.rules.rule import CannotJudge, Circumstances, Phase, RuleState, Subject, Verdict
from models.quantities import Quantity
from models.records.alert import TransitionKind
from models.records.threshold import Threshold


@dataclass(frozen=True, slots=True)
class FrozenRule:
    """Raises where the value stays within `amount` of where it came to rest for the on-delay.

    `RuleState.kept`: the value at which it came to rest; nothing before the first.
    """

    metric_index: int = field(compare=False)
    quantity: Quantity
    amount: float
    delays: Delays
    subject: Subject = Subject.VALUE
    calm: tuple[float, float] | None = None

    def start(self, *, is_standing: bool) -> RuleState:
        """See `Rule.start`. An open one goes on until the value is seen to move."""
        return RuleState(Phase.STANDING if is_standing else Phase.NORMAL)

    def judge(self, state: RuleState, sign: float | None, at_unix: float) -> tuple[RuleState, Verdict | None]:
        """Take one value in. See `Rule.judge`."""
        if sign is None:
            return paused(state), None
        kept = state.kept
        has_moved = bool(kept) and abs(sign - kept[0]) > self.amount
        if has_moved or not kept:
            kept = (sign,)
        # Once it has moved it is free, until it has rested for the on-delay again.
        is_over = has_moved or state.phase is Phase.CLEARING
        if has_moved and not state.is_standing:
            # The time at rest is counted from the very reading that moved.
            return RuleState(Phase.RAISING, 0.0, at_unix, kept), None
        after, kind = self.delays.advance(state, at_unix, is_true=not has_moved, is_over=is_over)
        if kind is TransitionKind.CLEARED:
            after = RuleState(Phase.RAISING, 0.0, at_unix, kept)
        else:
            after = RuleState(after.phase, after.elapsed_s, after.last_unix, kept)
        return after, None if kind is None else Verdict(kind, sign, self.amount)

    def sentence(self, verdict: Verdict) -> str:
        """See `Rule.sentence`."""
        metric = self.quantity
        shown = f"{metric.label} {shown_value(verdict.value, metric)}"
        if verdict.kind is TransitionKind.CLEARED:
            return f"{shown} moves again"
        within = f" by more than {limit_text(self.amount, metric)}" if self.amount else ""
        return f"{shown} has not moved{within} for {plain_number(self.delays.on_s)} s"


def frozen_rule(threshold: Threshold, circumstances: Circumstances) -> FrozenRule | CannotJudge:
    """Return the rule of a threshold on frozen values."""
    if threshold.on_delay_s <= 0:
        return CannotJudge("its on-delay does not say for how long the value may rest")
    return FrozenRule(
        metric_index=circumstances.place_of(threshold),
        quantity=circumstances.quantity_of(threshold),
        amount=max(0.0, threshold.amount or 0.0),
        delays=delays_of(threshold, circumstances.longest_gap_s),
    )
