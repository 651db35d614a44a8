"""The rule of limits: below a minimum or above a maximum, with deadband and delays (ISA-18.2, 10.5)."""

from dataclasses import dataclass

from console.station.rules.rule import Phase, RuleState, Verdict
from models.metrics import METRIC_INDEX, METRICS, Metric
from models.records.alert import TransitionKind
from models.records.threshold import Threshold

_NORMAL = RuleState(Phase.NORMAL)
_STANDING = RuleState(Phase.STANDING)

_WIDEST_DEADBAND = 0.25
"""Of the range between two limits. Wider, and no value would be inside both: the alert could never clear."""

_MOST_DECIMALS = 9


@dataclass(frozen=True, slots=True)
class LimitRule:
    """Raises above `high` or below `low`; clears once the value is inside both by the deadband.

    A value that equals a limit is inside it. The on-delay runs while the limit is passed, and starts anew as
    soon as it is not; the off-delay runs while the value is inside by the deadband, and starts anew as soon
    as it is not. One episode covers both limits: a jump from one side to the other does not end it.
    """

    metric_index: int
    low: float | None
    high: float | None
    deadband: float
    on_delay_s: float
    off_delay_s: float
    longest_gap_s: float

    @property
    def calm(self) -> tuple[float, float]:
        """Both limits, infinite where there is none."""
        return (
            float("-inf") if self.low is None else self.low,
            float("inf") if self.high is None else self.high,
        )

    def start(self, *, is_standing: bool) -> RuleState:
        """Return the state of a threshold that nothing is known of yet, or of an open episode."""
        return _STANDING if is_standing else _NORMAL

    def judge(
        self, state: RuleState, value: float | None, at_unix: float
    ) -> tuple[RuleState, Verdict | None]:
        """Take one value in. See `Rule.judge`."""
        if value is None:
            # The delay stops counting here, and counts on from the next good value: nobody knows what the
            # value did in between.
            return RuleState(state.phase, state.elapsed_s), None
        if state.is_standing:
            return self._judge_standing(state, value, at_unix)
        if not self._is_violated(value):
            return _NORMAL, None
        elapsed_s = 0.0
        if state.phase is Phase.RAISING:
            elapsed_s = state.elapsed_s + self._step_s(state, at_unix)
        if elapsed_s < self.on_delay_s:
            return RuleState(Phase.RAISING, elapsed_s, at_unix), None
        return _STANDING, self._raised(value)

    def _judge_standing(
        self, state: RuleState, value: float, at_unix: float
    ) -> tuple[RuleState, Verdict | None]:
        if not self._is_inside(value):
            return _STANDING, None
        elapsed_s = 0.0
        if state.phase is Phase.CLEARING:
            elapsed_s = state.elapsed_s + self._step_s(state, at_unix)
        if elapsed_s < self.off_delay_s:
            return RuleState(Phase.CLEARING, elapsed_s, at_unix), None
        return _NORMAL, self._cleared(value)

    def _step_s(self, state: RuleState, at_unix: float) -> float:
        """Return by how much a running delay grows: not across a gap, nor where the clock ran backwards."""
        if state.last_unix is None:
            return 0.0
        step_s = at_unix - state.last_unix
        return step_s if 0.0 <= step_s <= self.longest_gap_s else 0.0

    def _is_violated(self, value: float) -> bool:
        return (self.high is not None and value > self.high) or (self.low is not None and value < self.low)

    def _is_inside(self, value: float) -> bool:
        if self.high is not None and value > self.high - self.deadband:
            return False
        return self.low is None or value >= self.low + self.deadband

    def _raised(self, value: float) -> Verdict:
        metric = METRICS[self.metric_index]
        is_high = self.high is not None and value > self.high
        limit = self.high if is_high else self.low
        assert limit is not None  # a limit is violated, so there is one
        side = "above" if is_high else "below"
        shown = _value_text(value, limit, metric)
        message = f"{metric.label} {shown} is {side} the limit of {_text(limit, metric)}"
        return Verdict(TransitionKind.RAISED, value, limit, message)

    def _cleared(self, value: float) -> Verdict:
        metric = METRICS[self.metric_index]
        if self.low is not None and self.high is not None:
            place, limit = f"between {_number(self.low)} and {_text(self.high, metric)}", None
        elif self.high is not None:
            place, limit = f"below {_text(self.high, metric)}", self.high
        else:
            assert self.low is not None  # `limit_rule` makes no rule without a limit
            place, limit = f"above {_text(self.low, metric)}", self.low
        message = f"{metric.label} {value:.{metric.decimals}f} {metric.unit} is back {place}"
        return Verdict(TransitionKind.CLEARED, value, limit, message)


def limit_rule(threshold: Threshold, longest_gap_s: float) -> LimitRule | None:
    """Return the rule of a threshold with a limit, None where it has none or its metric is unknown."""
    low, high = threshold.min_value, threshold.max_value
    index = METRIC_INDEX.get(threshold.metric)
    if index is None or (low is None and high is None):
        return None
    deadband = max(0.0, threshold.deadband)
    if low is not None and high is not None:
        deadband = min(deadband, max(0.0, high - low) * _WIDEST_DEADBAND)
    return LimitRule(
        metric_index=index,
        low=low,
        high=high,
        deadband=deadband,
        on_delay_s=threshold.on_delay_s,
        off_delay_s=threshold.off_delay_s,
        longest_gap_s=longest_gap_s,
    )


def _value_text(value: float, limit: float, metric: Metric) -> str:
    """Write a value with as many digits as it takes to differ from the limit: never "70.0 is above 70"."""
    decimals = metric.decimals
    while decimals < _MOST_DECIMALS and float(f"{value:.{decimals}f}") == limit:
        decimals += 1
    return f"{value:.{decimals}f} {metric.unit}"


def _text(limit: float, metric: Metric) -> str:
    return f"{_number(limit)} {metric.unit}"


def _number(limit: float) -> str:
    """Write a limit as somebody typed it: 70, 0.5, 100000; no exponent, no float noise."""
    text = f"{limit:.6f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
