"""Step ③: what is heard of a device → transitions. Pure: the same rules judge live values and history.

Time comes with what is judged: a reading's own, or the moment named by the caller. One Evaluator a device.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from console.station.event_judge import EventJudge
from console.station.rules.device_event import DeviceEventRule
from console.station.rules.registry import rule_of, sentence_of_unjudged
from console.station.rules.rule import (
    ANSWERS,
    ERRORS,
    LOST,
    CannotJudge,
    Phase,
    Rule,
    RuleState,
    Subject,
    circumstances_of,
)
from drivers.events import EventNews
from models.metrics import METRIC_COUNT
from models.quantities import THE_SIX, Quantities
from models.records.alert import Transition, TransitionKind
from models.records.device import Device
from models.records.reading import Reading
from models.records.threshold import Threshold, ThresholdId

_NORMAL = Phase.NORMAL
"""Kept: naming a member of an enum looks it up anew each time, and each reading meets it once a limit."""


class _Watch:
    """One threshold being watched: its rule, unpacked for speed, and what the rule remembers."""

    __slots__ = ("calm_high", "calm_low", "metric_index", "rule", "state", "subject", "threshold")

    def __init__(self, threshold: Threshold, rule: Rule, state: RuleState) -> None:
        self.threshold = threshold
        self.rule = rule
        self.subject = rule.subject
        self.metric_index = rule.metric_index
        # Nothing is calm between infinity and its opposite.
        self.calm_low, self.calm_high = rule.calm or (float("inf"), float("-inf"))
        self.state = state


class Evaluator:
    """Judges everything that is heard of one device against its thresholds."""

    def __init__(
        self,
        device: Device,
        thresholds: Iterable[Threshold],
        standing: Iterable[ThresholdId],
        before: "Evaluator | None" = None,
        quantities: Quantities = THE_SIX,
    ) -> None:
        """Make the rules of a device's enabled thresholds.

        Args:
            device: Its period decides which gaps in time stop a delay, its tags what can be judged.
            thresholds: Those of other devices and disabled ones are left out.
            standing: Thresholds with an open episode whose condition has not ended.
            before: Who judged this device until now: where a threshold's rule is still the same, what the
                rule remembers (a delay that runs) goes on.
            quantities: What can be measured at the site; the same as of the device's sampler.
        """
        known = frozenset(standing)
        circumstances = circumstances_of(device, quantities)
        self._signal_count = len(circumstances.signals)
        kept = {watch.threshold.id: watch for watch in before.watches} if before else {}
        self._device = device.id
        self._limits: list[_Watch] = []
        self._others: list[_Watch] = []
        self._timed: list[_Watch] = []
        self._contacts: list[_Watch] = []
        self._clocks: list[_Watch] = []
        self._eventful: list[_Watch] = []
        self._contact = before.contact if before else None
        self._is_contact_settled = False
        self._needs_more = True
        unjudged: list[str] = []
        for threshold in thresholds:
            if threshold.device != device.id or not threshold.enabled:
                continue
            rule = rule_of(threshold, circumstances)
            if isinstance(rule, CannotJudge):
                unjudged.append(sentence_of_unjudged(threshold, rule, quantities))
                continue
            state = rule.start(is_standing=threshold.id in known)
            same = kept.get(threshold.id)
            if same and same.rule == rule and same.state.is_standing == state.is_standing:
                state = same.state
            self._add(_Watch(threshold, rule, state))
        self._events = EventJudge(
            (
                (watch.threshold.id, watch.rule.least)
                for watch in self._eventful
                if isinstance(watch.rule, DeviceEventRule)
            ),
            before._events if before else None,
        )
        self.unjudged = tuple(unjudged)
        """One sentence for each enabled threshold that no rule can judge."""

    def _add(self, watch: _Watch) -> None:
        match watch.subject:
            case Subject.CONTACT:
                self._contacts.append(watch)
            case Subject.CLOCK:
                self._clocks.append(watch)
            case Subject.EVENTS:
                self._eventful.append(watch)
            case _:
                (self._limits if watch.rule.calm else self._others).append(watch)
        if watch.subject in (Subject.CONTACT, Subject.DATA):
            self._timed.append(watch)

    @property
    def watches(self) -> Sequence[_Watch]:
        """Everything that is judged."""
        return (*self._limits, *self._others, *self._contacts, *self._clocks, *self._eventful)

    @property
    def contact(self) -> float | None:
        """ANSWERS, LOST or ERRORS: what was heard last; None before anything was."""
        return self._contact

    @property
    def needs_time(self) -> bool:
        """Whether anything is judged by time alone, too."""
        return bool(self._timed or self._eventful)

    @property
    def needs_clock(self) -> bool:
        """Whether anything is judged on the device's own clock."""
        return bool(self._clocks)

    @property
    def standing(self) -> frozenset[ThresholdId]:
        """Thresholds whose condition stands right now."""
        return frozenset(watch.threshold.id for watch in self.watches if watch.state.is_standing)

    def judge(self, reading: Reading) -> Sequence[Transition]:
        """Take one reading in; return the episodes that began or ended with it, most often none."""
        values = self._values(reading) if self._signal_count else reading.values
        transitions: list[Transition] | None = None
        for watch in self._limits:
            value = values[watch.metric_index]
            state = watch.state
            if state.phase == _NORMAL and (value is None or watch.calm_low <= value <= watch.calm_high):
                continue
            transition = self._feed(watch, value, reading.recorded_unix)
            if transition is not None:
                transitions = [transition] if transitions is None else [*transitions, transition]
        if self._needs_more:
            return [*(transitions or ()), *self._judge_more(reading, values)]
        return transitions or ()

    def judge_failure(self, at_unix: float, *, is_error: bool) -> Sequence[Transition]:
        """Take in that the device could not be read.

        Args:
            at_unix: When that was found, Unix seconds.
            is_error: It answered with an error, or waits for a person; otherwise nobody answered.
        """
        self._contact = ERRORS if is_error else LOST
        self._is_contact_settled = False
        self._needs_more = True
        found: list[Transition | None] = [
            self._feed(watch, None, at_unix) for watch in self._others if watch.subject != Subject.VALUE
        ]
        found += [self._feed(watch, self._contact, at_unix) for watch in self._contacts]
        return [transition for transition in found if transition is not None]

    def judge_clock(self, ahead_s: float, at_unix: float) -> Sequence[Transition]:
        """Take in by how many seconds the device's own clock is ahead of ours."""
        found = [self._feed(watch, ahead_s, at_unix) for watch in self._clocks]
        return [transition for transition in found if transition is not None]

    def judge_events(self, news: EventNews, at_unix: float) -> Sequence[Transition]:
        """Take in what the device reported of its own accord."""
        self._events.take(news)
        return self._judge_reported(at_unix)

    def pass_time(self, at_unix: float) -> Sequence[Transition]:
        """Take in that it is `at_unix` now, whether or not anything was heard since; about once a second."""
        found = self._judge_reported(at_unix) if self._eventful else []
        for watch in self._timed:
            sign: float | None = None
            if watch.subject == Subject.CONTACT:
                if self._contact is None or self._is_contact_settled:
                    continue
                sign = self._contact
            transition = self._feed(watch, sign, at_unix)
            if transition is not None:
                found.append(transition)
        return found

    def _judge_reported(self, at_unix: float) -> list[Transition]:
        found: list[Transition] = []
        sign = self._events.sign()
        for watch in self._eventful:
            id = watch.threshold.id
            transition = self._feed(watch, sign, at_unix)
            if transition is not None:
                is_begun = transition.kind is TransitionKind.RAISED
                words = self._events.begin(id, at_unix) if is_begun else transition.message
                found.append(replace(transition, message=words))
            elif watch.state.is_standing:
                if words := self._events.change(id, at_unix):
                    found.append(self._reported(watch, TransitionKind.REPORTED, at_unix, words))
            elif words := self._events.moment(id, at_unix):
                found.append(self._reported(watch, TransitionKind.RAISED, at_unix, words))
                found.append(self._reported(watch, TransitionKind.CLEARED, at_unix, words))
        return found

    def _reported(self, watch: _Watch, kind: TransitionKind, at_unix: float, words: str) -> Transition:
        threshold = watch.threshold
        return Transition(kind, self._device, threshold.id, threshold.severity, at_unix, None, None, words)

    def _values(self, reading: Reading) -> tuple[float | None, ...]:
        """Return what a reading holds of metrics and signals; it may be older than the newest signal."""
        signals = tuple(sample.value for sample in reading.signals)
        return reading.values + signals + (None,) * (self._signal_count - len(signals))

    def _judge_more(self, reading: Reading, values: tuple[float | None, ...]) -> list[Transition]:
        """Judge what is not a limit; apart, so that devices with limits only do not pay for it."""
        found: list[Transition] = []
        for watch in self._others:
            sign = values[watch.metric_index]
            if watch.subject == Subject.QUALITY:
                sign = sign_of_quality(sign, reading.quality, watch.metric_index)
            transition = self._feed(watch, sign, reading.recorded_unix)
            if transition is not None:
                found.append(transition)
        if not self._is_contact_settled:
            self._contact = ANSWERS
            for watch in self._contacts:
                transition = self._feed(watch, ANSWERS, reading.recorded_unix)
                if transition is not None:
                    found.append(transition)
            self._is_contact_settled = all(watch.state.phase == Phase.NORMAL for watch in self._contacts)
            self._needs_more = bool(self._others) or not self._is_contact_settled
        return found

    def _feed(self, watch: _Watch, sign: float | None, at_unix: float) -> Transition | None:
        watch.state, verdict = watch.rule.judge(watch.state, sign, at_unix)
        if verdict is None:
            return None
        threshold = watch.threshold
        return Transition(
            kind=verdict.kind,
            device=self._device,
            threshold=threshold.id,
            severity=threshold.severity,
            at_unix=at_unix,
            value=verdict.value,
            limit=verdict.limit,
            message=watch.rule.sentence(verdict),
        )


def sign_of_quality(value: float | None, quality: int, metric_index: int) -> float | None:
    """Return the sign of Subject.QUALITY in a reading; None where it says nothing of the metric."""
    if metric_index >= METRIC_COUNT:
        # A signal that the device has is always in the reading: without a value it was bad.
        return 1.0 if value is None else 0.0
    if quality >> metric_index & 1:
        return 1.0
    return None if value is None else 0.0
