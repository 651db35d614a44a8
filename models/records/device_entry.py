"""What an import brings, one device at a time, and what became of it."""

from dataclasses import dataclass

from models.records.device import Device
from models.records.threshold import RuleKind, Threshold

ALL_RULES = frozenset(RuleKind)


@dataclass(frozen=True, slots=True)
class DeviceEntry:
    """A device with all its thresholds, as they shall be after the import.

    Attributes:
        device: Matched with a stored one by `device_id`; its `id` is not looked at.
        thresholds: Matched by rule, metric and severity. Ids and `device` are not looked at. Stored ones
            without a match are removed.
        of_rules: The rules that the entry speaks of: stored thresholds of others stay as they are.
        defaults: Stored where the device has no threshold of their rule; what it has of that rule stays.
    """

    device: Device
    thresholds: tuple[Threshold, ...]
    of_rules: frozenset[RuleKind] = ALL_RULES
    defaults: tuple[Threshold, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """How many devices an import touched. `unchanged` ones were not written at all."""

    created: int
    updated: int
    unchanged: int
