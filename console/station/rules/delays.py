"""On- and off-delay (ISA-18.2, 10.5): how a condition that is true or over becomes an episode. Pure.

The on-delay runs while the condition is true, and starts anew as soon as it is not; the off-delay runs while
it is over by the deadband, and starts anew as soon as it is not.
"""

from dataclasses import dataclass

from console.station.rules.rule import NORMAL, STANDING, Phase, RuleState
from models.records.alert import TransitionKind
from models.records.threshold import Threshold


@dataclass(frozen=True, slots=True)
class Delays:
    """The delays of one threshold.

    Attributes:
        longest_gap_s: Steps of time beyond it do not count.
    """

    on_s: float
    off_s: float
    longest_gap_s: float

    def advance(
        self, state: RuleState, at_unix: float, *, is_true: bool, is_over: bool
    ) -> tuple[RuleState, TransitionKind | None]:
        """Take in what the condition is at a moment; at most one of `is_true` and `is_over` holds."""
        if state.phase >= Phase.STANDING:
            if not is_over:
                return STANDING, None
            elapsed_s = 0.0
            if state.phase is Phase.CLEARING:
                elapsed_s = state.elapsed_s + self.step_s(state, at_unix)
            if elapsed_s < self.off_s:
                return RuleState(Phase.CLEARING, elapsed_s, at_unix), None
            return NORMAL, TransitionKind.CLEARED
        if not is_true:
            return NORMAL, None
        elapsed_s = 0.0
        if state.phase is Phase.RAISING:
            elapsed_s = state.elapsed_s + self.step_s(state, at_unix)
        if elapsed_s < self.on_s:
            return RuleState(Phase.RAISING, elapsed_s, at_unix), None
        return STANDING, TransitionKind.RAISED

    def step_s(self, state: RuleState, at_unix: float) -> float:
        """Return by how much a running delay grows: not across a gap, nor where the clock ran backwards."""
        if state.last_unix is None:
            return 0.0
        step_s = at_unix - state.last_unix
        return step_s if 0.0 <= step_s <= self.longest_gap_s else 0.0


def paused(state: RuleState) -> RuleState:
    """Return the state after a missing sign: a delay stops counting, and counts on from the next good one."""
    return RuleState(state.phase, state.elapsed_s, None, state.kept)


def delays_of(threshold: Threshold, longest_gap_s: float) -> Delays:
    """Return a threshold's delays."""
    return Delays(threshold.on_delay_s, threshold.off_delay_s, longest_gap_s)
