"""The gate and its statistics: what halts, what holds, and that nothing passes on no data."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.station.rollouts.gate import Evidence, Shift, judge, tripwire
from console.station.rollouts.rate_test import Exposure, p_value, rate_ratio
from models.records.rollout import GateRules, WaveState

RULES = GateRules(reading_limits={"temperature": 5.0})
QUIET = Evidence((), 10, 0, Exposure(2, 20.0), Exposure(4, 40.0), is_own_past=False)
STEADY = Shift("temperature", 40.0, 40.5, 41.0, 41.2)


def test_where_nothing_speaks_against_it_a_wave_passes() -> None:
    verdict = judge(replace(QUIET, shifts=(STEADY,)), RULES)
    assert (verdict.state, verdict.reason) == (WaveState.PASSED, "Nothing speaks against the update.")


@pytest.mark.parametrize(
    ("evidence", "words"),
    [
        (replace(QUIET, tripped=("Drive 4 has a critical alert.",)), "Drive 4 has a critical alert."),
        (replace(QUIET, failed=2), "2 of 10 updates failed, and 10% are the most"),
        (
            replace(QUIET, updated=Exposure(20, 20.0), is_second_look=True),
            "10.0 times as often after the update: 20 in 20.0",
        ),
        (replace(QUIET, shifts=(replace(STEADY, updated_after=47.0),)), "temperature moved by +6.8"),
        (replace(QUIET, shifts=(replace(STEADY, frozen=("D-1", "D-2", "D-3", "D-4")),)), "and 1 more"),
        (replace(QUIET, shifts=(replace(STEADY, bad_after=0.3),)), "30% of the values of temperature"),
    ],
)
def test_what_halts_says_so_with_its_numbers(evidence: Evidence, words: str) -> None:
    verdict = judge(evidence, RULES)
    assert verdict.state is WaveState.FAILED
    assert words in verdict.reason


@pytest.mark.parametrize(
    "evidence",
    [
        replace(QUIET, updated=Exposure(0, 0.5)),
        replace(QUIET, control=Exposure(0, 0.5)),
        replace(QUIET, shifts=(replace(STEADY, control_after=None),)),
    ],
)
def test_too_little_to_compare_is_held_and_never_passed(evidence: Evidence) -> None:
    assert judge(evidence, RULES).state is WaveState.HELD


def test_a_failure_below_the_sample_says_nothing_yet() -> None:
    assert tripwire(replace(QUIET, tried=4, failed=1), RULES) == ""
    assert tripwire(replace(QUIET, tried=5, failed=1), RULES)


def test_an_alarm_beside_too_little_data_halts_all_the_same() -> None:
    evidence = replace(QUIET, updated=Exposure(0, 0.0), tripped=("Drive 4 cannot be read.",))
    assert judge(evidence, RULES).state is WaveState.FAILED


def test_the_p_value_is_that_of_the_textbook() -> None:
    # 9 of 10 heads of a fair coin: (10 + 1) / 1024.
    assert p_value(Exposure(9, 5.0), Exposure(1, 5.0)) == pytest.approx(11 / 1024)
    # One die: at least one six in three throws.
    assert p_value(Exposure(1, 1.0), Exposure(2, 5.0)) == pytest.approx(1 - (5 / 6) ** 3)


@pytest.mark.parametrize(
    ("updated", "control", "ratio"),
    [
        (Exposure(3, 1.0), Exposure(1, 1.0), 3.0),
        (Exposure(3, 1.0), Exposure(0, 9.0), math.inf),
        (Exposure(0, 1.0), Exposure(0, 1.0), 1.0),
        (Exposure(0, 1.0), Exposure(4, 1.0), 0.0),
    ],
)
def test_the_ratio_of_rates(updated: Exposure, control: Exposure, ratio: float) -> None:
    assert rate_ratio(updated, control) == ratio


EXPOSURES = st.builds(Exposure, st.integers(0, 500), st.floats(0.0, 1e5))


@given(EXPOSURES, EXPOSURES)
def test_a_p_value_is_a_probability_and_falls_with_every_further_episode(updated, control) -> None:
    p = p_value(updated, control)
    assert 0.0 <= p <= 1.0
    assert p_value(Exposure(updated.episodes + 1, updated.hours), control) <= p + 1e-12


@given(EXPOSURES, EXPOSURES)
def test_nothing_passes_without_device_hours(updated, control) -> None:
    verdict = judge(Evidence((), 1, 0, updated, control, is_own_past=False), RULES)
    is_enough = min(updated.hours, control.hours) >= RULES.least_device_hours
    assert verdict.state is not WaveState.PASSED or is_enough
