"""What may be asked of a rollout, by whom, in which state."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from console.catalogue.rollout_acts import Act, Standing, acts_of, is_planner
from models.records.device import DeviceId
from models.records.person import Person, Role
from models.records.rollout import (
    Approval,
    PlanSettings,
    Rollout,
    RolloutId,
    RolloutPlan,
    RolloutState,
    Wave,
    WaveId,
    WaveState,
)

AT = datetime(2030, 5, 1, tzinfo=UTC)
PLANNER, SECOND = Person(1, "Uwe", "u@x.org", Role.USER), Person(2, "Eva", "e@x.org", Role.ADMIN)
OPERATOR = Person(3, "Olga", "o@x.org", Role.OPERATOR)
_BEFORE = (RolloutState.DRAFT, RolloutState.AWAITING_APPROVAL, RolloutState.APPROVED)
HELD = Wave(WaveId(1), RolloutId(1), 0, WaveState.HELD, AT, "Too little to compare.")


def _rollout(state: RolloutState, **changes: object) -> Rollout:
    plain = Rollout(
        RolloutId(1), "Drives", 1, "2.1.0+drive-a", state, "", PLANNER.id, PLANNER.name, AT,
        AT if state not in _BEFORE else None,
        None, RolloutPlan(1, PlanSettings(), ()), b"", (), edited_by=PLANNER.id,
    )  # fmt: skip
    return replace(plain, **changes)


def _acts(rollout: Rollout, person: Person, *waves: Wave) -> set[Act]:
    return set(acts_of(Standing(rollout, waves, person, person.role is not Role.OPERATOR)))


def test_whoever_planned_does_not_approve_and_a_second_person_may():
    waiting = _rollout(RolloutState.AWAITING_APPROVAL)

    assert Act.APPROVE not in _acts(waiting, PLANNER)
    assert Act.APPROVE in _acts(waiting, SECOND)
    assert Act.APPROVE not in _acts(replace(waiting, edited_by=SECOND.id), SECOND)


@pytest.mark.parametrize("state", list(RolloutState))
def test_an_operator_may_stop_what_runs_and_nothing_else(state):
    stops = {
        RolloutState.RUNNING: {Act.PAUSE, Act.HALT},
        RolloutState.PAUSED: {Act.HALT},
    }
    assert _acts(_rollout(state), OPERATOR, HELD) == stops.get(state, set())


def test_a_held_wave_is_decided_while_the_rollout_runs():
    running = _rollout(RolloutState.RUNNING)

    assert {Act.ASK_OVERRIDE, Act.SOAK_AGAIN} <= _acts(running, PLANNER, HELD)
    assert Act.SOAK_AGAIN not in _acts(running, PLANNER)


def test_only_another_than_who_asked_agrees_to_going_on():
    asked = Approval(PLANNER.id, PLANNER.name, "override asked", b"", "A loose sensor.", AT)
    halted = _rollout(RolloutState.HALTED, approvals=(asked,))

    assert Act.AGREE not in _acts(halted, PLANNER)
    assert Act.AGREE in _acts(halted, SECOND)
    assert Act.AGREE not in _acts(_rollout(RolloutState.HALTED), SECOND)


def test_what_never_began_changed_nothing_to_take_back():
    given_up = _rollout(RolloutState.ABORTED)

    assert Act.TAKE_BACK in _acts(given_up, PLANNER)
    assert Act.TAKE_BACK not in _acts(replace(given_up, started_at=None), PLANNER)


@pytest.mark.parametrize(
    ("person", "owner", "may"),
    [(SECOND, 7, True), (PLANNER, PLANNER.id, True), (PLANNER, 7, False), (OPERATOR, OPERATOR.id, False)],
)
def test_an_engineer_plans_for_devices_of_their_own(person, owner, may):
    device = DeviceId(5)

    assert is_planner(person, [device], {device: owner}) is may
