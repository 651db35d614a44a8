"""What an order for many thresholds would do, worked out and checked before it is given. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from console.catalogue.threshold_checks import faults_of
from console.catalogue.threshold_fields import (
    FIELD_BY_KEY,
    Value,
    belongs,
    differences,
    key_of,
)
from console.catalogue.threshold_sheet import name_of
from console.panels.limits.limit_rows import LimitRow
from console.panels.wording import count_text
from models.quantities import THE_SIX, Quantities
from models.records.device import Device
from models.records.threshold import DEVICE_METRIC, RuleKind, Severity, Threshold, ThresholdId
from models.records.threshold_entry import ThresholdEdit
from models.threshold_words import metric_label


@dataclass(frozen=True, slots=True)
class Order:
    """Edits with what is said about them.

    Attributes:
        lines: One an edit, and one a threshold or device that is left alone, with why.
        faults: Why it cannot be given; empty = it can.
        ends: Open alerts that end with it.
    """

    edits: tuple[ThresholdEdit, ...]
    lines: tuple[str, ...]
    faults: tuple[str, ...] = ()
    ends: int = 0


@dataclass(frozen=True, slots=True)
class Changes:
    """The fields that shall be written; None = as they are.

    Attributes:
        values: By key of the field.
    """

    values: Mapping[str, Value]
    severity: Severity | None = None
    owner: int | None = None


def change_order(rows: Sequence[LimitRow], changes: Changes, all_rows: Sequence[LimitRow]) -> Order:
    """Return what writing some fields of several thresholds would do.

    A field that means nothing to the rule of a threshold is left out there.
    """
    edits: list[ThresholdEdit] = []
    lines: list[str] = []
    faults: list[str] = []
    after = {row.threshold.id: _changed(row.threshold, changes) for row in rows}
    for row in rows:
        wanted = after[row.threshold.id]
        if wanted == row.threshold:
            lines.append(f"{row.name}: as it is")
            continue
        others = [
            after.get(other.threshold.id, other.threshold)
            for other in all_rows
            if other.device.id == row.device.id
        ]
        wrong = faults_of(wanted, row.device, others, row.quantities)
        faults += [f"{row.name}: {_field_label(key)} {sentence}" for key, sentence in wrong.items()]
        edits.append(ThresholdEdit(row.entry, wanted))
        said = [str(change) for change in differences(row.threshold, wanted, row.quantities)]
        if wanted.user_id != row.threshold.user_id:
            said.append("another owner")
        lines.append(f"{row.name}: {', '.join(said)}")
    return Order(tuple(edits), tuple(lines), tuple(faults))


def switch_order(rows: Sequence[LimitRow], *, is_on: bool, reason: str = "") -> Order:
    """Return what taking thresholds out of service, or back into it, would do."""
    touched = [row for row in rows if row.threshold.enabled != is_on]
    edits = tuple(
        ThresholdEdit(
            row.entry, replace(row.threshold, enabled=is_on, disabled_reason="" if is_on else reason)
        )
        for row in touched
    )
    return Order(edits, tuple(row.name for row in touched), ends=_open_alerts(touched))


def remove_order(rows: Sequence[LimitRow]) -> Order:
    """Return what removing thresholds would do."""
    edits = tuple(ThresholdEdit(row.entry, None) for row in rows)
    lines = tuple(f"{row.name}{' (its open alert ends)' if row.entry.open_alerts else ''}" for row in rows)
    return Order(edits, lines, ends=_open_alerts(rows))


def can_take(device: Device, threshold: Threshold) -> bool:
    """Tell whether a device measures what a threshold judges."""
    return threshold.metric == DEVICE_METRIC or threshold.metric in {tag.metric for tag in device.tags}


def copy_order(
    sources: Sequence[LimitRow],
    targets: Sequence[Device],
    all_rows: Sequence[LimitRow],
    *,
    is_replacing: bool,
) -> Order:
    """Return what giving the thresholds of one device to others would do.

    Args:
        sources: The template.
        targets: Who gets them.
        all_rows: What there is.
        is_replacing: A device's own threshold for the same condition takes the template's settings; otherwise
            it is left alone.
    """
    known = {key_of(row.threshold): row for row in all_rows}
    edits: list[ThresholdEdit] = []
    lines: list[str] = []
    for device in targets:
        for source in sources:
            wanted = replace(source.threshold, id=ThresholdId(0), device=device.id, user_id=None)
            name = name_of(wanted, device, source.quantities)
            if not can_take(device, wanted):
                label = metric_label(wanted.metric, source.quantities)
                lines.append(f"{name}: left out, {label} is not measured there")
                continue
            there = known.get(key_of(wanted))
            if there is None:
                edits.append(ThresholdEdit(None, wanted))
                lines.append(f"{name}: added")
                continue
            own = replace(wanted, id=there.threshold.id, user_id=there.threshold.user_id)
            said = ", ".join(map(str, differences(there.threshold, own, source.quantities)))
            if not said:
                lines.append(f"{name}: has it already")
            elif is_replacing:
                edits.append(ThresholdEdit(there.entry, own))
                lines.append(f"{name}: {said}")
            else:
                lines.append(f"{name}: left as it is, it has its own")
    return Order(tuple(edits), tuple(lines))


def first_free(
    device: Device, known: Sequence[Threshold], quantities: Quantities = THE_SIX
) -> tuple[str, Severity]:
    """Return metric and severity of a limit that a device does not have yet, to begin a new one with."""
    taken = {(t.metric, t.severity) for t in known if t.device == device.id and t.rule is RuleKind.LIMIT}
    measured = {tag.metric for tag in device.tags}
    metrics = [quantity.key for quantity in quantities.all if quantity.key in measured]
    for severity in (Severity.WARNING, Severity.CRITICAL, Severity.INFO):
        for metric in metrics:
            if (metric, severity) not in taken:
                return metric, severity
    return (metrics[0] if metrics else quantities.all[0].key), Severity.WARNING


def counted(order: Order, done: str) -> str:
    """Return the consequence of an order in a sentence: "12 limits will be changed"."""
    words = f"{count_text(len(order.edits), 'limit')} will be {done}"
    if order.ends:
        ends = "alert ends" if order.ends == 1 else "alerts end"
        words += f"; {order.ends:,} open {ends}"
    return f"{words}."


def _changed(threshold: Threshold, changes: Changes) -> Threshold:
    wanted = threshold
    for key, value in changes.values.items():
        if belongs(key, threshold.rule):
            wanted = FIELD_BY_KEY[key].put(wanted, value)
    if wanted.enabled:
        wanted = replace(wanted, disabled_reason="")
    return replace(
        wanted, severity=changes.severity or wanted.severity, user_id=changes.owner or wanted.user_id
    )


def _field_label(key: str) -> str:
    field = FIELD_BY_KEY.get(key)
    return key.capitalize() if field is None else field.label


def _open_alerts(rows: Sequence[LimitRow]) -> int:
    return sum(row.entry.open_alerts for row in rows)
