"""A plan as lines of a table: what is to mend first, then what changes, then what is worth a look. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from console.catalogue.device_plan import DevicePlan, PlanKind, PlannedDevice
from console.catalogue.device_words import protocol_label
from console.catalogue.errors import RowFault
from console.panels.wording import count_text


class Shown(StrEnum):
    """What of a plan is listed."""

    ALL = "Everything"
    PROBLEMS = "What is to mend"
    CHANGES = "What changes"


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One line.

    Attributes:
        key: Tells it from all others.
        mark: A sign and a word: "✕ mend", "＋ new", "↻ changed", "! look", "= same".
        where: Cell, row or path in the file.
        device: Hardware id; empty for what concerns the file.
        text: The reason, or what changes.
    """

    key: tuple[str, str, str]
    kind: Shown
    mark: str
    where: str
    device: str
    text: str


_MARKS = {
    PlanKind.NEW: "＋ new",
    PlanKind.CHANGED: "↻ changed",
    PlanKind.UNCHANGED: "= same",
}
_MEND, _LOOK = "✕ mend", "! look"


def rows_of_plan(plan: DevicePlan) -> list[PlanRow]:
    """Return the lines of a plan, in the order in which somebody works through them."""
    rows = [_row(Shown.PROBLEMS, _MEND, "", fault) for fault in plan.faults]
    for device in plan.of(PlanKind.FAULTY):
        rows += [_row(Shown.PROBLEMS, _MEND, device.device_id, fault) for fault in device.faults]
    rows += [_row(Shown.ALL, _LOOK, "", note) for note in plan.notes]
    for device in plan.devices:
        rows += [_row(Shown.ALL, _LOOK, device.device_id, note) for note in device.notes]
    for kind in (PlanKind.CHANGED, PlanKind.NEW):
        rows += [_device_row(device) for device in plan.of(kind)]
    rows += [
        PlanRow(
            ("signal", signal.key, ""),
            Shown.CHANGES,
            _MARKS[PlanKind.NEW],
            "",
            signal.key,
            f"The signal {signal.label}{f' in {signal.unit}' if signal.unit else ''} is added to this site.",
        )
        for signal in plan.signals
    ]
    rows += [_device_row(device) for device in plan.of(PlanKind.UNCHANGED)]
    # The same thing may be wrong with every row that one row of the file stands for.
    return list({row.key: row for row in rows}.values())


def shown_rows(rows: Sequence[PlanRow], shown: Shown) -> list[PlanRow]:
    """Return those that a filter lets through."""
    passes: Callable[[PlanRow], bool] = (
        (lambda _row: True) if shown is Shown.ALL else (lambda row: row.kind is shown)
    )
    return [row for row in rows if passes(row)]


def verb_of(plan: DevicePlan) -> str:
    """Return what the button says: "Add 12 and change 3 devices"."""
    new, changed = len(plan.of(PlanKind.NEW)), len(plan.of(PlanKind.CHANGED))
    if new and changed:
        return f"Add {new:,} and change {count_text(changed, 'device')}"
    if new:
        return f"Add {count_text(new, 'device')}"
    return f"Change {count_text(changed, 'device')}" if changed else "Import"


def summary_of(plan: DevicePlan) -> str:
    """Return one sentence: what the file comes to."""
    words = f"{plan.counts_text}."
    if faults := len(plan.all_faults):
        words += f" {count_text(faults, 'place')} {'is' if faults == 1 else 'are'} wrong."
    if removed := sum(device.removed_tags for device in plan.devices):
        words += f" {count_text(removed, 'tag')} will be gone."
    if plan.signals:
        words += f" {count_text(len(plan.signals), 'signal')} added to this site."
    return words[:1].upper() + words[1:]


def _row(kind: Shown, mark: str, device: str, fault: RowFault) -> PlanRow:
    return PlanRow((mark, fault.where, f"{device} {fault.text}"), kind, mark, fault.where, device, fault.text)


def _device_row(device: PlannedDevice) -> PlanRow:
    kind = Shown.CHANGES if device.kind is not PlanKind.UNCHANGED else Shown.ALL
    if device.kind is PlanKind.CHANGED:
        text = ", ".join(map(str, device.changes))
    elif device.kind is PlanKind.NEW and device.entry is not None:
        made = device.entry.device
        target = next(
            (
                str(made.connection[name])
                for name in ("host", "endpoint", "serial_port")
                if name in made.connection
            ),
            "",
        )
        unit = f" unit {made.connection['unit']}" if "unit" in made.connection else ""
        way = f"{protocol_label(made.driver)} {target}{unit}"
        parts = (made.name, made.location, way, count_text(len(made.tags), "tag"))
        text = " · ".join(part for part in parts if part)
    else:
        text = "As it is stored."
    return PlanRow(
        ("device", device.device_id, device.kind.value),
        kind,
        _MARKS[device.kind],
        device.where,
        device.device_id,
        text,
    )
