"""A back-test finds exactly what the live evaluator raises when it is fed the same history."""

import math
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.station.evaluator import Evaluator
from console.station.minute_walk import MinuteWalk
from console.station.replay import Replay
from console.station.rules.registry import rule_of
from console.station.rules.rule import CannotJudge, Subject, circumstances_of
from models.metrics import METRIC_COUNT
from models.queries.back_test_samples import Column, MinuteBounds
from models.records.alert import Transition, TransitionKind
from models.records.device import Device, DeviceId, Tag
from models.records.reading import Reading
from models.records.threshold import DEVICE_METRIC, RuleKind, Severity, Threshold, ThresholdId

START = 1_700_000_040.0  # a full minute
COLUMNS = {
    Subject.VALUE: Column.VALUE,
    Subject.QUALITY: Column.QUALITY,
    Subject.CONTACT: Column.PRESENCE,
    Subject.DATA: Column.VALUE,
}


@dataclass(frozen=True)
class History:
    """Readings of one metric, and of which minutes the rollups know."""

    times: list[float]
    values: list[float | None]
    is_known: list[bool]

    @property
    def until(self) -> float:
        return self.times[-1] + 30.0


class KnownSamples:
    """Stands for `Samples`: bounds as the rollups would hold them, readings from memory."""

    def __init__(self, history: History, column: Column) -> None:
        self.times = np.array(history.times)
        values = np.array([math.nan if value is None else value for value in history.values])
        self.signs = {
            Column.VALUE: values,
            Column.QUALITY: np.isnan(values).astype(np.float64),
            Column.PRESENCE: np.zeros(len(values)),
        }[column]
        self.first = int(START // 60)
        self.place = (self.times // 60).astype(int) - self.first
        count = int(-(-history.until // 60)) - self.first
        low, high, is_blank = np.full(count, math.nan), np.full(count, math.nan), np.zeros(count, np.bool_)
        for minute in range(count if column is Column.VALUE else 0):
            known = np.resize(history.is_known, count)[minute]
            of_minute = values[self.place == minute]
            good = of_minute[~np.isnan(of_minute)]
            low[minute] = np.min(good, initial=math.inf) if known else math.nan
            high[minute] = np.max(good, initial=-math.inf) if known else math.nan
            is_blank[minute] = known and not len(of_minute)
        self.bounds = MinuteBounds(self.first, low, high, is_blank)
        self.loaded = is_blank.copy()

    def load(self, _connection, wanted, _on_progress, _is_cancelled) -> None:
        self.loaded[wanted] = True

    def has(self, first: int, end: int) -> bool:
        return bool(self.loaded[first:end].all())

    def readings(self, first: int, end: int):
        assert self.has(first, end), "judged without having been read"
        chosen = (self.place >= first) & (self.place < end)
        return self.times[chosen], self.signs[chosen]


Found = list[tuple[TransitionKind, float, float | None]]


def device_with(period_s: float) -> Device:
    tags = (Tag("temperature", "holding:0"),)
    return Device(DeviceId(1), "D", "D", "drive", "Hall", "modbus-tcp", {}, period_s, tags)


def live(device: Device, threshold: Threshold, history: History) -> Found:
    """What a station finds that is told every reading, and between them every second what time it is."""
    evaluator = Evaluator(device, [threshold], ())
    gap_s = circumstances_of(device).longest_gap_s
    found: list[Transition] = []
    last = history.times[0]
    for at, value in zip(history.times, history.values, strict=True):
        found += silence(evaluator, last, at, gap_s)
        rest: tuple[None, ...] = (None,) * (METRIC_COUNT - 1)
        found += evaluator.judge(Reading(device.id, at, (value, *rest), int(value is None)))
        last = at
    found += silence(evaluator, last, history.until, gap_s)
    return [(one.kind, one.at_unix, one.value) for one in found]


def silence(evaluator: Evaluator, last: float, until: float, gap_s: float) -> list[Transition]:
    """The poller reports a failure once nothing came for too long; the station's own tick goes on."""
    ticks = last + np.arange(1.0, max(1.0, until - last + 1.0))
    ticks = ticks[ticks < until]
    quiet, lost = ticks[ticks - last < gap_s], ticks[ticks - last >= gap_s]
    found = [one for tick in quiet.tolist() for one in evaluator.pass_time(tick)]
    found += [one for tick in lost[:1].tolist() for one in evaluator.judge_failure(tick, is_error=False)]
    return found + [one for tick in lost[1:].tolist() for one in evaluator.pass_time(tick)]


def replayed(device: Device, threshold: Threshold, history: History) -> Found:
    rule = rule_of(threshold, circumstances_of(device))
    assert not isinstance(rule, CannotJudge)
    replay = Replay(rule, circumstances_of(device).longest_gap_s)
    samples = KnownSamples(history, COLUMNS[rule.subject])
    MinuteWalk(None, samples, rule, lambda _: None, lambda: False).run(replay)  # type: ignore[arg-type]
    replay.finish(history.until)
    log = replay.log
    found: Found = [
        (TransitionKind.RAISED, at, None if math.isnan(value) else value)
        for at, value in zip(log.began_unix.tolist(), log.values.tolist(), strict=True)
    ]
    return found + [(TransitionKind.CLEARED, at, None) for at in log.ended_unix.tolist()]


def order(found: Found) -> Found:
    """By time; of what cleared the log keeps the time only."""
    plain = [(kind, at, value if kind is TransitionKind.RAISED else None) for kind, at, value in found]
    return sorted(plain, key=lambda one: (one[1], one[0] is TransitionKind.RAISED))


LEVELS = st.one_of(st.none(), st.sampled_from([20.0, 66.0, 69.5, 70.0, 70.5, 90.0]), st.floats(0, 100))


@st.composite
def histories(draw: st.DrawFn, period_s: float) -> History:
    """Stretches of values, each repeated for a while, with jitter, gaps and minutes not condensed."""
    times: list[float] = []
    values: list[float | None] = []
    at = START + draw(st.sampled_from([0.0, 12.3, 59.5]))
    for _ in range(draw(st.integers(1, 8))):
        pattern = draw(st.lists(LEVELS, min_size=1, max_size=3))
        count = draw(st.sampled_from([1, 2, 5, 40, 130]))
        step_s = period_s * draw(st.sampled_from([1.0, 1.0, 1.003, 0.5]))
        for index in range(count):
            times.append(round(at, 6))
            values.append(pattern[index % len(pattern)])
            at += step_s
        at += draw(st.sampled_from([0.0, 0.0, period_s, 2.5, 9.0, 75.0, 400.0]))
    return History(times, values, draw(st.lists(st.booleans(), min_size=1, max_size=5)))


DELAYS = st.sampled_from([0.0, 0.0, 2.0, 5.0, 30.0, 90.0])


def threshold_of(rule: RuleKind, **changes: object) -> Threshold:
    metric = DEVICE_METRIC if rule.is_of_device else "temperature"
    plain = Threshold(ThresholdId(1), DeviceId(1), metric, None, None, Severity.WARNING, rule=rule)
    return replace(plain, **changes)


THRESHOLDS = {
    RuleKind.LIMIT: st.builds(
        lambda low, high, deadband: {"min_value": low, "max_value": high, "deadband": deadband},
        st.sampled_from([None, 10.0, 66.0]),
        st.sampled_from([69.9, 70.0]),
        st.sampled_from([0.0, 0.5, 3.0]),
    ),
    RuleKind.RATE_OF_CHANGE: st.builds(
        lambda amount, deadband: {"amount": amount, "deadband": deadband},
        st.sampled_from([1.0, 4.0, 30.0]),
        st.sampled_from([0.0, 2.0]),
    ),
    RuleKind.FROZEN: st.builds(lambda amount: {"amount": amount}, st.sampled_from([None, 0.0, 0.5, 5.0])),
    RuleKind.NO_DATA: st.builds(lambda amount: {"amount": amount}, st.sampled_from([1.0, 3.0, 10.0, 40.0])),
    RuleKind.BAD_QUALITY: st.just({}),
    RuleKind.OFFLINE: st.just({}),
}


@pytest.mark.parametrize("rule", list(THRESHOLDS), ids=str)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_a_back_test_finds_what_the_live_evaluator_raises(rule: RuleKind, data: st.DataObject) -> None:
    period_s = data.draw(st.sampled_from([1.0, 1.0, 5.0, 45.0]), "period")
    on_s, off_s = data.draw(DELAYS, "on"), data.draw(DELAYS, "off")
    changes = data.draw(THRESHOLDS[rule], "threshold")
    delays = {"on_delay_s": on_s + 3.0 * (rule is RuleKind.FROZEN), "off_delay_s": off_s}
    threshold = threshold_of(rule, **changes, **delays)
    history = data.draw(histories(period_s), "history")
    device = device_with(period_s)
    assert order(replayed(device, threshold, history)) == order(live(device, threshold, history))
