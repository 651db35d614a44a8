"""What an import brings, one device at a time, and what became of it."""

from dataclasses import dataclass

from models.records.device import Device
from models.records.threshold import Threshold


@dataclass(frozen=True, slots=True)
class DeviceEntry:
    """A device with all its thresholds, as they shall be after the import.

    Attributes:
        device: Matched with a stored one by `device_id`; its `id` is not looked at.
        thresholds: Matched by metric and severity. Ids and `device` are not looked at. Stored ones without
            a match are removed.
    """

    device: Device
    thresholds: tuple[Threshold, ...]


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """How many devices an import touched. `unchanged` ones were not written at all."""

    created: int
    updated: int
    unchanged: int
