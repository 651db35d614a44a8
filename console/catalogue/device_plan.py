"""What an import of devices would do, device by device, before anything is stored.

    file ─→ sheet_file / JSON ─→ device_sheet ─→ sheet_documents ─→ checks ─→ this plan ─→ device_import

A device with a fault is held back; whoever imports decides whether the others are stored without it. The
plan remembers which revision of each device it was compared with: where somebody changes one meanwhile,
nothing of the import is stored.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from console.catalogue.errors import RowFault
from console.catalogue.threshold_fields import Difference
from models.quantities import THE_SIX, Quantities
from models.records.device import Device, DeviceId
from models.records.device_entry import DeviceEntry
from models.records.signal import Signal
from models.records.threshold import Threshold


class PlanKind(StrEnum):
    """What becomes of a device."""

    FAULTY = "to mend"
    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class StoredDevices:
    """What a file is compared with, read in one transaction.

    Attributes:
        revisions: The newest revision of each device.
    """

    devices: Sequence[Device] = ()
    limits: Sequence[Threshold] = ()
    revisions: Mapping[DeviceId, int] = field(default_factory=dict[DeviceId, int])
    quantities: Quantities = THE_SIX


@dataclass(frozen=True, slots=True)
class PlannedDevice:
    """One device of a file.

    Attributes:
        where: Where it begins: "row 7", "devices[3]".
        entry: As it would be stored; None where it cannot be.
        stored: As it is now; None where it is new.
        limits: Its thresholds now, where the file speaks of limits: they are compared once more when stored.
        revision: What it was compared with; 0 where it is new.
        changes: Field by field; empty for a new one.
        faults: Why it cannot be stored.
        notes: What is worth a look; it can be stored.
    """

    device_id: str
    where: str
    kind: PlanKind
    entry: DeviceEntry | None = None
    stored: Device | None = None
    limits: tuple[Threshold, ...] = ()
    revision: int = 0
    changes: tuple[Difference, ...] = ()
    faults: tuple[RowFault, ...] = ()
    notes: tuple[RowFault, ...] = ()

    @property
    def removed_tags(self) -> int:
        """How many of its tags the file leaves out."""
        if self.entry is None or self.stored is None:
            return 0
        kept = {tag.metric for tag in self.entry.device.tags}
        return sum(tag.metric not in kept for tag in self.stored.tags)


@dataclass(frozen=True, slots=True)
class DevicePlan:
    """A whole file.

    Attributes:
        faults: What is wrong with the file itself or with rows that belong to no device; with one, only
            "valid rows only" can go on, and only where devices could be made out at all.
        notes: What was mended in the file.
        signals: What has to be measured here from now on besides: added with the import.
        rows: How many rows the file has, ranges written out.
        has_results: Whether formulas of it show results that could be taken.
    """

    devices: tuple[PlannedDevice, ...] = ()
    faults: tuple[RowFault, ...] = ()
    notes: tuple[RowFault, ...] = ()
    signals: tuple[Signal, ...] = ()
    rows: int = 0
    has_results: bool = False

    def of(self, kind: PlanKind) -> tuple[PlannedDevice, ...]:
        """Return the devices of one kind."""
        return tuple(device for device in self.devices if device.kind is kind)

    @property
    def is_faultless(self) -> bool:
        """Whether everything in it could be stored."""
        return not self.faults and not any(device.faults for device in self.devices)

    @property
    def to_store(self) -> tuple[PlannedDevice, ...]:
        """The devices that are in order and say something new."""
        return (*self.of(PlanKind.NEW), *self.of(PlanKind.CHANGED))

    @property
    def all_faults(self) -> tuple[RowFault, ...]:
        """Every fault of the file and of its devices."""
        return (*self.faults, *(fault for device in self.devices for fault in device.faults))

    @property
    def all_notes(self) -> tuple[RowFault, ...]:
        """Every note of the file and of its devices."""
        return (*self.notes, *(note for device in self.devices for note in device.notes))

    @property
    def counts_text(self) -> str:
        """Return "12 new, 3 changed, 480 unchanged, 2 to mend"."""
        order = (PlanKind.NEW, PlanKind.CHANGED, PlanKind.UNCHANGED, PlanKind.FAULTY)
        counts = [(len(self.of(kind)), kind.value) for kind in order]
        return ", ".join(f"{count:,} {word}" for count, word in counts if count) or "no devices"
