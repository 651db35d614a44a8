"""What is set aside on purpose, as rows of one list. Pure.

Shelved alerts, devices in maintenance, thresholds out of service.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum

from console.panels.alerts.time_words import left_text, until_text
from console.panels.wording import SEVERITY_WORDS, moment_text
from console.widgets.number_text import NO_VALUE
from models.quantities import THE_SIX, Quantities
from models.records.alert_story import OutOfService
from models.records.device import DeviceId
from models.records.shelf import Maintenance, Shelf
from models.records.threshold import Severity, Threshold, ThresholdId
from models.threshold_words import threshold_words


class AsideKind(StrEnum):
    """Why something asks nobody, worst remembered first."""

    SHELF = "Shelved"
    MAINTENANCE = "In maintenance"
    OUT_OF_SERVICE = "Out of service"


class AsideColumn(IntEnum):
    """Columns, left to right."""

    KIND = 0
    DEVICE = 1
    WHAT = 2
    LEFT = 3
    UNTIL = 4
    WHO = 5
    REASON = 6
    SINCE = 7


HEADINGS = {
    AsideColumn.KIND: "Kind",
    AsideColumn.DEVICE: "Device",
    AsideColumn.WHAT: "What",
    AsideColumn.LEFT: "Time left",
    AsideColumn.UNTIL: "Until",
    AsideColumn.WHO: "Who",
    AsideColumn.REASON: "Reason",
    AsideColumn.SINCE: "Since",
}


@dataclass(frozen=True, slots=True)
class Aside:
    """One row.

    Attributes:
        what: The limit, or that it is the whole device.
        until: None = until somebody brings it back.
        shelf, work, threshold: What it is about; exactly one of them.
    """

    kind: AsideKind
    device: DeviceId
    device_name: str
    what: str
    severity: Severity | None
    who: str
    reason: str
    since: datetime | None
    until: datetime | None
    is_one_shot: bool = False
    shelf: Shelf | None = None
    work: Maintenance | None = None
    threshold: Threshold | None = None

    @property
    def key(self) -> tuple[str, int]:
        """What tells it from other rows."""
        if self.shelf is not None:
            return (self.kind, self.shelf.threshold)
        return (self.kind, self.threshold.id if self.threshold is not None else self.device)


def asides(
    shelves: Sequence[Shelf],
    works: Sequence[Maintenance],
    idle: Sequence[OutOfService],
    thresholds: Mapping[ThresholdId, Threshold],
    quantities: Quantities = THE_SIX,
) -> list[Aside]:
    """Return everything set aside: what comes back first in front, what does not come back by itself last."""
    rows = [
        Aside(
            AsideKind.SHELF,
            shelf.device,
            shelf.device_name,
            limit_words(thresholds.get(shelf.threshold), quantities),
            thresholds[shelf.threshold].severity if shelf.threshold in thresholds else None,
            shelf.by,
            shelf.reason,
            shelf.shelved_at,
            shelf.until,
            is_one_shot=shelf.is_one_shot,
            shelf=shelf,
        )
        for shelf in sorted(shelves, key=lambda shelf: shelf.until)
    ]
    rows += [
        Aside(
            AsideKind.MAINTENANCE,
            work.device,
            work.device_name,
            "Every alert of the device",
            None,
            work.by,
            work.reason,
            work.began_at,
            work.until,
            work=work,
        )
        for work in sorted(works, key=lambda work: work.until)
    ]
    rows += [
        Aside(
            AsideKind.OUT_OF_SERVICE,
            item.threshold.device,
            item.device_name,
            limit_words(item.threshold, quantities),
            item.threshold.severity,
            item.by,
            item.threshold.disabled_reason,
            item.threshold.disabled_at,
            None,
            threshold=item.threshold,
        )
        for item in idle
    ]
    return rows


def limit_words(threshold: Threshold | None, quantities: Quantities = THE_SIX) -> str:
    """Return what a threshold judges: "Critical: Temperature above 70 °C"."""
    if threshold is None:
        return "A limit that was removed"
    return f"{SEVERITY_WORDS[threshold.severity]}: {threshold_words(threshold, quantities)}"


def aside_cell(row: Aside, column: AsideColumn, now: datetime) -> str:
    """Return what a cell says."""
    match column:
        case AsideColumn.KIND:
            return f"{row.kind.value}, once" if row.is_one_shot else row.kind.value
        case AsideColumn.DEVICE:
            return row.device_name
        case AsideColumn.WHAT:
            return row.what
        case AsideColumn.LEFT:
            return NO_VALUE if row.until is None else left_text(row.until, now)
        case AsideColumn.UNTIL if row.is_one_shot and row.until is not None:
            return f"normal, or {until_text(row.until, now)}"
        case AsideColumn.UNTIL:
            return "put back in service" if row.until is None else until_text(row.until, now)
        case AsideColumn.WHO:
            return row.who or NO_VALUE
        case AsideColumn.REASON:
            return row.reason or NO_VALUE
        case AsideColumn.SINCE:
            return moment_text(row.since, now)


def aside_counts(rows: Sequence[Aside]) -> str:
    """Return how many of each kind there are, in a sentence."""
    parts = [
        f"{count:,} {kind.value.casefold()}"
        for kind in AsideKind
        if (count := sum(row.kind is kind for row in rows))
    ]
    return " · ".join(parts)
