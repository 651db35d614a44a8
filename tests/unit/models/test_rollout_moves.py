"""The moves of rollouts on paper, and the same in the database."""

import itertools

from sqlalchemy import text

from models.database import Database
from models.records.rollout import DeploymentStatus, Outcome, RolloutState, Step, WaveState
from models.rollout_states import (
    ENDS,
    MOVED_BY_PEOPLE,
    OUTCOMES_OF_STEP,
    ROLLOUT_MOVES,
    STATUS_OF_STEP,
    STEP_MOVES,
    UNDER_WAY,
    WAVE_MOVES,
)


def reachable(moves, first):
    found, new = {first}, [first]
    while new:
        source = new.pop()
        for target in moves[source] - found:
            found.add(target)
            new.append(target)
    return found


def test_every_state_has_its_moves_and_is_reached() -> None:
    for states, moves, first in (
        (RolloutState, ROLLOUT_MOVES, RolloutState.DRAFT),
        (WaveState, WAVE_MOVES, WaveState.PLANNED),
        (Step, STEP_MOVES, Step.QUEUED),
    ):
        assert set(moves) == set(states)
        assert reachable(moves, first) == set(states)


def test_what_is_over_never_moves_again() -> None:
    over = {RolloutState.COMPLETED, RolloutState.COMPLETED_WITH_FAILURES, RolloutState.ABORTED}
    assert {state for state, targets in ROLLOUT_MOVES.items() if not targets} == over
    assert {step for step, targets in STEP_MOVES.items() if not targets} == ENDS


def test_nothing_runs_that_was_not_approved_first() -> None:
    before_running = {source for source, targets in ROLLOUT_MOVES.items() if RolloutState.RUNNING in targets}
    assert before_running == {RolloutState.APPROVED, RolloutState.PAUSED, RolloutState.HALTED}
    assert RolloutState.APPROVED not in {
        target
        for source, targets in ROLLOUT_MOVES.items()
        if source is not RolloutState.AWAITING_APPROVAL
        for target in targets
    }


def test_every_try_begins_with_the_preflight() -> None:
    for step in (Step.QUEUED, Step.RETRY):
        assert STEP_MOVES[step] & set(UNDER_WAY) == {Step.PREFLIGHT}


def test_people_make_only_moves_that_are_legal() -> None:
    for source, targets in MOVED_BY_PEOPLE.items():
        assert targets <= ROLLOUT_MOVES[source]


def test_every_end_of_a_device_has_an_outcome_of_its_own() -> None:
    assert set(OUTCOMES_OF_STEP) == ENDS
    every = [outcome for outcomes in OUTCOMES_OF_STEP.values() for outcome in outcomes]
    assert sorted(every) == sorted(Outcome)


def test_the_database_has_the_same_moves(shared_database: Database) -> None:
    on_paper = {
        (of, str(source), str(target))
        for of, moves in (("rollout", ROLLOUT_MOVES), ("wave", WAVE_MOVES), ("step", STEP_MOVES))
        for source, targets in moves.items()
        for target in targets
    }
    with shared_database.transaction() as connection:
        stored = connection.execute(text("SELECT of, source, target FROM app.ota_moves")).all()
    assert {tuple(row) for row in stored} == on_paper


def test_the_database_knows_status_and_outcome_of_every_step(shared_database: Database) -> None:
    outcomes: list[Outcome | None] = [None, *Outcome]
    with shared_database.transaction() as connection:
        for step in Step:
            said = connection.execute(text("SELECT app.status_of_step(:step)"), {"step": step}).scalar_one()
            assert DeploymentStatus(said) is STATUS_OF_STEP[step]
        for step, outcome in itertools.product(Step, outcomes):
            said = connection.execute(
                text("SELECT app.is_outcome_of(:step, :outcome)"), {"step": step, "outcome": outcome}
            ).scalar_one()
            assert said == (outcome in OUTCOMES_OF_STEP.get(step, {None}))
