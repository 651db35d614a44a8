"""Which of the plant's devices this station polls, and under which leases."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from models.records.alert import OpenEpisode
from models.records.device import Device, DeviceId

_Episodes = Mapping[DeviceId, Sequence[OpenEpisode]]


@dataclass(frozen=True, slots=True)
class Share:
    """What this station may poll.

    Attributes:
        epochs: Of its devices' leases; None = it polls everything, without leases.
        fresh: Open episodes of the devices that it holds since this share: what it knew of them before, if
            anything, is out of date.
        is_remembered: These episodes are what the disk held, and the database may know better.
    """

    epochs: Mapping[DeviceId, int] | None = None
    fresh: _Episodes = field(default_factory=dict[DeviceId, Sequence[OpenEpisode]])
    is_remembered: bool = False

    def of(self, devices: Sequence[Device]) -> tuple[Device, ...]:
        """Return those of the devices that are in this share."""
        epochs = self.epochs
        if epochs is None:
            return tuple(devices)
        return tuple(device for device in devices if device.id in epochs)


EVERYTHING = Share()
NOTHING = Share(epochs={})
