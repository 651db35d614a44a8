"""Revisions in words: what each changed, and what going back to one would change. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from console.catalogue.device_differences import revision_differences
from console.panels.wording import count_text
from models.quantities import THE_SIX, Quantities
from models.records.device_revision import DeviceBatch, DeviceRevision, RevisionAction

NOTHING = "Nothing: it is like this now."


@dataclass(frozen=True, slots=True)
class RevisionRow:
    """One revision with the one before it, ready to be listed."""

    revision: DeviceRevision
    changes: tuple[str, ...]

    @property
    def text(self) -> str:
        """What happened, on one line."""
        said = ", ".join(self.changes)
        match self.revision.action:
            case RevisionAction.RECORDED:
                return "As it was when histories began to be kept"
            case RevisionAction.CHANGED:
                return said or "Saved without a visible change"
            case action:
                word = action.value.capitalize()
                return f"{word}; {said}" if said else word

    @property
    def author(self) -> str:
        """Who did it."""
        return self.revision.author or "The program"


@dataclass(frozen=True, slots=True)
class DeviceHistory:
    """Everything the list of one device shows.

    Attributes:
        rows: One a revision, newest first.
        quantities: For the names of what is measured.
        people: Names by `users.id`.
    """

    rows: tuple[RevisionRow, ...]
    quantities: Quantities = THE_SIX
    people: Mapping[int, str] = field(default_factory=dict[int, str])


def history_of(
    revisions: Sequence[DeviceRevision],
    quantities: Quantities = THE_SIX,
    people: Mapping[int, str] | None = None,
) -> DeviceHistory:
    """Return revisions, newest first, each with what it changed."""
    names = people or {}
    rows: list[RevisionRow] = []
    for one, before in zip(revisions, [*revisions[1:], None], strict=True):
        found = () if before is None else _changes(before, one, quantities, names)
        rows.append(RevisionRow(one, tuple(found)))
    return DeviceHistory(tuple(rows), quantities, names)


def way_back(history: DeviceHistory, chosen: DeviceRevision) -> list[str]:
    """Return what restoring a revision would change, a line each; empty where nothing would."""
    newest = history.rows[0].revision
    lines = ["The device comes back, with its history."] if newest.is_removal else []
    # Nobody takes a device from its owner by going back to a time when it had none.
    owner = chosen.configuration.user_id or newest.configuration.user_id
    wanted = replace(chosen, configuration=replace(chosen.configuration, user_id=owner))
    return [*lines, *_changes(newest, wanted, history.quantities, history.people)]


def batch_text(batch: DeviceBatch) -> str:
    """Return what one change did: "12 added, 3 changed"."""
    counts = ((batch.added, "added"), (batch.changed, "changed"), (batch.removed, "removed"))
    said = ", ".join(f"{count:,} {word}" for count, word in counts if count)
    return said or f"{count_text(batch.recorded, 'device')} recorded as the beginning of their history"


def _changes(
    before: DeviceRevision, after: DeviceRevision, quantities: Quantities, people: Mapping[int, str]
) -> list[str]:
    return [str(one) for one in revision_differences(before, after, quantities, people)]
