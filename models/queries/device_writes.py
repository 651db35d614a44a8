"""Noting that a person is about to write to a device."""

from sqlalchemy import text
from sqlalchemy.engine import Connection

from models.queries.refusals import told_plainly
from models.records.device import DeviceId


def note_device_write(conn: Connection, device: DeviceId, address: str, value: float) -> None:
    """Note in the audit trail, under the login of `conn`, that a value is about to be written.

    Commit it before anything is sent to the device: what nobody noted is not written.

    Args:
        conn: Of the person who writes.
        device: The device.
        address: Of one of its tags, as stored.
        value: The device's own raw number.

    Raises:
        NotAllowed: An operator, or an engineer and somebody else's device.
        Rejected: The device has no such tag, it is not marked as writable, or the value is no number.
    """
    with told_plainly("an engineer or administrator"):
        conn.execute(
            text("SELECT app.note_device_write(:device, :address, :value)"),
            {"device": device, "address": _storable(address), "value": value},
        )


def note_device_write_for(
    conn: Connection, digest: bytes, device: DeviceId, address: str, value: float
) -> None:
    """Note the same under the name of whoever holds a ticket, for the station that is about to write.

    Args:
        conn: Of the station; in a transaction of its own, committed before anything is sent.
        digest: SHA-256 of the ticket that a window showed.
        device, address, value: As `note_device_write` has them.

    Raises:
        NotAllowed: As `note_device_write`; or the ticket has ended, or the login is no station's.
        Rejected: As `note_device_write`.
    """
    with told_plainly("a station"):
        conn.execute(
            text("SELECT app.note_device_write_for(:digest, :device, :address, :value)"),
            {"digest": digest, "device": device, "address": _storable(address), "value": value},
        )


def _storable(address: str) -> str:
    return address.replace("\x00", "")
