"""Step ③: reading → transitions. Pure: the same code judges live values and replays history.

Time comes from the readings alone. One Evaluator a device.
"""

from collections.abc import Iterable, Sequence

from console.station.rules.registry import rule_of
from console.station.rules.rule import Phase, Rule, RuleState
from models.records.alert import Transition
from models.records.device import Device
from models.records.reading import Reading
from models.records.threshold import Threshold, ThresholdId

_GAP_PERIODS = 3.0
_GAP_AT_LEAST_S = 3.0


class _Watch:
    """One threshold being watched: its rule, unpacked for speed, and what the rule remembers."""

    __slots__ = ("calm_high", "calm_low", "metric_index", "rule", "state", "threshold")

    def __init__(self, threshold: Threshold, rule: Rule, state: RuleState) -> None:
        self.threshold = threshold
        self.rule = rule
        self.metric_index = rule.metric_index
        self.calm_low, self.calm_high = rule.calm
        self.state = state


class Evaluator:
    """Judges every reading of one device against its thresholds."""

    def __init__(
        self, device: Device, thresholds: Iterable[Threshold], standing: Iterable[ThresholdId]
    ) -> None:
        """Make the rules of a device's enabled thresholds.

        Args:
            device: Named in messages; its period decides which gaps in time stop a delay.
            thresholds: Those of other devices and disabled ones are left out.
            standing: Thresholds with an open episode whose condition has not ended.
        """
        longest_gap_s = max(_GAP_PERIODS * device.period_s, _GAP_AT_LEAST_S)
        known = frozenset(standing)
        self._device = device.id
        self._watches: list[_Watch] = []
        for threshold in thresholds:
            if threshold.device != device.id or not threshold.enabled:
                continue
            rule = rule_of(threshold, longest_gap_s)
            if rule is not None:
                state = rule.start(is_standing=threshold.id in known)
                self._watches.append(_Watch(threshold, rule, state))

    @property
    def standing(self) -> frozenset[ThresholdId]:
        """Thresholds whose condition stands right now."""
        return frozenset(watch.threshold.id for watch in self._watches if watch.state.is_standing)

    def judge(self, reading: Reading) -> Sequence[Transition]:
        """Take one reading in; return the episodes that began or ended with it, most often none."""
        values = reading.values
        transitions: list[Transition] | None = None
        for watch in self._watches:
            value = values[watch.metric_index]
            state = watch.state
            if state.phase == Phase.NORMAL and (value is None or watch.calm_low <= value <= watch.calm_high):
                continue
            watch.state, verdict = watch.rule.judge(state, value, reading.recorded_unix)
            if verdict is None:
                continue
            threshold = watch.threshold
            transition = Transition(
                kind=verdict.kind,
                device=self._device,
                threshold=threshold.id,
                severity=threshold.severity,
                at_unix=reading.recorded_unix,
                value=verdict.value,
                limit=verdict.limit,
                message=verdict.message,
            )
            transitions = [transition] if transitions is None else [*transitions, transition]
        return transitions or ()
