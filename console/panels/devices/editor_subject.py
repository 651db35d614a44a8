"""What is in the editor, and what a new or a copied device begins with. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from drivers.registry import DRIVERS
from models.records.device import Device, DeviceId, DeviceStatus


@dataclass(frozen=True, slots=True)
class EditorSubject:
    """What is edited.

    Attributes:
        stored: As it is stored; None for a new one.
        begun: What the form begins with.
        may_change: Otherwise it is for looking.
        origin: Of a copy: the device it was copied from.
    """

    stored: Device | None
    begun: Device
    may_change: bool
    origin: Device | None = None

    @property
    def hardware_id(self) -> str:
        """Under which sealed secrets can be opened; empty where there are none."""
        source = self.stored or self.origin
        return source.device_id if source is not None else ""


def new_device(beside: Device | None) -> Device:
    """Return what a new device begins with: protocol and area of the one that is looked at."""
    return Device(
        id=DeviceId(0),
        device_id="",
        name="",
        type="",
        location=beside.location if beside is not None else "",
        driver=beside.driver if beside is not None and beside.driver else DRIVERS[0].kind,
        connection={},
        period_s=1.0,
        tags=(),
    )


def copy_of(device: Device, others: Iterable[Device]) -> Device:
    """Return a copy under names that nobody has yet: "Press 12 copy", "PRESS-12-2"."""
    taken = {other.device_id for other in others}
    number = 2
    while f"{device.device_id}-{number}" in taken:
        number += 1
    return replace(
        device,
        id=DeviceId(0),
        device_id=f"{device.device_id}-{number}",
        name=f"{device.name} copy",
        user_id=None,
        status=DeviceStatus.OFFLINE,
        status_detail="",
        last_seen_at=None,
    )
