"""The contract of an alert rule. Pure: no clock, no input or output, so that history can be replayed.

    rule = registry.rule_of(threshold, circumstances)
    state = rule.start(is_standing=False)
    state, verdict = rule.judge(state, sign, at_unix)
    text = rule.sentence(verdict)

What a rule is judged on, its sign, depends on its `subject`. What implementers must keep: a missing sign
(None) neither raises nor clears, and its time does not count towards a delay; nor does a gap in time or a
clock that ran backwards. The one rule that raises on missing values (no data) clears only with a good one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol, TypeVar, runtime_checkable

import msgspec
import numpy as np
from numpy.typing import NDArray

from drivers.events import asks_for_events
from models.metrics import METRIC_COUNT, METRIC_INDEX
from models.quantities import THE_SIX, Quantities, Quantity
from models.records.alert import TransitionKind
from models.records.device import Device
from models.records.threshold import Threshold

_GAP_PERIODS = 3.0
_GAP_AT_LEAST_S = 3.0

BoundsT = TypeVar("BoundsT", float, NDArray[np.float64])


class Phase(IntEnum):
    """Where a condition is between normal and standing."""

    NORMAL = 0
    RAISING = 1
    """True, but not yet for as long as the on-delay."""
    STANDING = 2
    CLEARING = 3
    """Standing, over, but not yet for as long as the off-delay."""


class Subject(IntEnum):
    """What a rule is judged on, and when."""

    VALUE = 0
    """A metric's value with each reading; None = no good value."""
    QUALITY = 1
    """With each reading 1.0 where the metric's value is of bad quality, else 0.0; None = nobody answered."""
    CONTACT = 2
    """0.0 with each answer, LOST or ERRORS with each failure and, while that lasts, as time passes."""
    DATA = 3
    """As VALUE; None also with each failure and as time passes, so that silence is heard."""
    CLOCK = 4
    """Seconds by which the device's own clock is ahead of ours, whenever the device told its time anew."""
    EVENTS = 5
    """The highest severity that the device reports as standing, 0.0 for nothing; None = it has not said yet.
    With each report, and as time passes."""


ANSWERS, LOST, ERRORS = 0.0, 1.0, 2.0
"""Signs of Subject.CONTACT: it answers; it does not; it answers only with errors."""

LONGEST_TICK_S = 10.0
"""Rules that hear time pass are told every second; a longer step is a clock that was set, or a station that
slept, and counts for nothing."""


class RuleState(msgspec.Struct, frozen=True, gc=False):
    """What a rule remembers of one device between two signs.

    Attributes:
        elapsed_s: How long the current delay has run, over good signs only.
        last_unix: Time of the previous sign while a delay runs, if it was good; otherwise None.
        kept: Figures of the rule's own; each rule says which.
    """

    phase: Phase
    elapsed_s: float = 0.0
    last_unix: float | None = None
    kept: tuple[float, ...] = ()

    @property
    def is_standing(self) -> bool:
        """Whether an episode is open and its condition not over for good."""
        return self.phase >= Phase.STANDING


NORMAL = RuleState(Phase.NORMAL)
STANDING = RuleState(Phase.STANDING)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A condition began or ended; `Rule.sentence` puts it into words.

    Attributes:
        value: In the metric's unit (of clocks seconds); None where the condition is not about a value.
        limit: The limit that was passed; of other rules their amount.
        sign: What it was judged on where that is no value.
    """

    kind: TransitionKind
    value: float | None
    limit: float | None
    sign: float | None = None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a rule must know of the device it judges.

    Attributes:
        period_s: Between two polls.
        metrics: Keys of the metrics and signals that a tag is bound to.
        quantities: What can be measured at the site.
        signals: Keys of the device's signals, in the order in which its readings carry them.
        reports_events: Its connection asks for alarms and events.
    """

    period_s: float
    metrics: frozenset[str]
    quantities: Quantities = THE_SIX
    signals: tuple[str, ...] = ()
    reports_events: bool = False

    @property
    def longest_gap_s(self) -> float:
        """The longest time between two readings that still count as one after the other."""
        return max(_GAP_PERIODS * self.period_s, _GAP_AT_LEAST_S)

    def quantity_of(self, threshold: Threshold) -> Quantity:
        """Return what a threshold judges, which is known (`registry.rule_of`)."""
        return self.quantities.of(threshold.metric)

    def place_of(self, threshold: Threshold) -> int:
        """Return which of a reading's values a threshold judges: the metrics', then the signals'."""
        index = METRIC_INDEX.get(threshold.metric)
        return METRIC_COUNT + self.signals.index(threshold.metric) if index is None else index


def circumstances_of(device: Device, quantities: Quantities = THE_SIX) -> Circumstances:
    """Return what the rules of a device must know of it."""
    return Circumstances(
        device.period_s,
        frozenset(tag.metric for tag in device.tags),
        quantities,
        tuple(signal.key for signal in quantities.signals_of(device)),
        asks_for_events(device.connection),
    )


@dataclass(frozen=True, slots=True)
class CannotJudge:
    """A threshold that no rule can judge. `reason` completes "… cannot be judged: "; no full stop."""

    reason: str


class Rule(Protocol):
    """Judges one device against one threshold. Equal rules judge alike: a state may pass between them.

    Attributes:
        subject: What `judge` is given.
        metric_index: Which of a reading's values it judges (the metrics', then the signals'); -1 where it
            judges the device.
        calm: Values between these two, inclusive, need no judgement while the state is NORMAL: the
            evaluator's short cut for nearly every value of a healthy plant. None = every sign is judged.
    """

    @property
    def subject(self) -> Subject:
        """See Attributes."""
        ...

    @property
    def metric_index(self) -> int:
        """See Attributes."""
        ...

    @property
    def calm(self) -> tuple[float, float] | None:
        """See Attributes."""
        ...

    def start(self, *, is_standing: bool) -> RuleState:
        """Return the state to begin with; `is_standing` where an episode is already open and not cleared."""
        ...

    def judge(self, state: RuleState, sign: float | None, at_unix: float) -> tuple[RuleState, Verdict | None]:
        """Take one sign in; return the next state, and a verdict where an episode begins or ends."""
        ...

    def sentence(self, verdict: Verdict) -> str:
        """Return one sentence for the operator, with value, limit and unit."""
        ...


@runtime_checkable
class SkippingRule(Rule, Protocol):
    """A rule that can tell of many signs at once that they change nothing: what makes a replay quick.

    Attributes:
        on_delay_s, off_delay_s: Where both are 0, a sign that does not stay raises or clears at once.
        reach_s: How far back signs matter while the state is NORMAL; 0 = each is judged by itself. With a
            reach, `stays` must be asked about the signs of that time before as well.
    """

    @property
    def on_delay_s(self) -> float:
        """See Attributes."""
        ...

    @property
    def off_delay_s(self) -> float:
        """See Attributes."""
        ...

    @property
    def reach_s(self) -> float:
        """See Attributes."""
        ...

    def stays(self, phase: Phase, low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return where signs, all of them between low and high, would leave NORMAL or STANDING as it is.

        Args:
            phase: NORMAL or STANDING, with no delay running.
            low, high: float64, shape (n,), inclusive; NaN = not known, which never stays.
        """
        ...


RuleMaker = Callable[[Threshold, Circumstances], Rule | CannotJudge]
"""Makes the rule of a threshold whose metric is known and bound to a tag, or says why it cannot be judged."""
