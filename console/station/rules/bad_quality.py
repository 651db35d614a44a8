"""The rule of bad quality: the device answers, and the metric has no value that can be used."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from console.station.rules.delays import Delays, delays_of, paused
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


@dataclass(frozen=True, slots=True)
class BadQualityRule:
    """Raises while readings come whose value of the metric is bad; clears with a good one."""

    metric_index: int = field(compare=False)
    quantity: Quantity
    delays: Delays
    subject: Subject = Subject.QUALITY
    calm: tuple[float, float] | None = None
    reach_s: float = 0.0

    @property
    def on_delay_s(self) -> float:
        """See SkippingRule."""
        return self.delays.on_s

    @property
    def off_delay_s(self) -> float:
        """See SkippingRule."""
        return self.delays.off_s

    def start(self, *, is_standing: bool) -> RuleState:
        """See `Rule.start`."""
        return STANDING if is_standing else NORMAL

    def judge(self, state: RuleState, sign: float | None, at_unix: float) -> tuple[RuleState, Verdict | None]:
        """Take in 1.0 for bad and 0.0 for good. See `Rule.judge`."""
        if sign is None:
            return paused(state), None
        state, kind = self.delays.advance(state, at_unix, is_true=sign > 0.0, is_over=sign <= 0.0)
        return state, None if kind is None else Verdict(kind, None, None, sign)

    def sentence(self, verdict: Verdict) -> str:
        """See `Rule.sentence`."""
        label = self.quantity.label
        if verdict.kind is TransitionKind.RAISED:
            return f"{label} has no usable value, although the device answers"
        return f"{label} has a usable value again"

    def stays(self, phase: Phase, low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.bool_]:
        """See `SkippingRule.stays`."""
        return high <= 0.0 if phase is Phase.NORMAL else low > 0.0


def bad_quality_rule(threshold: Threshold, circumstances: Circumstances) -> BadQualityRule | CannotJudge:
    """Return the rule of a threshold on quality."""
    return BadQualityRule(
        circumstances.place_of(threshold),
        circumstances.quantity_of(threshold),
        delays_of(threshold, circumstances.longest_gap_s),
    )
