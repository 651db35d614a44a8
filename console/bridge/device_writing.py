"""Writing to a device from this window: noted under the person's name first, then sent by the station."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from drivers.questions import WriteSubject
from drivers.workbench import Tool
from models.records.device import Device, DeviceId

if TYPE_CHECKING:
    from PySide6.QtCore import QObject
    from sqlalchemy import Connection

    from console.bridge.asking import Asking
    from models.records.person import Person


@dataclass(frozen=True, slots=True)
class NoteDeviceWrite:
    """Have it noted that a value is about to be written.

    Attributes:
        device: The device.
        address: Of one of its writable tags, as stored.
        value: The device's own raw number.
    """

    device: DeviceId
    address: str
    value: float

    def apply(self, connection: Connection, person: Person) -> None:
        """Note it. Raises NotAllowed or Rejected where the person may not write there."""
        from models.queries.device_writes import note_device_write

        del person  # the login of the connection says who it is
        note_device_write(connection, self.device, self.address, self.value)


def write_to_device(
    bridge: Asking,
    device: Device,
    address: str,
    value: float,
    on_done: Callable[[str], None],
    on_failed: Callable[[str], None],
    owner: QObject,
) -> None:
    """Write a value to a stored device; one of the callbacks comes later, as those of `Asking.command`.

    Nothing is sent to the device unless the database has noted it.

    Args:
        bridge: Whose person writes.
        device: As stored.
        address: Of one of its writable tags, as stored.
        value: The device's own raw number.
        on_done: Gets what the device holds afterwards, in words.
        on_failed: Gets one sentence.
        owner: Neither is called once this object is destroyed.
    """

    def send(_: None) -> None:
        bridge.device_tools.ask(
            Tool.WRITE,
            device.driver,
            {},
            WriteSubject(address, value),
            on_done=on_done,
            on_failed=on_failed,
            owner=owner,
            hardware_id=device.device_id,
        )

    bridge.command(NoteDeviceWrite(device.id, address, value), send, on_failed, owner)
