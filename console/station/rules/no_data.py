"""The rule of missing values: no good value of a metric for so many periods, whatever the reason."""

from dataclasses import dataclass, field

from console.station.rules.delays import Delays, delays_of
from console.station.rules.numbers import plain_number, shown_value
from console.station.rules.rule import (
    LONGEST_TICK_S,
    CannotJudge,
    Circumstances,
    Phase,
    RuleState,
    Subject,
    Verdict,
)
from models.quantities import Quantity
from models.records.alert import TransitionKind
from models.records.threshold import Threshold


@dataclass(frozen=True, slots=True)
class NoDataRule:
    """Raises once no good value came for `amount` periods; clears with a good value, never without one.

    `RuleState.kept`: for how long there was none, seconds that were lived through.
    """

    metric_index: int = field(compare=False)
    quantity: Quantity
    amount: float
    longest_age_s: float
    delays: Delays
    subject: Subject = Subject.DATA
    calm: tuple[float, float] | None = None

    def start(self, *, is_standing: bool) -> RuleState:
        """See `Rule.start`."""
        return RuleState(Phase.STANDING if is_standing else Phase.NORMAL)

    def judge(self, state: RuleState, sign: float | None, at_unix: float) -> tuple[RuleState, Verdict | None]:
        """Take in a value, or None as time passes without one. See `Rule.judge`."""
        age_s = 0.0
        if sign is None:
            age_s = self.delays.step_s(state, at_unix) + (state.kept[0] if state.kept else 0.0)
        is_missing = age_s >= self.longest_age_s
        # The off-delay may run on for a moment without a value, but only a value ends the episode.
        is_waiting = sign is None and state.phase is Phase.CLEARING and not is_missing
        if is_waiting:
            elapsed_s = state.elapsed_s + self.delays.step_s(state, at_unix)
            return RuleState(Phase.CLEARING, elapsed_s, at_unix, (age_s,)), None
        after, kind = self.delays.advance(state, at_unix, is_true=is_missing, is_over=sign is not None)
        after = RuleState(after.phase, after.elapsed_s, at_unix, (age_s,))
        return after, None if kind is None else Verdict(kind, sign, self.amount)

    def sentence(self, verdict: Verdict) -> str:
        """See `Rule.sentence`."""
        metric = self.quantity
        if verdict.kind is TransitionKind.CLEARED:
            return f"{metric.label} {shown_value(verdict.value, metric)} is read again"
        age = plain_number(self.longest_age_s + self.delays.on_s)
        return f"{metric.label} has had no good value for {age} s"


def no_data_rule(threshold: Threshold, circumstances: Circumstances) -> NoDataRule | CannotJudge:
    """Return the rule of a threshold on missing values."""
    if threshold.amount is None or threshold.amount <= 0:
        return CannotJudge("it does not say after how many periods")
    return NoDataRule(
        metric_index=circumstances.place_of(threshold),
        quantity=circumstances.quantity_of(threshold),
        amount=threshold.amount,
        longest_age_s=threshold.amount * circumstances.period_s,
        delays=delays_of(threshold, LONGEST_TICK_S),
    )
