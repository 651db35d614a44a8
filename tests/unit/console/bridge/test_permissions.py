from dataclasses import replace

import pytest

from console.bridge.alert_commands import (
    BeginMaintenance,
    CommentAlerts,
    EndMaintenance,
    SaveAlarmSettings,
    ShelveThresholds,
    UnshelveThresholds,
)
from console.bridge.commands import AcknowledgeAlerts, ResolveAlerts
from console.bridge.permissions import may, refusal_of
from console.bridge.session_state import Phase, SessionState
from models.records.person import Person, Role
from models.records.rights import Action
from models.records.shelf import AlarmSettings
from tests.unit.console.bridge.session_parts import FakeLogin


def state(role: Role, *, is_offline: bool = False, is_locked: bool = False) -> SessionState:
    login = FakeLogin(Person(7, "Eva Lind", "eva@example.org", role), is_offline=is_offline)
    return SessionState(Phase.SIGNED_IN, session=login, is_locked=is_locked)


ACKNOWLEDGE, RESOLVE = AcknowledgeAlerts(()), ResolveAlerts(())
OTHERS = (
    RESOLVE,
    CommentAlerts((), "hot"),
    ShelveThresholds((), "valve", 60.0),
    UnshelveThresholds(()),
    BeginMaintenance((), "bearing", 60.0),
    EndMaintenance(()),
    SaveAlarmSettings(AlarmSettings()),
)


def test_nobody_may_do_anything_and_no_order_is_sent_for_nobody():
    assert not may(SessionState(), Action.SEE_PLANT, None)
    assert refusal_of(SessionState(), ACKNOWLEDGE) == "Nobody is signed in; sign in first."


def test_a_person_may_what_their_role_may():
    assert may(state(Role.ADMIN), Action.MANAGE_PEOPLE, None)
    assert not may(state(Role.OPERATOR), Action.MANAGE_PEOPLE, None)
    assert may(state(Role.USER), Action.HANDLE_ALERTS, 7)
    assert not may(state(Role.USER), Action.HANDLE_ALERTS, 8)


OFFLINE_ACTIONS = (Action.SEE_PLANT, Action.HANDLE_ALERTS)


@pytest.mark.parametrize("action", Action)
def test_offline_even_an_administrator_only_looks_and_takes_note_of_alerts(action):
    assert may(state(Role.ADMIN, is_offline=True), action, None) == (action in OFFLINE_ACTIONS)


def test_offline_nobody_may_more_than_their_role():
    assert not may(state(Role.USER, is_offline=True), Action.HANDLE_ALERTS, 8)


@pytest.mark.parametrize("role", list(Role))
def test_an_acknowledgement_is_sent_without_the_database(role):
    assert refusal_of(state(role, is_offline=True), ACKNOWLEDGE) == ""


@pytest.mark.parametrize("order", OTHERS, ids=lambda order: type(order).__name__)
def test_while_the_database_is_away_no_other_order_is_sent_and_the_sentence_says_why(order):
    assert refusal_of(state(Role.OPERATOR, is_offline=True), order) == (
        "The database is away, so you can only look and acknowledge; this is possible again once it is back."
    )


@pytest.mark.parametrize("role", list(Role))
def test_the_lock_lets_an_operators_acknowledgement_pass(role):
    locked = state(role, is_locked=True)
    assert (refusal_of(locked, ACKNOWLEDGE) == "") == (role is Role.OPERATOR)


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("order", OTHERS, ids=lambda order: type(order).__name__)
def test_the_lock_refuses_everything_else_because_it_is_signed_with_a_name(role, order):
    locked = state(role, is_locked=True)
    assert refusal_of(locked, order).startswith("Locked by Eva Lind")
    assert refusal_of(replace(locked, is_locked=False), order) == ""
