from collections.abc import Callable, Iterable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.station.rules.limit import LimitRule, limit_rule
from console.station.rules.rule import CannotJudge, Circumstances, Phase, Verdict
from models.records.alert import TransitionKind
from models.records.threshold import Severity, Threshold

MakeThreshold = Callable[..., Threshold]
RAISED, CLEARED = TransitionKind.RAISED, TransitionKind.CLEARED
EVERY_SECOND = Circumstances(1.0, frozenset({"temperature"}))


def rule(threshold: Threshold) -> LimitRule:
    made = limit_rule(threshold, EVERY_SECOND)
    assert isinstance(made, LimitRule)
    return made


def sentence(rule: LimitRule, *values: float) -> str:
    """What is said of the last of these values."""
    verdict = verdicts(rule, values)[-1]
    assert verdict is not None
    return rule.sentence(verdict)


def kinds(
    rule: LimitRule, values: Iterable[float | None], *, step_s: float = 1.0
) -> list[TransitionKind | None]:
    return [verdict and verdict.kind for verdict in verdicts(rule, values, step_s=step_s)]


def verdicts(rule: LimitRule, values: Iterable[float | None], *, step_s: float = 1.0) -> list[Verdict | None]:
    state, out = rule.start(is_standing=False), []
    for index, value in enumerate(values):
        state, verdict = rule.judge(state, value, 1000.0 + index * step_s)
        out.append(verdict)
    return out


def test_alert_is_raised_above_the_maximum_with_value_limit_and_name(make_threshold: MakeThreshold) -> None:
    limit = rule(make_threshold())
    assert verdicts(limit, [78.4]) == [Verdict(RAISED, 78.4, 70.0)]
    assert sentence(limit, 78.4) == "Temperature 78.4 °C is above the limit of 70 °C"


def test_alert_is_raised_below_the_minimum(make_threshold: MakeThreshold) -> None:
    limit = rule(make_threshold(min_value=5.0, max_value=None))
    assert sentence(limit, 4.0) == "Temperature 4.0 °C is below the limit of 5 °C"


def test_value_that_equals_the_limit_is_inside(make_threshold: MakeThreshold) -> None:
    assert kinds(rule(make_threshold()), [70.0]) == [None]


def test_sentence_shows_as_many_digits_as_tell_value_from_limit(make_threshold: MakeThreshold) -> None:
    assert sentence(rule(make_threshold()), 70.0004) == "Temperature 70.0004 °C is above the limit of 70 °C"


def test_alert_stays_open_until_value_passes_deadband(make_threshold: MakeThreshold) -> None:
    judged = kinds(rule(make_threshold(deadband=2.0)), [71.0, 69.5, 68.1, 68.0, 67.0])
    assert judged == [RAISED, None, None, CLEARED, None]


def test_alert_is_raised_only_after_the_on_delay(make_threshold: MakeThreshold) -> None:
    judged = kinds(rule(make_threshold(on_delay_s=2.0)), [71.0, 72.0, 73.0, 74.0])
    assert judged == [None, None, RAISED, None]


def test_return_to_normal_starts_the_on_delay_anew(make_threshold: MakeThreshold) -> None:
    judged = kinds(rule(make_threshold(on_delay_s=2.0)), [71, 71, 69, 71, 71, 71])
    assert judged == [None, None, None, None, None, RAISED]


def test_alert_clears_only_after_the_off_delay(make_threshold: MakeThreshold) -> None:
    judged = kinds(rule(make_threshold(off_delay_s=2.0)), [71, 69, 69, 69, 69])
    assert judged == [RAISED, None, None, CLEARED, None]


def test_value_within_the_deadband_starts_the_off_delay_anew(make_threshold: MakeThreshold) -> None:
    judged = kinds(rule(make_threshold(off_delay_s=2.0, deadband=2.0)), [71, 68, 68, 69, 68, 68, 68])
    assert judged == [RAISED, None, None, None, None, None, CLEARED]


def test_missing_values_neither_raise_nor_clear(make_threshold: MakeThreshold) -> None:
    assert kinds(rule(make_threshold()), [None, 71, None, None, 69]) == [None, RAISED, None, None, CLEARED]


def test_time_of_missing_values_does_not_count_towards_the_on_delay(make_threshold: MakeThreshold) -> None:
    judged = kinds(rule(make_threshold(on_delay_s=2.0)), [71, 71, None, None, 71, 71])
    assert judged == [None, None, None, None, None, RAISED]


def test_time_of_missing_values_does_not_count_towards_the_off_delay(make_threshold: MakeThreshold) -> None:
    judged = kinds(rule(make_threshold(off_delay_s=2.0)), [71, 69, None, None, 69, 69, 69])
    assert judged == [RAISED, None, None, None, None, None, CLEARED]


def test_gap_between_readings_does_not_count_towards_a_delay(make_threshold: MakeThreshold) -> None:
    judged = kinds(rule(make_threshold(on_delay_s=2.0)), [71, 71], step_s=600.0)
    assert judged == [None, None]


def test_clock_that_ran_backwards_does_not_count_towards_a_delay(make_threshold: MakeThreshold) -> None:
    limit = rule(make_threshold(on_delay_s=2.0))
    state = limit.start(is_standing=False)
    for at in (1000.0, 999.0, 1000.0, 998.0):
        state, verdict = limit.judge(state, 71.0, at)
        assert verdict is None
    assert state.elapsed_s == 1.0


def test_jump_from_one_limit_to_the_other_is_one_episode(make_threshold: MakeThreshold) -> None:
    judged = kinds(rule(make_threshold(min_value=10.0)), [71, 5, 71, 40])
    assert judged == [RAISED, None, None, CLEARED]


def test_end_of_an_episode_names_both_limits_where_there_are_two(make_threshold: MakeThreshold) -> None:
    limit = rule(make_threshold(min_value=10.0))
    assert sentence(limit, 71, 40) == "Temperature 40.0 °C is back between 10 and 70 °C"


def test_deadband_wider_than_the_range_leaves_half_of_it_to_clear_in(make_threshold: MakeThreshold) -> None:
    judged = kinds(rule(make_threshold(min_value=10.0, deadband=1000.0)), [71, 60, 55, 40])
    assert judged == [RAISED, None, CLEARED, None]


def test_open_episode_is_known_from_the_start_and_is_not_raised_again(make_threshold: MakeThreshold) -> None:
    limit = rule(make_threshold())
    state, raised = limit.judge(limit.start(is_standing=True), 75.0, 1000.0)
    _, cleared = limit.judge(state, 60.0, 1001.0)
    assert raised is None
    assert cleared is not None
    assert cleared.kind is CLEARED


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"max_value": None}, "it names neither a minimum nor a maximum"),
        ({"min_value": 80.0}, "its minimum 80 is above its maximum 70"),
    ],
)
def test_limits_that_make_no_sense_are_told_instead_of_judged(
    make_threshold: MakeThreshold, changes: dict[str, object], reason: str
) -> None:
    assert limit_rule(make_threshold(**changes), EVERY_SECOND) == CannotJudge(reason)


SETTINGS = st.builds(
    lambda low, width, deadband, on, off: Threshold(
        1,
        1,
        "temperature",
        low,
        low + width,
        Severity.INFO,
        True,
        deadband,
        on,
        off,  # type: ignore[arg-type]
    ),
    st.floats(-50, 50),
    st.floats(0, 100),
    st.floats(0, 200),
    st.sampled_from([0.0, 1.0, 3.5]),
    st.sampled_from([0.0, 1.0, 3.5]),
)
VALUES = st.lists(st.one_of(st.none(), st.floats(-200, 200)), max_size=60)


@given(SETTINGS, VALUES)
def test_raised_and_cleared_take_turns_beginning_with_raised(
    threshold: Threshold, values: list[float | None]
) -> None:
    judged = [kind for kind in kinds(rule(threshold), values) if kind is not None]
    assert judged == ([RAISED, CLEARED] * len(judged))[: len(judged)]


@given(SETTINGS, VALUES)
def test_verdicts_come_only_with_values_that_justify_them(
    threshold: Threshold, values: list[float | None]
) -> None:
    low, high = threshold.min_value, threshold.max_value
    assert low is not None
    assert high is not None
    for value, verdict in zip(values, verdicts(rule(threshold), values), strict=True):
        is_outside = value is not None and not low <= value <= high
        allowed = {(True, RAISED), (False, CLEARED), (is_outside, None)}
        assert (is_outside, verdict and verdict.kind) in allowed
        assert verdict is None or value is not None


@given(SETTINGS, VALUES, st.floats(-1e6, 1e6))
def test_judgement_depends_on_spans_of_time_not_on_the_moment(
    threshold: Threshold, values: list[float | None], shift: float
) -> None:
    limit = rule(threshold)
    here = there = limit.start(is_standing=False)
    # Steps of a power of two seconds keep both clocks exact in float64.
    for index, value in enumerate(values):
        here, first = limit.judge(here, value, index * 0.5)
        there, second = limit.judge(there, value, round(shift) + index * 0.5)
        assert first == second


@given(SETTINGS, st.sampled_from([Phase.NORMAL, Phase.STANDING]), st.lists(st.floats(-200, 200), min_size=1))
def test_values_that_are_said_to_change_nothing_change_nothing(
    threshold: Threshold, phase: Phase, values: list[float]
) -> None:
    limit = rule(threshold)
    before = limit.start(is_standing=phase is Phase.STANDING)
    judged = [limit.judge(before, value, 1000.0) for value in values]
    (stays,) = limit.stays(phase, np.array([min(values)]), np.array([max(values)]))
    assert not stays or judged == [(before, None)] * len(values)
