"""What may be asked of a rollout, and by whom: pure. The database decides again for good."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from console.catalogue.rollout_words import override_asked
from models.records.device import DeviceId
from models.records.person import Person, Role
from models.records.rollout import Rollout, RolloutState, Wave, WaveState

_S = RolloutState


class Act(StrEnum):
    """In the order in which they are offered: the way on first, what stops it last."""

    SUBMIT = "submit"
    APPROVE = "approve"
    SEND_BACK = "send-back"
    START = "start"
    RESUME = "resume"
    AGREE = "agree"
    ASK_OVERRIDE = "ask-override"
    SOAK_AGAIN = "soak-again"
    PAUSE = "pause"
    HALT = "halt"
    EDIT = "edit"
    TAKE_BACK = "take-back"
    ABORT = "abort"


@dataclass(frozen=True, slots=True)
class Standing:
    """Who looks at which rollout.

    Attributes:
        is_planner: May plan for all of its devices.
    """

    rollout: Rollout
    waves: tuple[Wave, ...]
    person: Person
    is_planner: bool


_ANYBODY = frozenset({Act.PAUSE, Act.HALT})
_BY_STATE: Mapping[RolloutState, frozenset[Act]] = {
    _S.DRAFT: frozenset({Act.SUBMIT, Act.EDIT, Act.ABORT}),
    _S.AWAITING_APPROVAL: frozenset({Act.APPROVE, Act.SEND_BACK, Act.EDIT, Act.ABORT}),
    _S.APPROVED: frozenset({Act.START, Act.EDIT, Act.ABORT}),
    _S.RUNNING: frozenset({Act.PAUSE, Act.HALT}),
    _S.PAUSED: frozenset({Act.RESUME, Act.HALT}),
    _S.HALTED: frozenset({Act.ASK_OVERRIDE, Act.AGREE, Act.TAKE_BACK, Act.ABORT}),
    _S.COMPLETED: frozenset({Act.TAKE_BACK}),
    _S.COMPLETED_WITH_FAILURES: frozenset({Act.TAKE_BACK}),
    _S.ABORTED: frozenset({Act.TAKE_BACK}),
}
_HELD = frozenset({Act.ASK_OVERRIDE, Act.AGREE, Act.SOAK_AGAIN})


def acts_of(standing: Standing) -> tuple[Act, ...]:
    """Return what this person may ask of the rollout in the state that it is in."""
    rollout, person = standing.rollout, standing.person
    found = set(_BY_STATE[rollout.state])
    if rollout.state is _S.RUNNING and any(wave.state is WaveState.HELD for wave in standing.waves):
        found |= _HELD
    if not standing.is_planner:
        found &= _ANYBODY
    if person.id in (rollout.created_by, rollout.edited_by):
        found.discard(Act.APPROVE)
    if rollout.started_at is None:
        found.discard(Act.TAKE_BACK)
    asked = override_asked(rollout.approvals)
    if asked is None or asked.person_id == person.id:
        found.discard(Act.AGREE)
    if asked is not None:
        found.discard(Act.ASK_OVERRIDE)
    return tuple(act for act in Act if act in found)


def is_planner(person: Person, devices: Iterable[DeviceId], owners: Mapping[DeviceId, int | None]) -> bool:
    """Tell whether a person may plan for all of these devices.

    Args:
        person: Who asks.
        devices: Of the plan, those that are in.
        owners: Of every device that the person sees, its owner.
    """
    if person.role is Role.ADMIN:
        return True
    return person.role is Role.USER and all(owners.get(device) == person.id for device in devices)
