"""The contract of an alert rule. Pure: no clock, no input or output, so that history can be replayed.

    rule = registry.rule_of(threshold, longest_gap_s)
    state = rule.start(is_standing=False)
    state, verdict = rule.judge(state, value, at_unix)

What implementers must keep: a missing value (None) neither raises nor clears, and its time does not count
towards a delay; nor does a gap in time or a clock that ran backwards.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

import msgspec

from models.records.alert import TransitionKind
from models.records.threshold import Threshold


class Phase(IntEnum):
    """Where a condition is between normal and standing."""

    NORMAL = 0
    RAISING = 1
    """True, but not yet for as long as the on-delay."""
    STANDING = 2
    CLEARING = 3
    """Standing, over, but not yet for as long as the off-delay."""


class RuleState(msgspec.Struct, frozen=True, gc=False):
    """What a rule remembers of one device between two readings.

    Attributes:
        elapsed_s: How long the current delay has run, over good values only.
        last_unix: Time of the previous reading while a delay runs, if its value was good; otherwise None.
    """

    phase: Phase
    elapsed_s: float = 0.0
    last_unix: float | None = None

    @property
    def is_standing(self) -> bool:
        """Whether an episode is open and its condition not over for good."""
        return self.phase >= Phase.STANDING


@dataclass(frozen=True, slots=True)
class Verdict:
    """A condition began or ended.

    Attributes:
        message: One sentence for the operator, with value, limit and unit.
    """

    kind: TransitionKind
    value: float | None
    limit: float | None
    message: str


class Rule(Protocol):
    """Judges one metric of one device against one threshold.

    Attributes:
        metric_index: Which of a reading's values it judges.
        calm: Values between these two, inclusive, need no judgement while the state is NORMAL: the
            evaluator's short cut for nearly every value of a healthy plant.
    """

    @property
    def metric_index(self) -> int:
        """See Attributes."""
        ...

    @property
    def calm(self) -> tuple[float, float]:
        """See Attributes."""
        ...

    def start(self, *, is_standing: bool) -> RuleState:
        """Return the state to begin with; `is_standing` where an episode is already open and not cleared."""
        ...

    def judge(
        self, state: RuleState, value: float | None, at_unix: float
    ) -> tuple[RuleState, Verdict | None]:
        """Take one value in; return the next state, and a verdict where an episode begins or ends."""
        ...


RuleMaker = Callable[[Threshold, float], Rule | None]
"""Makes the rule of a threshold and the longest gap in seconds between two readings that still count as one
after the other. None where the threshold asks for nothing that this rule judges."""
