"""What the window offers and refuses in a session: pure functions. The database decides again for good."""

from __future__ import annotations

from typing import Any

from console.bridge.commands import AcknowledgeAlerts, Command
from console.bridge.session_state import SessionState
from models.records import rights
from models.records.person import Role
from models.records.rights import Action

NOBODY = "Nobody is signed in; sign in first."
OFFLINE = (
    "The database is away, so you can only look and acknowledge; this is possible again once it is back."
)
_OFFLINE_ACTIONS = frozenset({Action.SEE_PLANT, Action.HANDLE_ALERTS})


def may(state: SessionState, action: Action, owner_id: int | None) -> bool:
    """Tell whether something is to be offered.

    Whom this computer alone let in may look, and take note of alerts: the database authorises that once more
    before it counts.
    """
    session = state.session
    if session is None or (session.is_offline and action not in _OFFLINE_ACTIONS):
        return False
    return rights.may(session.person, action, owner_id)


def locked_text(state: SessionState) -> str:
    """Return what is said to whoever uses a locked control."""
    name = "" if state.session is None else f" by {state.session.person.name}"
    return f"Locked{name}: enter the password to use the controls."


def is_locked_for(state: SessionState, command: Command[Any]) -> bool:
    """Tell whether the lock refuses a command.

    It never stands between an operator and an alert; `session_keeper` says why. But to set alerts aside, to
    end them, or to write words under somebody's name is no emergency: whoever does it enters the password.
    """
    session = state.session
    is_operator = session is not None and session.person.role is Role.OPERATOR
    return state.is_locked and not (is_operator and isinstance(command, AcknowledgeAlerts))


def refusal_of(state: SessionState, command: Command[Any]) -> str:
    """Return why a command is not even sent; empty where it is."""
    if state.session is None:
        return NOBODY
    if state.session.is_offline and not isinstance(command, AcknowledgeAlerts):
        return OFFLINE
    return locked_text(state) if is_locked_for(state, command) else ""


def asking_refusal_of(state: SessionState) -> str:
    """Return why nothing is asked of a device from this window right now; empty where it may be.

    The station decides again by the person's role and devices.
    """
    if state.session is None:
        return NOBODY
    return locked_text(state) if state.is_locked else ""
