"""One former state of a device, and what one transaction did to several devices."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from models.records.device import Device, DeviceId
from models.records.threshold import Threshold

BatchId = NewType("BatchId", int)
"""All revisions that one transaction made: an import, a change of many, or a single edit."""


class RevisionAction(StrEnum):
    """What made a revision. RECORDED = it was like this when histories began to be kept."""

    RECORDED = "recorded"
    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"
    BROUGHT_BACK = "brought back"


@dataclass(frozen=True, slots=True)
class DeviceRevision:
    """A device's whole configuration after one change.

    Attributes:
        number: 1, 2, 3 … of the device.
        author_id: `users.id`; None where no person did it (an upgrade of the database).
        author: Their name; empty where there is none.
        configuration: The device as it was then; status and the like are not part of it. Secrets are sealed;
            one that stood in clear before keys existed is not kept, `WITHHELD` stands for it.
        limits: Its thresholds then, whatever their rule; without their texts, and none out of service. They
            have no ids: rule, metric and severity say which one is meant.
    """

    device: DeviceId
    number: int
    batch: BatchId
    at: datetime
    action: RevisionAction
    configuration: Device
    author_id: int | None = None
    author: str = ""
    limits: tuple[Threshold, ...] = ()

    @property
    def is_removal(self) -> bool:
        """Whether the device was gone afterwards."""
        return self.action is RevisionAction.REMOVED


WITHHELD = "(secret)"
"""What stands in a revision for a secret that was stored in clear."""


@dataclass(frozen=True, slots=True)
class DeviceBatch:
    """What one transaction did, in numbers.

    Attributes:
        recorded: Devices whose history began with it: such a batch cannot be undone.
    """

    id: BatchId
    at: datetime
    author: str
    added: int = 0
    changed: int = 0
    removed: int = 0
    recorded: int = 0


@dataclass(frozen=True, slots=True)
class BatchStep:
    """What one transaction did to one device, and what there is now.

    Attributes:
        before: The revision before the batch; None where the batch added the device.
        after: The last revision of the batch.
        newest: The device's newest revision; another than `after` where somebody changed it since.
    """

    before: DeviceRevision | None
    after: DeviceRevision
    newest: DeviceRevision

    @property
    def is_changed_since(self) -> bool:
        """Whether the device is not as the batch left it."""
        return self.newest.number != self.after.number


@dataclass(frozen=True, slots=True)
class DeviceChange:
    """What shall become of one device.

    Attributes:
        seen: Number of the newest revision that the person had before their eyes; 0 = there was no such
            device. Where there is a newer one by now, nothing is written.
        wanted: As it shall be; None = removed. Secrets sealed. An owner of None keeps the one it has.
        limits: As they shall be; None = as they are.
    """

    device: DeviceId
    seen: int
    wanted: Device | None
    limits: tuple[Threshold, ...] | None = None
