"""What people order of rollouts and versions of firmware: commands, as in `commands.py`.

What comes of it is done by the stations, and comes back to every window as `firmware_changed`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from models.records.firmware import FirmwareVersion, VersionId
from models.records.rollout import RolloutId, RolloutPlan

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from models.records.person import Person


class RolloutOrder(StrEnum):
    """What can be asked of a rollout that there is."""

    SUBMIT = "submit"
    APPROVE = "approve"
    SEND_BACK = "send back"
    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    HALT = "halt"
    ASK_OVERRIDE = "ask override"
    AGREE = "agree"
    SOAK_AGAIN = "soak again"
    ABORT = "abort"


@dataclass(frozen=True, slots=True)
class OrderRollout:
    """Ask something of a rollout.

    Attributes:
        plan_hash: Of the plan that the person saw; the database refuses where it was changed meanwhile.
        reason: Where one is asked for.
    """

    order: RolloutOrder
    rollout: RolloutId
    plan_hash: bytes
    reason: str = ""

    def apply(self, connection: Connection, person: Person) -> RolloutId:
        """Return whose order it was. Raises StorageError."""
        from models.queries import rollouts

        id, of_plan, reason = self.rollout, self.plan_hash, self.reason
        match self.order:
            case RolloutOrder.SUBMIT:
                rollouts.submit(connection, id, of_plan)
            case RolloutOrder.APPROVE:
                rollouts.approve(connection, id, of_plan, reason)
            case RolloutOrder.SEND_BACK:
                rollouts.send_back(connection, id, reason)
            case RolloutOrder.START:
                rollouts.start(connection, id, of_plan)
            case RolloutOrder.PAUSE:
                rollouts.pause(connection, id, reason)
            case RolloutOrder.RESUME:
                rollouts.resume(connection, id)
            case RolloutOrder.HALT:
                rollouts.halt(connection, id, reason)
            case RolloutOrder.ASK_OVERRIDE:
                rollouts.ask_override(connection, id, reason)
            case RolloutOrder.AGREE:
                rollouts.agree_to_override(connection, id)
            case RolloutOrder.SOAK_AGAIN:
                rollouts.soak_again(connection, id)
            case RolloutOrder.ABORT:
                rollouts.abort(connection, id, reason)
        return id


@dataclass(frozen=True, slots=True)
class SavePlan:
    """Keep a plan as a draft, and ask for its approval where that is wanted.

    Attributes:
        rollout: Whose plan it replaces; None = a new rollout.
        is_submitted: Ask a second person at once.
    """

    rollout: RolloutId | None
    name: str
    plan: RolloutPlan
    is_submitted: bool

    def apply(self, connection: Connection, person: Person) -> RolloutId:
        """Return the rollout. Raises StorageError; nothing was kept then."""
        from models.queries import rollouts

        made = rollouts.save_plan(connection, self.rollout, self.name, self.plan)
        if self.is_submitted:
            rollouts.submit(connection, made, rollouts.load_rollout(connection, made).plan_hash)
        return made


@dataclass(frozen=True, slots=True)
class MarkReleased:
    """Release a draft exactly as it was verified a moment ago."""

    version: FirmwareVersion

    def apply(self, connection: Connection, person: Person) -> VersionId:
        """Return the version. Raises StorageError."""
        from models.queries.firmware_versions import mark_released

        mark_released(connection, self.version)
        return self.version.id


@dataclass(frozen=True, slots=True)
class DeprecateVersion:
    """Have a released version be rolled out no more."""

    id: VersionId

    def apply(self, connection: Connection, person: Person) -> VersionId:
        """Return the version. Raises StorageError."""
        from models.queries.firmware_versions import deprecate_version

        deprecate_version(connection, self.id)
        return self.id
