"""Who may do what, as a pure function: the window hides by it what the database would refuse.

The database is what refuses (migrations 0009 and 0010). A test holds both equal, for every role and action.
"""

from enum import StrEnum

from models.records.person import Person, Role


class Action(StrEnum):
    """What a screen or a command lets somebody do."""

    SEE_PLANT = "see_plant"
    HANDLE_ALERTS = "handle_alerts"
    CONFIGURE_DEVICES = "configure_devices"
    CONFIGURE_THRESHOLDS = "configure_thresholds"
    DEPLOY_FIRMWARE = "deploy_firmware"
    """Plan, approve and start rollouts; anybody in the control room may pause and halt one."""
    MANAGE_PEOPLE = "manage_people"
    MANAGE_STATIONS = "manage_stations"
    MANAGE_KEYS = "manage_keys"
    MANAGE_NOTIFICATIONS = "manage_notifications"
    SEE_AUDIT = "see_audit"
    HAND_OVER = "hand_over"
    """Read, write and sign the handovers of shifts."""


_OPERATOR = frozenset({Action.SEE_PLANT, Action.HANDLE_ALERTS, Action.HAND_OVER})
_OWN_DEVICES = frozenset(
    {
        Action.SEE_PLANT,
        Action.HANDLE_ALERTS,
        Action.CONFIGURE_DEVICES,
        Action.CONFIGURE_THRESHOLDS,
        Action.DEPLOY_FIRMWARE,
    }
)


def may(person: Person, action: Action, owner_id: int | None = None) -> bool:
    """Return whether the database lets `person` do this.

    Args:
        person: The person signed in, with the role they have now.
        action: What they want to do.
        owner_id: Whose device it is about (`devices.user_id`); None for a device that belongs to nobody, and
            for what is not about one device. Give the person's own id to ask whether they may do this at
            least with devices of their own.
    """
    match person.role:
        case Role.ADMIN:
            return True
        case Role.OPERATOR:
            return action in _OPERATOR
        case Role.USER:
            return action in _OWN_DEVICES and owner_id == person.id
