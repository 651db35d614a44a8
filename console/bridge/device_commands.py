"""What engineers do to a device: commands, as in `commands.py`, and what is asked before one is removed.

A secret travels as it was typed, stands in no repr, and is sealed before the database sees it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from models.records.device import Device
from models.records.device_edit import DeviceUses, SavedDevice

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from console.bridge.notification_commands import Sealing
    from models.records.person import Person
    from models.secrets import SecretBox

_NO_KEYRING = "This window was started without a way to encrypt; enter secrets at another computer."


@dataclass(frozen=True, slots=True)
class SaveDevice:
    """Store a device, a new one where there is no `before`.

    Attributes:
        before: As the person read it; somebody else's change since then is not overwritten.
        after: As it shall be: secrets in clear where they were typed, sealed where they were left alone.
        origin: The device that a new one is a copy of, for secrets that were left alone.
        sealing: Of this computer; None = it can encrypt nothing.
    """

    before: Device | None
    after: Device = field(repr=False)
    origin: Device | None = None
    sealing: Sealing | None = field(default=None, compare=False)

    def apply(self, connection: Connection, person: Person) -> SavedDevice:
        """Seal what was typed, and store it. Raises StorageError; AlreadyDone where somebody was faster."""
        from dataclasses import replace

        from console.catalogue.device_sealing import needs_key, sealed_edit
        from console.catalogue.threshold_document import DEFAULT_DEVICE_EVENT, usual_thresholds
        from drivers.events import asks_for_events
        from models.queries.device_edits import add_device, change_device, stored_row
        from models.queries.device_rows import device_from_row
        from models.queries.keys import hold_secrets
        from models.secrets import NO_KEYS

        stored = None if self.before is None else device_from_row(stored_row(connection, self.before))
        note, box = "", NO_KEYS
        if needs_key(stored, self.after):
            hold_secrets(connection)
            box, note = self._box(connection, person)
        after = sealed_edit(stored, self.after, box, self.origin)
        if self.before is None:
            saved = add_device(connection, after, usual_thresholds(after.connection))
        else:
            is_new = asks_for_events(after.connection) and not asks_for_events(self.before.connection)
            defaults = (DEFAULT_DEVICE_EVENT,) if is_new else ()
            saved = change_device(connection, self.before, after, person, defaults)
        return replace(saved, note=note)

    def _box(self, connection: Connection, person: Person) -> tuple[SecretBox, str]:
        """Return what seals here, and what is to be said where this made the site's key."""
        from models.errors import NeedsSetup
        from models.records.person import Role

        if self.sealing is None:
            raise NeedsSetup(_NO_KEYRING)
        note = self.sealing.make_first_key(connection) if person.role is Role.ADMIN else ""
        return self.sealing.keys().open_box(connection), note


@dataclass(frozen=True, slots=True)
class RemoveDevice:
    """Take a device out of the plant; its past stays."""

    device: Device

    def apply(self, connection: Connection, person: Person) -> None:
        """Raises StorageError; AlreadyDone where somebody was faster."""
        from models.queries.device_edits import remove_device

        remove_device(connection, self.device)


@dataclass(frozen=True, slots=True)
class AskDeviceUses:
    """Ask what hangs on a device. A question, not a command."""

    device: Device

    def __call__(self, connection: Connection) -> DeviceUses:
        """Return limits, open alerts and devices behind it."""
        from models.queries.device_edits import device_uses

        return device_uses(connection, self.device)


@dataclass(frozen=True, slots=True)
class AskLastChange:
    """Ask who changed a device last. A question, not a command."""

    device: Device

    def __call__(self, connection: Connection) -> str:
        """Return who and when, in words."""
        from models.queries.device_edits import last_change

        return last_change(connection, self.device.id)


@dataclass(frozen=True, slots=True)
class AskOwners:
    """Ask whom a device can belong to. A question, not a command."""

    def __call__(self, connection: Connection) -> dict[int, str]:
        """Return names by `users.id`."""
        from models.queries.thresholds import possible_owners

        return possible_owners(connection)
