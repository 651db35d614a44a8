from dataclasses import replace

import pytest

from console.bridge.commands import AcknowledgeAlerts, ResolveAlerts
from console.bridge.permissions import may, refusal_of
from console.bridge.session_state import Phase, SessionState
from models.records.person import Person, Role
from models.records.rights import Action
from tests.unit.console.bridge.session_parts import FakeLogin


def state(role: Role, *, is_offline: bool = False, is_locked: bool = False) -> SessionState:
    login = FakeLogin(Person(7, "Eva Lind", "eva@example.org", role), is_offline=is_offline)
    return SessionState(Phase.SIGNED_IN, session=login, is_locked=is_locked)


ACKNOWLEDGE, RESOLVE = AcknowledgeAlerts(()), ResolveAlerts(())


def test_nobody_may_do_anything_and_no_order_is_sent_for_nobody():
    assert not may(SessionState(), Action.SEE_PLANT, None)
    assert refusal_of(SessionState(), ACKNOWLEDGE) == "Nobody is signed in; sign in first."


def test_a_person_may_what_their_role_may():
    assert may(state(Role.ADMIN), Action.MANAGE_PEOPLE, None)
    assert not may(state(Role.OPERATOR), Action.MANAGE_PEOPLE, None)
    assert may(state(Role.USER), Action.HANDLE_ALERTS, 7)
    assert not may(state(Role.USER), Action.HANDLE_ALERTS, 8)


@pytest.mark.parametrize("action", [each for each in Action if each is not Action.SEE_PLANT])
def test_offline_even_an_administrator_only_looks(action):
    assert may(state(Role.ADMIN, is_offline=True), Action.SEE_PLANT, None)
    assert not may(state(Role.ADMIN, is_offline=True), action, None)
    assert "away" in refusal_of(state(Role.ADMIN, is_offline=True), ACKNOWLEDGE)


@pytest.mark.parametrize("role", list(Role))
def test_the_lock_refuses_every_order_but_an_operators_acknowledgement(role):
    locked = state(role, is_locked=True)
    assert refusal_of(locked, RESOLVE).startswith("Locked by Eva Lind")
    assert (refusal_of(locked, ACKNOWLEDGE) == "") == (role is Role.OPERATOR)
    assert refusal_of(replace(locked, is_locked=False), RESOLVE) == ""
