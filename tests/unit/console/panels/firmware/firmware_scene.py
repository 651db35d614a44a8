"""Rollouts and versions to look at: those of the pictures, and parts to make others of."""

from datetime import UTC, datetime

from console.panels.firmware.firmware_questions import RolloutNow
from console.panels.firmware.pictured import pictured_heads, pictured_rollout
from models.records.device import DeviceId
from models.records.person import Person, Role
from models.records.rollout import RolloutHead
from tests.unit.console.panels.plant_scene import NOW

NOW_AT = datetime.fromtimestamp(NOW, UTC)
DEVICES = [DeviceId(number) for number in range(1, 25)]
OPERATOR = Person(2, "Olga Brandt", "olga@example.org", Role.OPERATOR)


def heads() -> list[RolloutHead]:
    """One rollout in each state of the pictures."""
    return pictured_heads(DEVICES, NOW)


def rollout(name: str) -> RolloutNow:
    """One of them in full."""
    return pictured_rollout(name, DEVICES, NOW)
