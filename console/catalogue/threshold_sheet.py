"""Thresholds as a table, one row each: the columns, the rows that go out, and the records of what comes in.

`threshold_plan` compares a table that came back with what is stored.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from console.catalogue.errors import RowFault
from console.catalogue.sheet_export import Cell
from console.catalogue.threshold_fields import FIELDS, Difference, unit_of
from models.quantities import THE_SIX, Quantities
from models.records.device import Device
from models.records.threshold import DEVICE_METRIC, RuleKind, Threshold
from models.records.threshold_entry import ThresholdEdit, ThresholdEntry
from models.threshold_words import RULE_WORDS, metric_label

ID_COLUMN, DEVICE_ID_COLUMN = "Threshold", "Device id"
# These two help people find their way, and change nothing.
DEVICE_COLUMN, AREA_COLUMN = "Device", "Area"
RULE_COLUMN, METRIC_COLUMN, SEVERITY_COLUMN = "Rule", "Metric", "Severity"
UNIT_COLUMN, OWNER_COLUMN = "Unit", "Owner"
AMOUNT_UNIT_COLUMN = "Unit of amount"
_LEADING = (
    *(ID_COLUMN, DEVICE_ID_COLUMN, DEVICE_COLUMN, AREA_COLUMN),
    *(RULE_COLUMN, METRIC_COLUMN, SEVERITY_COLUMN, UNIT_COLUMN),
)
_AFTER_AMOUNT = {"amount": (AMOUNT_UNIT_COLUMN,)}

HEADINGS: tuple[str, ...] = (
    *_LEADING,
    *(name for field in FIELDS for name in (field.heading, *_AFTER_AMOUNT.get(field.key, ()))),
    OWNER_COLUMN,
)


@dataclass(frozen=True, slots=True)
class PlannedEdit:
    """One row that changes something.

    Attributes:
        where: "row 7"; "not in the file" for one to be removed.
        name: Which threshold: "DRIVE-02 · Temperature · Limit · warning".
        changes: Field by field; empty for one that is added or removed.
    """

    edit: ThresholdEdit
    where: str
    name: str
    changes: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class SheetPlan:
    """What an import would do. With a fault it does nothing.

    Attributes:
        unchanged: How many rows say what is stored.
    """

    added: tuple[PlannedEdit, ...] = ()
    changed: tuple[PlannedEdit, ...] = ()
    removed: tuple[PlannedEdit, ...] = ()
    unchanged: int = 0
    faults: tuple[RowFault, ...] = ()

    @property
    def edits(self) -> tuple[ThresholdEdit, ...]:
        """What to hand to the database: removals first, so that a row may take another's place."""
        return tuple(planned.edit for planned in (*self.removed, *self.changed, *self.added))


@dataclass(frozen=True, slots=True)
class Stored:
    """What a file is compared with.

    Attributes:
        devices: Those whose thresholds this person may change.
        people: Names of possible owners by `users.id`.
        quantities: What can be measured at the site.
    """

    entries: Sequence[ThresholdEntry]
    devices: Sequence[Device]
    people: Mapping[int, str] = field(default_factory=dict[int, str])
    quantities: Quantities = THE_SIX


def table_of(
    entries: Sequence[ThresholdEntry], devices: Sequence[Device], quantities: Quantities = THE_SIX
) -> list[list[Cell]]:
    """Return the rows below HEADINGS; thresholds of devices not given are left out."""
    by_id = {device.id: device for device in devices}
    rows: list[list[Cell]] = []
    for entry in entries:
        threshold, device = entry.threshold, by_id.get(entry.threshold.device)
        if device is None:
            continue
        row: list[Cell] = [
            *(float(threshold.id), device.device_id, device.name, device.location),
            RULE_WORDS[threshold.rule],
            metric_label(threshold.metric, quantities),
            threshold.severity.value,
            unit_text(threshold, quantities),
        ]
        for known in FIELDS:
            row.append(known.get(threshold))
            if known.key == "amount":
                row.append(unit_of(known, threshold, quantities) if threshold.amount is not None else "")
        rows.append([*row, entry.owner])
    return rows


def name_of(threshold: Threshold, device: Device | None, quantities: Quantities = THE_SIX) -> str:
    """Return a threshold as a line: "Drive 2 · Temperature · warning", the rule where it is no limit."""
    parts = (
        "Removed device" if device is None else device.name,
        metric_label(threshold.metric, quantities) if threshold.metric != DEVICE_METRIC else "",
        RULE_WORDS[threshold.rule] if threshold.rule is not RuleKind.LIMIT else "",
        threshold.severity.value,
    )
    return " · ".join(filter(None, parts))


def bare(heading: str) -> str:
    """Return a heading or unit without what people write differently: case, blanks, signs."""
    return "".join(sign for sign in heading.casefold().removesuffix("(s)") if sign.isalnum())


def unit_text(threshold: Threshold, quantities: Quantities = THE_SIX) -> str:
    """Return the unit of limits and deadband."""
    return unit_of(FIELDS[0], threshold, quantities)
