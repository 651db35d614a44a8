"""How a rollout goes on, from every state it can stand in."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from console.station.rollouts.conducting import SETTLE_S, Conclude, MoveWave, Stand, next_move
from console.station.rollouts.gate import Evidence
from console.station.rollouts.rate_test import Exposure
from models.records.rollout import (
    DeploymentId,
    DeploymentStatus,
    Outcome,
    PlanSettings,
    RolloutId,
    RolloutState,
    Wave,
    WaveId,
    WaveState,
)
from tests.unit.console.station.rollouts.one_device import DEPLOYMENT

NOW = datetime(2030, 5, 1, 12, tzinfo=UTC)
FINE = Evidence((), 10, 0, Exposure(0, 20.0), Exposure(0, 40.0), is_own_past=False)
DONE = replace(
    DEPLOYMENT, status=DeploymentStatus.COMPLETED, outcome=Outcome.UPDATED, completed_at=NOW, wave=WaveId(1)
)
OPEN = replace(DEPLOYMENT, status=DeploymentStatus.PENDING, wave=WaveId(1))
STRANGE = replace(
    DONE, status=DeploymentStatus.FAILED, outcome=Outcome.NEEDS_PERSON, error="Another answers."
)


def wave(state: WaveState, ago_s: float = 0.0, id: int = 1) -> Wave:
    return Wave(WaveId(id), RolloutId(2), id - 1, state, NOW - timedelta(seconds=ago_s), "")


def moved(*waves: Wave, deployments=(DONE,), state=RolloutState.RUNNING, evidence=FINE, **more):
    stand = Stand(state, PlanSettings(soak_s=600.0), waves, deployments, NOW, **more)
    return next_move(stand, lambda since: replace(evidence, is_second_look=since is not None))


@pytest.mark.parametrize(
    ("before", "target"),
    [
        (wave(WaveState.PLANNED), WaveState.DEPLOYING),
        (wave(WaveState.DEPLOYING), WaveState.SETTLING),
        (wave(WaveState.SETTLING, SETTLE_S), WaveState.SOAKING),
        (wave(WaveState.SOAKING, 600.0), WaveState.JUDGING),
        (wave(WaveState.JUDGING), WaveState.PASSED),
    ],
)
def test_a_wave_goes_on_step_by_step(before: Wave, target: WaveState) -> None:
    move = moved(before)
    assert isinstance(move, MoveWave)
    assert (move.source, move.target) == (before.state, target)


@pytest.mark.parametrize(
    ("before", "deployments"),
    [
        (wave(WaveState.DEPLOYING), (DONE, OPEN)),
        (wave(WaveState.SETTLING, SETTLE_S - 1), (DONE,)),
        (wave(WaveState.SOAKING, 599.0), (DONE,)),
        (wave(WaveState.HELD, 1e6), (DONE,)),
    ],
)
def test_nothing_goes_on_before_its_time(before: Wave, deployments) -> None:
    assert moved(before, deployments=deployments) is None


@pytest.mark.parametrize(
    "state", [WaveState.PLANNED, WaveState.DEPLOYING, WaveState.SOAKING, WaveState.JUDGING]
)
def test_nothing_goes_on_while_paused(state: WaveState) -> None:
    assert moved(wave(state, 1e6), state=RolloutState.PAUSED) is None


@pytest.mark.parametrize(
    "state", [WaveState.DEPLOYING, WaveState.SETTLING, WaveState.SOAKING, WaveState.JUDGING]
)
@pytest.mark.parametrize("of", [RolloutState.RUNNING, RolloutState.PAUSED])
def test_a_tripwire_fails_the_wave_and_then_halts_the_rollout_even_while_paused(state, of) -> None:
    evidence = replace(FINE, tripped=("Drive 4 has a critical alert.",))
    move = moved(wave(state), state=of, evidence=evidence)
    assert isinstance(move, MoveWave)
    assert (move.target, move.reason) == (WaveState.FAILED, "Drive 4 has a critical alert.")
    failed = replace(wave(WaveState.FAILED), reason=move.reason)
    assert moved(failed, state=of) == Conclude(RolloutState.HALTED, move.reason)


def test_a_strange_device_halts_until_two_persons_say_that_it_goes_on() -> None:
    move = moved(wave(WaveState.DEPLOYING), deployments=(STRANGE, OPEN))
    assert isinstance(move, MoveWave)
    assert move.reason == "A device needs a person. Another answers."
    later = NOW + timedelta(seconds=1)
    assert moved(wave(WaveState.DEPLOYING), deployments=(STRANGE, OPEN), overridden_at=later) is None


@pytest.mark.parametrize("state", sorted(set(RolloutState) - {RolloutState.RUNNING, RolloutState.PAUSED}))
def test_a_conductor_leaves_everything_else_alone(state: RolloutState) -> None:
    assert moved(wave(WaveState.JUDGING), state=state) is None


def test_the_next_wave_begins_only_when_the_one_before_has_passed() -> None:
    first, second = wave(WaveState.PASSED, id=1), wave(WaveState.PLANNED, id=2)
    move = moved(first, second)
    assert isinstance(move, MoveWave)
    assert (move.wave, move.target) == (2, WaveState.DEPLOYING)
    assert moved(wave(WaveState.HELD, id=1), second) is None


def test_it_is_over_when_every_wave_has_passed_and_says_with_how_many_failures() -> None:
    every = wave(WaveState.PASSED)
    assert moved(every) == Conclude(RolloutState.COMPLETED, "")
    failed = replace(DONE, id=DeploymentId(9), status=DeploymentStatus.FAILED, outcome=Outcome.TIMED_OUT)
    assert moved(every, deployments=(DONE, failed)) == Conclude(
        RolloutState.COMPLETED_WITH_FAILURES, "1 of 2 devices failed."
    )
    assert moved(every, deployments=(DONE, OPEN)) is None


TOO_OFTEN = replace(FINE, updated=Exposure(20, 20.0), control=Exposure(4, 40.0))


def test_a_rate_that_is_too_high_is_looked_at_twice_before_it_halts() -> None:
    first = moved(wave(WaveState.JUDGING), evidence=TOO_OFTEN)
    assert isinstance(first, MoveWave)
    assert first.target is WaveState.HELD
    assert "watched once more" in first.reason
    held = replace(wave(WaveState.HELD), evidence=first.evidence, reason=first.reason)
    again = moved(held, evidence=TOO_OFTEN)
    assert isinstance(again, MoveWave)
    assert (again.source, again.target) == (WaveState.HELD, WaveState.SOAKING)
    judged = replace(wave(WaveState.JUDGING), evidence=first.evidence)
    last = moved(judged, evidence=TOO_OFTEN)
    assert isinstance(last, MoveWave)
    assert last.target is WaveState.FAILED


def test_what_is_not_seen_again_is_held_for_people() -> None:
    judged = replace(wave(WaveState.JUDGING), evidence={"suspected_at": NOW.isoformat()})
    move = moved(judged, evidence=FINE)
    assert isinstance(move, MoveWave)
    assert (move.target, "people have to decide" in move.reason) == (WaveState.HELD, True)
    held = replace(wave(WaveState.HELD), evidence=move.evidence)
    assert moved(held, evidence=FINE) is None
