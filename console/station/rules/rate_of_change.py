"""The rule of rates: a value that moves faster than it should, either way.

Judged over a minute, not from reading to reading: noise of 0.1 °C between two readings of one second would
be 6 °C a minute. So it raises as soon as the value has moved by more than a minute's share within a minute,
and clears up to a minute after it came to rest.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from console.station.rules.delays import Delays, delays_of, paused
from console.station.rules.numbers import limit_text, shown_value
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

_MINUTE_S = 60.0
_PERIODS = 1.5
"""A device that is read more rarely than once a minute is judged over this many of its periods."""


@dataclass(frozen=True, slots=True)
class RateRule:
    """Raises where the value moved by more than `amount` a minute within the window.

    `RuleState.kept`: from when on the window is whole (an open episode must not end because nothing is
    remembered yet); how many numbers belong to the lowest values, then time and value of each: those of the
    window that no later value undercuts; then the highest ones likewise. Bounded by the window's readings.
    """

    metric_index: int = field(compare=False)
    quantity: Quantity
    amount: float
    window_s: float
    deadband: float
    delays: Delays
    subject: Subject = Subject.VALUE
    calm: tuple[float, float] | None = None

    @property
    def on_delay_s(self) -> float:
        """See SkippingRule."""
        return self.delays.on_s

    @property
    def off_delay_s(self) -> float:
        """See SkippingRule."""
        return self.delays.off_s

    @property
    def reach_s(self) -> float:
        """See SkippingRule."""
        return self.window_s

    @property
    def _allowed(self) -> float:
        """How far the value may move within the window."""
        return self.amount * self.window_s / _MINUTE_S

    def start(self, *, is_standing: bool) -> RuleState:
        """See `Rule.start`."""
        return STANDING if is_standing else NORMAL

    def judge(self, state: RuleState, sign: float | None, at_unix: float) -> tuple[RuleState, Verdict | None]:
        """Take one value in. See `Rule.judge`."""
        if sign is None:
            return paused(state), None
        kept = state.kept
        if not kept or at_unix < kept[int(kept[1])]:  # the latest reading's time; the clock was set back
            kept = (at_unix + self.window_s if state.is_standing else float("-inf"), 0.0)
        lows, highs = self._window(kept, sign, at_unix)
        moved = max(sign - lows[1], highs[1] - sign)
        allowed = self._allowed
        after, kind = self.delays.advance(
            state,
            at_unix,
            is_true=moved > allowed,
            is_over=moved <= allowed - self.deadband and at_unix >= kept[0],
        )
        kept = (kept[0], float(len(lows)), *lows, *highs)
        after = RuleState(after.phase, after.elapsed_s, after.last_unix, kept)
        return after, None if kind is None else Verdict(kind, sign, self.amount)

    def sentence(self, verdict: Verdict) -> str:
        """See `Rule.sentence`."""
        metric = self.quantity
        how = "moves" if verdict.kind is TransitionKind.RAISED else "no longer moves"
        return (
            f"{metric.label} {shown_value(verdict.value, metric)} {how} faster than "
            f"{limit_text(self.amount, metric)} a minute"
        )

    def stays(self, phase: Phase, low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.bool_]:
        """See `SkippingRule.stays`. Whether a standing one goes on cannot be told from bounds."""
        if phase is not Phase.NORMAL:
            return np.zeros(len(low), np.bool_)
        return high - low <= self._allowed

    def _window(
        self, kept: tuple[float, ...], value: float, at_unix: float
    ) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Return the lowest and the highest values of the window, each as time, value, time, value, …"""
        split = 2 + int(kept[1])
        lows, highs = kept[2:split], kept[split:]
        oldest_unix = at_unix - self.window_s
        first = 0
        while first < len(lows) and lows[first] < oldest_unix:
            first += 2
        last = len(lows)
        while last > first and lows[last - 1] >= value:
            last -= 2
        lows = (*lows[first:last], at_unix, value)
        first = 0
        while first < len(highs) and highs[first] < oldest_unix:
            first += 2
        last = len(highs)
        while last > first and highs[last - 1] <= value:
            last -= 2
        return lows, (*highs[first:last], at_unix, value)


def rate_rule(threshold: Threshold, circumstances: Circumstances) -> RateRule | CannotJudge:
    """Return the rule of a threshold on a rate."""
    if threshold.amount is None or threshold.amount <= 0:
        return CannotJudge("it does not say how fast is too fast")
    window_s = max(_MINUTE_S, _PERIODS * circumstances.period_s)
    allowed = threshold.amount * window_s / _MINUTE_S
    return RateRule(
        metric_index=circumstances.place_of(threshold),
        quantity=circumstances.quantity_of(threshold),
        amount=threshold.amount,
        window_s=window_s,
        # A deadband as wide as what is allowed could never clear.
        deadband=min(max(0.0, threshold.deadband), 0.9 * allowed),
        delays=delays_of(threshold, circumstances.longest_gap_s),
    )
