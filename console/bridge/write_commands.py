"""Noting a write to a device under the person's name, before the station sends it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.records.device import DeviceId

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from models.records.person import Person


@dataclass(frozen=True, slots=True)
class NoteDeviceWrite:
    """Note that a value is about to be written; refused where the person may not write there.

    Attributes:
        address: Of a writable tag, as stored.
        value: The device's own raw number.
    """

    device: DeviceId
    address: str
    value: float

    def apply(self, connection: Connection, person: Person) -> None:
        """Note it. Raises StorageError."""
        from models.queries.device_writes import note_device_write

        note_device_write(connection, self.device, self.address, self.value)
