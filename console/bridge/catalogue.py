"""What is configured, as one immutable snapshot: replaced as a whole when the database says it changed."""

from collections.abc import Iterable
from dataclasses import replace

from models.metrics import METRICS, Metric
from models.quantities import THE_SIX, Quantities, Quantity
from models.records.device import Device, DeviceId, DeviceStatus
from models.records.signal import Signal
from models.records.threshold import Threshold


class Catalogue:
    """Devices and limits at one moment. Immutable, so every thread may read it and keep it.

    Attributes:
        devices: Sorted by location, then name, as people expect to find them.
        areas: Distinct locations in the order of `devices`.
        quantities: What can be measured at this site: the six metrics and its own signals.
    """

    __slots__ = ("_by_id", "_quantities", "_thresholds", "areas", "devices", "quantities")

    def __init__(
        self,
        devices: Iterable[Device] = (),
        thresholds: Iterable[Threshold] = (),
        quantities: Quantities = THE_SIX,
    ) -> None:
        self.quantities = quantities
        self.devices: tuple[Device, ...] = tuple(
            sorted(
                devices, key=lambda device: (device.location.casefold(), device.name.casefold(), device.id)
            )
        )
        self.areas: tuple[str, ...] = tuple(dict.fromkeys(device.location for device in self.devices))
        self._by_id = {device.id: device for device in self.devices}
        self._quantities = {
            device.id: (*_metrics_of(device), *quantities.signals_of(device)) for device in self.devices
        }
        self._thresholds: dict[DeviceId, list[Threshold]] = {}
        for threshold in thresholds:
            if threshold.enabled:
                self._thresholds.setdefault(threshold.device, []).append(threshold)

    def device(self, id: DeviceId) -> Device | None:
        """Return the device of this number, None where it is not (or no longer) configured."""
        return self._by_id.get(id)

    def thresholds_of(self, id: DeviceId, metric: str | None = None) -> tuple[Threshold, ...]:
        """Return the enabled thresholds of a device, worst severity first; of one metric where given."""
        found = (
            threshold
            for threshold in self._thresholds.get(id, ())
            if metric is None or threshold.metric == metric
        )
        return tuple(sorted(found, key=lambda threshold: (threshold.severity.rank, threshold.id)))

    def is_same_as(self, other: "Catalogue") -> bool:
        """Tell whether the configuration is the same; states of devices, which change all the time, aside."""
        return (
            len(self.devices) == len(other.devices)
            and all(
                _settled(mine) == _settled(its) for mine, its in zip(self.devices, other.devices, strict=True)
            )
            and self._thresholds == other._thresholds
            and self.quantities == other.quantities
        )

    def quantities_of(self, id: DeviceId) -> tuple[Quantity, ...]:
        """Return what the device has tags for: metrics in METRICS' order, then signals in that of the tags.

        Empty for an unknown device.
        """
        return self._quantities.get(id, ())

    def signals_of(self, id: DeviceId) -> tuple[Signal, ...]:
        """Return the signals that the device has tags for, in the order of the tags."""
        device = self._by_id.get(id)
        return () if device is None else self.quantities.signals_of(device)


def _settled(device: Device) -> Device:
    return replace(device, status=DeviceStatus.OFFLINE, status_detail="", last_seen_at=None)


def _metrics_of(device: Device) -> tuple[Metric, ...]:
    keys = {tag.metric for tag in device.tags}
    return tuple(metric for metric in METRICS if metric.key in keys)
