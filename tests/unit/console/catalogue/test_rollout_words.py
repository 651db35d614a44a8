"""How rollouts read."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from console.catalogue.rollout_candidates import candidates_from
from console.catalogue.rollout_words import (
    OUTCOME_WORDS,
    ROLLOUT_WORDS,
    STEP_WORDS,
    WAVE_WORDS,
    progress_words,
    settings_words,
    state_words,
    window_words,
    worst_first,
)
from models.records.device import Device, DeviceId
from models.records.rollout import (
    InstallWindow,
    Outcome,
    PlanSettings,
    RolloutHead,
    RolloutId,
    RolloutState,
    Step,
    UpdateFacts,
    WaveState,
)

AT = datetime(2030, 5, 1, tzinfo=UTC)


def _head(number: int, state: RolloutState, **changes: object) -> RolloutHead:
    plain = RolloutHead(RolloutId(number), f"R{number}", "2.1.0+a", state, "", AT, 50, 12, 1, is_held=False)
    return replace(plain, **changes)


def test_every_state_has_words():
    assert set(ROLLOUT_WORDS) == set(RolloutState)
    assert set(WAVE_WORDS) == set(WaveState)
    assert set(STEP_WORDS) == set(Step)
    assert set(OUTCOME_WORDS) == set(Outcome)


def test_what_needs_somebody_comes_first_and_what_is_over_last():
    states = (
        RolloutState.COMPLETED, RolloutState.DRAFT, RolloutState.RUNNING, RolloutState.AWAITING_APPROVAL,
        RolloutState.HALTED, RolloutState.ABORTED,
    )  # fmt: skip
    heads = [_head(number, state) for number, state in enumerate(states, start=1)]

    assert [one.id for one in worst_first(heads)] == [5, 4, 3, 2, 6, 1]


def test_a_rollout_that_waits_for_a_decision_stands_with_the_halted_ones():
    held = _head(2, RolloutState.RUNNING, is_held=True)

    assert [one.id for one in worst_first([_head(3, RolloutState.AWAITING_APPROVAL), held])] == [2, 3]
    assert state_words(held) == "held: somebody has to decide"


def test_progress_is_counted_once_it_has_begun():
    assert progress_words(_head(1, RolloutState.RUNNING)) == "12 of 50, 1 failed"
    assert progress_words(_head(1, RolloutState.RUNNING, failed=0)) == "12 of 50"
    assert progress_words(_head(1, RolloutState.DRAFT)) == "50 devices"


@pytest.mark.parametrize(
    ("window", "words"),
    [
        (None, "at any time"),
        (InstallWindow(tuple(range(7)), "22:00", "05:00"), "every day, 22:00 to 05:00"),
        (InstallWindow((0, 1, 2, 3, 4), "22:00", "05:00"), "Mon to Fri, 22:00 to 05:00"),
        (InstallWindow((0, 2), "22:00", "05:00"), "Mon, Wed, 22:00 to 05:00"),
    ],
)
def test_windows_are_said_as_people_say_them(window, words):
    assert window_words(window) == words


def test_settings_are_said_with_their_units():
    words = dict(settings_words(PlanSettings(soak_s=5400.0)))

    assert words["Watched"] == "1 h 30 min after each wave"
    assert words["Halts"].startswith("above 10 % failed (from 5 on); alerts 1.5 times as often")


def test_a_candidate_is_what_is_configured_with_what_updates_say():
    extra = {"product": "drive-a", "hardware": 7}
    device = Device(DeviceId(4), "D-4", "Drive 4", "drive", "Hall A", "modbus-tcp", {}, 1.0, (), extra=extra)
    (found,) = candidates_from([device], {DeviceId(4): UpdateFacts("2.0.3", is_busy=True)})

    assert (found.product, found.hardware, found.running, found.is_busy) == ("drive-a", "", "2.0.3", True)
