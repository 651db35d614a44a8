"""What the gate kept, read back and put into words."""

from dataclasses import replace

import pytest

from console.panels.firmware.evidence import evidence_of, moved_words, no_evidence_words, verdict_words
from console.panels.firmware.pictured import HALTED, RUNNING
from console.station.rollouts.gate import Evidence, Shift, judge
from console.station.rollouts.rate_test import Exposure
from models.quantities import THE_SIX
from models.records.rollout import GateRules, WaveState
from tests.unit.console.panels.firmware.firmware_scene import rollout

WAVE = rollout(HALTED).waves[1]


@pytest.fixture
def judged():
    """A wave as the station's own gate leaves it."""
    shift = Shift("temperature", 40.0, 43.5, 40.0, 40.5, frozen=("DRIVE-07",))
    verdict = judge(
        Evidence([], 12, 2, Exposure(11, 36.0), Exposure(8, 90.0), is_own_past=False, shifts=[shift]),
        GateRules(reading_limits={"temperature": 2.0}),
    )
    return replace(WAVE, state=verdict.state, reason=verdict.reason, evidence=verdict.record)


def test_everything_the_gate_kept_is_read_back(judged):
    found = evidence_of(judged)

    assert found is not None
    assert (found.tried, found.failed, found.updated.episodes, found.control.hours) == (12, 2, 11, 90.0)
    assert found.moved[0].difference == pytest.approx(3.0)


def test_rates_are_told_against_their_limits(judged):
    found = evidence_of(judged)

    assert found is not None
    assert verdict_words(found) == [
        "Alerts came 3.4 times as often with the update as without it (p = 0.0071); that is over the limit: "
        "1.5 times as often with p below 0.01 halts.",
        "2 of 12 updates failed; up to 10 % may.",
    ]


def test_no_alert_of_the_others_is_no_number_of_times(judged):
    record = dict(judged.evidence) | {"ratio": None, "control": {"episodes": 0, "hours": 90.0}}
    found = evidence_of(replace(judged, evidence=record))

    assert found is not None
    assert verdict_words(found)[0].startswith("Alerts came with the update, and none without it")


def test_a_value_that_moved_is_told_with_unit_limit_and_who_is_frozen(judged):
    found = evidence_of(judged)

    assert found is not None
    assert moved_words(found.moved[0], THE_SIX) == (
        "Temperature: +3\N{NO-BREAK SPACE}°C against the others, 2\N{NO-BREAK SPACE}°C are allowed; it does "
        "not move any more at DRIVE-07"
    )


def test_a_wave_that_was_halted_at_once_says_so():
    wave = replace(WAVE, evidence={}, state=WaveState.FAILED, reason="Drive 7 has a critical alert.")

    assert evidence_of(wave) is None
    assert no_evidence_words(wave) == "It was halted before it was judged. Drive 7 has a critical alert."


def test_a_wave_that_is_watched_says_when_it_is_judged():
    assert no_evidence_words(rollout(RUNNING).waves[1]).startswith("It is judged once, at the end")
