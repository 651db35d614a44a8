"""What a device runs, and what became of its updates, in words. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from console.catalogue.rollout_words import deployment_words
from models.records.rollout import Deployment, Outcome, RolloutHead, RolloutId

NEVER_UPDATED = "No rollout has reached this device yet; what it runs is asked of it when one does."


@dataclass(frozen=True, slots=True)
class DeviceUpdates:
    """The updates of one device.

    Attributes:
        history: The newest first.
        rollouts: What is known of the rollouts that they belong to.
    """

    history: tuple[Deployment, ...]
    rollouts: Mapping[RolloutId, RolloutHead]


def running_words(updates: DeviceUpdates) -> str:
    """Return what a device was last seen to run."""
    if not updates.history:
        return NEVER_UPDATED
    known = next((one.observed_version for one in updates.history if one.observed_version), "")
    return f"Runs {known}" if known else "It has not told yet what it runs."


def update_words(one: Deployment, updates: DeviceUpdates) -> str:
    """Return one line of the history: "2.0.3 → 2.1.0: updated"."""
    head = updates.rollouts.get(one.rollout)
    target = head.version.partition("+")[0] if head is not None else ""
    before = one.from_version or "?"
    # One that has it already went nowhere.
    way = target if one.outcome is Outcome.ALREADY else f"{before} → {target or '?'}"
    return f"{way}: {deployment_words(one)}"


def rollout_words(one: Deployment, updates: DeviceUpdates) -> str:
    """Return which rollout an update belongs to."""
    head = updates.rollouts.get(one.rollout)
    return f"rollout {one.rollout}" if head is None else head.name


def updates_of(history: Sequence[Deployment], heads: Sequence[RolloutHead]) -> DeviceUpdates:
    """Put both together."""
    return DeviceUpdates(tuple(history), {head.id: head for head in heads})
