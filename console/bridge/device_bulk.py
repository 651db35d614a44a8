"""Devices by the dozen: imports, their undoing and former revisions, as commands (`commands.py`)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from models.records.device import DeviceId
from models.records.device_revision import BatchId

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from console.bridge.notification_commands import Sealing
    from console.catalogue.device_outcomes import ImportDone, UndoDone
    from console.catalogue.device_plan import DevicePlan
    from models.records.person import Person
    from models.workstation import WorkstationKeys


@dataclass(frozen=True, slots=True)
class ImportDevices:
    """Store what a file says, in one change that can be taken back.

    Attributes:
        plan: What the person saw; where a device was changed since, nothing is stored.
        is_partial: Leave out what is not in order, instead of refusing all.
        sealing: Of this computer; None = it can encrypt nothing.
    """

    plan: DevicePlan = field(repr=False)
    is_partial: bool = False
    sealing: Sealing | None = field(default=None, compare=False)

    def apply(self, connection: Connection, person: Person) -> ImportDone:
        """Store it. Raises StorageError."""
        from console.catalogue.device_import import apply_plan
        from console.catalogue.sealing import holds_plain_secrets
        from models.records.person import Role

        note = ""
        has_secrets = any(one.entry and holds_plain_secrets(one.entry.device) for one in self.plan.to_store)
        if self.sealing is not None and has_secrets and person.role is Role.ADMIN:
            note = self.sealing.make_first_key(connection)
        done = apply_plan(connection, self.plan, _keys(self.sealing), is_partial=self.is_partial)
        return replace(done, note=note)


@dataclass(frozen=True, slots=True)
class UndoChange:
    """Take back everything that one change did to devices.

    Attributes:
        is_partial: Leave devices alone that somebody changed since, instead of refusing all.
    """

    batch: BatchId
    is_partial: bool = False
    sealing: Sealing | None = field(default=None, compare=False)

    def apply(self, connection: Connection, person: Person) -> UndoDone:
        """Return what came of it. Raises StorageError; AlreadyDone names what was changed since."""
        from console.catalogue.device_restore import undo_batch

        return undo_batch(connection, self.batch, _keys(self.sealing), is_partial=self.is_partial)


@dataclass(frozen=True, slots=True)
class RestoreDevice:
    """Make a device what it was in a revision; this makes a new one.

    Attributes:
        seen: The newest revision that the person had before their eyes.
    """

    device: DeviceId
    number: int
    seen: int
    sealing: Sealing | None = field(default=None, compare=False)

    def apply(self, connection: Connection, person: Person) -> BatchId | None:
        """Return the change, to take it back with. Raises StorageError."""
        from console.catalogue.device_restore import restore_revision

        return restore_revision(connection, self.device, self.number, self.seen, _keys(self.sealing))


def _keys(sealing: Sealing | None) -> WorkstationKeys | None:
    return None if sealing is None else sealing.keys()
