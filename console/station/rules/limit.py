"""The rule of limits: below a minimum or above a maximum, with deadband and delays (ISA-18.2, 10.5)."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from console.station.rules.delays import Delays, delays_of, paused
from console.station.rules.numbers import limit_text, plain_number, shown_value, value_text
from console.station.rules.rule import (
    NORMAL,
    STANDING,
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

_WIDEST_DEADBAND = 0.25
"""Of the range between two limits. Wider, and no value would be inside both: the alert could never clear."""


@dataclass(frozen=True, slots=True)
class LimitRule:
    """Raises above `high` or below `low`; clears once the value is inside both by the deadband.

    A value that equals a limit is inside it. One episode covers both limits: a jump from one side to the
    other does not end it.
    """

    metric_index: int = field(compare=False)
    quantity: Quantity
    low: float | None
    high: float | None
    deadband: float
    delays: Delays
    subject: Subject = Subject.VALUE
    reach_s: float = 0.0

    @property
    def calm(self) -> tuple[float, float]:
        """Both limits, infinite where there is none."""
        return (
            float("-inf") if self.low is None else self.low,
            float("inf") if self.high is None else self.high,
        )

    @property
    def on_delay_s(self) -> float:
        """See SkippingRule."""
        return self.delays.on_s

    @property
    def off_delay_s(self) -> float:
        """See SkippingRule."""
        return self.delays.off_s

    def start(self, *, is_standing: bool) -> RuleState:
        """Return the state of a threshold that nothing is known of yet, or of an open episode."""
        return STANDING if is_standing else NORMAL

    def judge(self, state: RuleState, sign: float | None, at_unix: float) -> tuple[RuleState, Verdict | None]:
        """Take one value in. See `Rule.judge`."""
        if sign is None:
            # The delay stops counting here, and counts on from the next good value: nobody knows what the
            # value did in between.
            return paused(state), None
        high, low = self.high, self.low
        state, kind = self.delays.advance(
            state,
            at_unix,
            is_true=(high is not None and sign > high) or (low is not None and sign < low),
            is_over=(high is None or sign <= high - self.deadband)
            and (low is None or sign >= low + self.deadband),
        )
        if kind is None:
            return state, None
        return state, Verdict(kind, sign, self._limit(kind, sign))

    def sentence(self, verdict: Verdict) -> str:
        """See `Rule.sentence`."""
        metric, value = self.quantity, verdict.value
        assert value is not None  # this rule judges values
        if verdict.kind is TransitionKind.RAISED:
            limit = verdict.limit
            assert limit is not None  # a limit is violated, so there is one
            side = "above" if value > limit else "below"
            shown = value_text(value, limit, metric)
            return f"{metric.label} {shown} is {side} the limit of {limit_text(limit, metric)}"
        if self.low is not None and self.high is not None:
            place = f"between {plain_number(self.low)} and {limit_text(self.high, metric)}"
        elif self.high is not None:
            place = f"below {limit_text(self.high, metric)}"
        else:
            assert self.low is not None  # `limit_rule` makes no rule without a limit
            place = f"above {limit_text(self.low, metric)}"
        return f"{metric.label} {shown_value(value, metric)} is back {place}"

    def stays(self, phase: Phase, low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.bool_]:
        """See `SkippingRule.stays`."""
        least, most = self.calm
        if phase is Phase.NORMAL:
            return (low >= least) & (high <= most)
        # No value is inside both limits by the deadband: all are above the one, or all below the other.
        return (low > most - self.deadband) | (high < least + self.deadband)

    def _limit(self, kind: TransitionKind, value: float) -> float | None:
        if kind is TransitionKind.RAISED:
            return self.high if self.high is not None and value > self.high else self.low
        return self.low if self.high is None else self.high if self.low is None else None


def limit_rule(threshold: Threshold, circumstances: Circumstances) -> LimitRule | CannotJudge:
    """Return the rule of a threshold with a limit."""
    low, high = threshold.min_value, threshold.max_value
    if low is None and high is None:
        return CannotJudge("it names neither a minimum nor a maximum")
    deadband = max(0.0, threshold.deadband)
    if low is not None and high is not None:
        if low > high:
            text = f"its minimum {plain_number(low)} is above its maximum {plain_number(high)}"
            return CannotJudge(text)
        deadband = min(deadband, (high - low) * _WIDEST_DEADBAND)
    return LimitRule(
        metric_index=circumstances.place_of(threshold),
        quantity=circumstances.quantity_of(threshold),
        low=low,
        high=high,
        deadband=deadband,
        delays=delays_of(threshold, circumstances.longest_gap_s),
    )
