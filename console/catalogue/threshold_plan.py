"""Compares a table of thresholds with what is stored, and names every change and every fault by its cell.

A row is found by its number (`Threshold`), or where that cell is empty by device id, rule, metric and
severity; a row that is found by neither is a new threshold. A column that the file does not have changes
nothing; an empty cell means "none".
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from console.catalogue.errors import RowFault
from console.catalogue.sheet_file import Grid, Misread, cell_name
from console.catalogue.threshold_checks import faults_of
from console.catalogue.threshold_fields import (
    FIELD_BY_KEY,
    FIELDS,
    Difference,
    Kind,
    differences,
    key_of,
    unit_of,
)
from console.catalogue.threshold_sheet import (
    AMOUNT_UNIT_COLUMN,
    DEVICE_ID_COLUMN,
    HEADINGS,
    ID_COLUMN,
    METRIC_COLUMN,
    OWNER_COLUMN,
    RULE_COLUMN,
    SEVERITY_COLUMN,
    UNIT_COLUMN,
    PlannedEdit,
    SheetPlan,
    Stored,
    bare,
    name_of,
    unit_text,
)
from console.catalogue.typed_number import NotANumber
from models.quantities import Quantities
from models.records.device import Device, DeviceId
from models.records.threshold import DEVICE_METRIC, RuleKind, Severity, Threshold, ThresholdId
from models.records.threshold_entry import ThresholdEdit, ThresholdEntry
from models.threshold_words import RULE_WORDS

_RULES = {word.casefold(): rule for rule, words in RULE_WORDS.items() for word in (words, rule.value)}
_SEVERITIES = {severity.value: severity for severity in Severity}
_NEW = ThresholdId(0)
_MOST_NAMED = 20

Key = tuple[DeviceId, RuleKind, str, Severity]
C = TypeVar("C")


def plan_of(grid: Grid, stored: Stored, *, is_removing: bool = False) -> SheetPlan:
    """Return what an import of a table would do, with every fault named by its cell.

    Args:
        grid: As `sheet_file.read_grid` returned it.
        stored: What there is now.
        is_removing: Remove the thresholds of the devices in the file that the file does not name.
    """
    columns, faults = _columns_of(grid)
    if faults:
        return SheetPlan(faults=tuple(faults))
    reader = _Reader(grid, columns, stored)
    for number, cells in grid.rows:
        reader.take(number, cells)
    return reader.plan(is_removing=is_removing)


def _columns_of(grid: Grid) -> tuple[dict[str, int], list[RowFault]]:
    known = {bare(name): name for name in HEADINGS} | {bare(f.key): f.heading for f in FIELDS}
    known |= {bare(f.label): f.heading for f in FIELDS}
    columns: dict[str, int] = {}
    faults: list[RowFault] = []
    for column, heading in enumerate(grid.header):
        name = known.get(bare(heading))
        where = cell_name(1, column)
        if name is None:
            words = f"{heading!r} is not" if heading else "The heading is empty, which is not"
            faults.append(RowFault(where, f"{words} known here; remove the column or correct its heading."))
        elif name in columns:
            faults.append(RowFault(where, f"{name} stands there more than once; keep one."))
        else:
            columns[name] = column
    if not faults and ID_COLUMN not in columns:
        faults += [
            RowFault("row 1", f"The column {name!r} is missing: nothing says which threshold is meant.")
            for name in (DEVICE_ID_COLUMN, METRIC_COLUMN, SEVERITY_COLUMN)
            if name not in columns
        ]
    return columns, faults


class _Stop(Exception):
    """A row that cannot be judged any further."""


class _Reader:
    """Gathers the plan row by row."""

    def __init__(self, grid: Grid, columns: Mapping[str, int], stored: Stored) -> None:
        self._grid = grid
        self._columns = columns
        self._stored = stored
        self._quantities = stored.quantities
        self._metrics = _metrics_by_word(stored.quantities)
        self._devices = {device.device_id: device for device in stored.devices}
        self._by_number = {device.id: device for device in stored.devices}
        self._by_id = {entry.threshold.id: entry for entry in stored.entries}
        self._by_key = {key_of(entry.threshold): entry for entry in stored.entries}
        self._named: dict[ThresholdId, int] = {}
        self._keys: dict[Key, int] = {}
        self._wanted: list[tuple[int, Threshold, ThresholdEntry | None]] = []
        self._faults: list[RowFault] = []
        self._cells: tuple[str | Misread, ...] = ()
        self._row = 0

    def take(self, number: int, cells: tuple[str | Misread, ...]) -> None:
        """Take one row in."""
        self._row, self._cells = number, cells
        before = len(self._faults)
        if any(cells[len(self._grid.header) :]):
            place = next(i for i, cell in enumerate(cells) if i >= len(self._grid.header) and cell)
            self._fault_at(cell_name(number, place), "stands beyond the last heading.")
        try:
            entry = self._entry()
            threshold = self._threshold(entry)
        except _Stop:
            return
        if len(self._faults) > before:
            return
        key = key_of(threshold)
        if key in self._keys:
            self._fault_at(
                f"row {number}", f"is about the same threshold as row {self._keys[key]}; keep one."
            )
            return
        self._keys[key] = number
        self._wanted.append((number, threshold, entry))

    def plan(self, *, is_removing: bool) -> SheetPlan:
        """Return what all rows come to."""
        added: list[PlannedEdit] = []
        changed: list[PlannedEdit] = []
        unchanged = 0
        removed = self._to_remove() if is_removing else []
        gone = {planned.edit.before.threshold.id for planned in removed if planned.edit.before is not None}
        for number, threshold, entry in self._wanted:
            device = self._by_number[threshold.device]
            edit = PlannedEdit(
                ThresholdEdit(entry, threshold), f"row {number}", name_of(threshold, device, self._quantities)
            )
            changes = () if entry is None else self._changes(entry, threshold)
            if entry is not None and not changes:
                unchanged += 1
                continue
            self._check(number, threshold, device, gone)
            if entry is None:
                added.append(edit)
            else:
                changed.append(replace(edit, changes=changes))
        faults = tuple(sorted(self._faults, key=lambda fault: _place_of(fault.where)))
        return SheetPlan(tuple(added), tuple(changed), tuple(removed), unchanged, faults)

    # -- private ---------------------------------------------------------------------------------------

    def _to_remove(self) -> list[PlannedEdit]:
        devices = {threshold.device for _, threshold, _ in self._wanted}
        return [
            PlannedEdit(
                ThresholdEdit(entry, None),
                "not in the file",
                name_of(entry.threshold, self._by_number[entry.threshold.device], self._quantities),
            )
            for entry in self._stored.entries
            if entry.threshold.device in devices and entry.threshold.id not in self._named
        ]

    def _changes(self, entry: ThresholdEntry, threshold: Threshold) -> tuple[Difference, ...]:
        found = differences(entry.threshold, threshold, self._quantities)
        if threshold.user_id != entry.threshold.user_id and threshold.user_id is not None:
            name = self._stored.people.get(threshold.user_id, str(threshold.user_id))
            found.append(Difference(OWNER_COLUMN, entry.owner or "nobody", name))
        return tuple(found)

    def _check(self, number: int, threshold: Threshold, device: Device, gone: set[ThresholdId]) -> None:
        wanted = {other.id: other for _, other, _ in self._wanted if other.id != _NEW}
        others = [
            wanted.get(entry.threshold.id, entry.threshold)
            for entry in self._stored.entries
            if entry.threshold.device == device.id and entry.threshold.id not in gone
        ]
        headings = {known.key: known.heading for known in FIELDS} | {
            "metric": METRIC_COLUMN,
            "severity": SEVERITY_COLUMN,
        }
        for key, sentence in faults_of(threshold, device, others, self._quantities).items():
            column = self._columns.get(headings[key])
            where = f"row {number}" if column is None else cell_name(number, column)
            self._fault_at(where, f"{headings[key]}: {sentence}")

    def _entry(self) -> ThresholdEntry | None:
        """Return the stored threshold that the row is about, None for a new one."""
        number = self._text(ID_COLUMN)
        entry = None
        if number:
            entry = self._by_id.get(ThresholdId(self._whole(number)))
            if entry is None:
                self._fault(
                    ID_COLUMN, f"No threshold of yours has the number {number}; empty the cell to add one."
                )
                raise _Stop
        else:
            entry = self._by_key.get(self._key())
        if entry is None:
            return None
        first = self._named.setdefault(entry.threshold.id, self._row)
        if first != self._row:
            self._fault(ID_COLUMN, f"is about the same threshold as row {first}; keep one.")
            raise _Stop
        device = self._by_number.get(entry.threshold.device)
        given = self._text(DEVICE_ID_COLUMN)
        if device is None or (given and given != device.device_id):
            name = "a device that you may not change" if device is None else device.device_id
            self._fault(
                DEVICE_ID_COLUMN, f"Threshold {number} belongs to {name}; a threshold stays with its device."
            )
            raise _Stop
        return entry

    def _threshold(self, entry: ThresholdEntry | None) -> Threshold:
        if entry is None:
            device, rule, metric, severity = self._key()
            threshold = Threshold(_NEW, device, metric, None, None, severity, rule=rule)
        else:
            threshold = entry.threshold
            rule = self._choice(RULE_COLUMN, _RULES, threshold.rule)
            metric = self._choice(METRIC_COLUMN, self._metrics, threshold.metric)
            severity = self._choice(SEVERITY_COLUMN, _SEVERITIES, threshold.severity)
            threshold = replace(threshold, rule=rule, metric=metric, severity=severity)
        for known in FIELDS:
            if known.heading not in self._columns:
                continue
            typed = self._text(known.heading)
            try:
                value = known.value_from_text(typed, is_comma_decimal=self._grid.is_comma_decimal)
            except NotANumber as error:
                self._fault(known.heading, str(error))
            else:
                # Blanks at the ends of words are no change.
                stored = known.get(threshold)
                if not (known.kind is Kind.TEXT and isinstance(stored, str) and stored.strip() == value):
                    threshold = known.put(threshold, value)
        self._check_units(threshold)
        return self._owned(replace(threshold, disabled_reason="") if threshold.enabled else threshold)

    def _check_units(self, threshold: Threshold) -> None:
        for heading, unit in (
            (UNIT_COLUMN, unit_text(threshold, self._quantities)),
            (AMOUNT_UNIT_COLUMN, unit_of(FIELD_BY_KEY["amount"], threshold, self._quantities)),
        ):
            given = self._text(heading)
            if given and given.casefold().replace(" ", "") != unit.casefold():
                self._fault(heading, f"{given!r} is another unit; values are in {unit or 'no unit'} here.")

    def _owned(self, threshold: Threshold) -> Threshold:
        name = self._text(OWNER_COLUMN)
        if not name:
            return threshold
        if threshold.user_id is not None and self._stored.people.get(threshold.user_id) == name:
            return threshold
        ids = [id for id, known in self._stored.people.items() if known == name]
        if len(ids) == 1:
            return replace(threshold, user_id=ids[0])
        self._fault(OWNER_COLUMN, f"{'Nobody is' if not ids else 'Several people are'} called {name!r}.")
        return threshold

    def _key(self) -> Key:
        name = self._text(DEVICE_ID_COLUMN)
        device = self._devices.get(name)
        if device is None:
            words = f"No device of yours has the id {name!r}." if name else "Say which device."
            self._fault(DEVICE_ID_COLUMN, words)
            raise _Stop
        rule = self._choice(RULE_COLUMN, _RULES, RuleKind.LIMIT)
        fallback = DEVICE_METRIC if rule.is_of_device else None
        metric = self._choice(METRIC_COLUMN, self._metrics, fallback)
        severity = self._choice(SEVERITY_COLUMN, _SEVERITIES, None)
        return (device.id, rule, metric, severity)

    def _choice(self, heading: str, choices: Mapping[str, C], empty: C | None) -> C:
        word = self._text(heading)
        chosen = choices.get(word.casefold()) if word else empty
        if chosen is None:
            names = list(dict.fromkeys(str(choice) for choice in choices.values()))
            more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
            known = ", ".join(names[:_MOST_NAMED]) + more
            words = f"{word[:40]!r} is not possible; choose {known}." if word else f"is missing: {known}."
            self._fault(heading, words)
            raise _Stop
        return chosen

    def _whole(self, number: str) -> int:
        try:
            value = float(number)
            return int(value) if value == int(value) and abs(value) < 2**62 else -1
        except (ValueError, OverflowError):
            return -1

    def _text(self, heading: str) -> str:
        column = self._columns.get(heading)
        if column is None or column >= len(self._cells):
            return ""
        cell = self._cells[column]
        if isinstance(cell, Misread):
            self._fault(heading, cell.text)
            raise _Stop
        return cell

    def _fault(self, heading: str, sentence: str) -> None:
        column = self._columns.get(heading)
        where = f"row {self._row}" if column is None else cell_name(self._row, column)
        self._fault_at(where, sentence)

    def _fault_at(self, where: str, sentence: str) -> None:
        self._faults.append(RowFault(where, sentence))


def _metrics_by_word(quantities: Quantities) -> dict[str, str]:
    """Return the key of everything that a limit can be about, by key and by label."""
    words = {quantity.key: quantity.key for quantity in quantities.all}
    words[DEVICE_METRIC] = DEVICE_METRIC
    for quantity in quantities.all:
        # A key is the stronger word, and a metric the first: a signal may be labelled like another one.
        words.setdefault(quantity.label.casefold(), quantity.key)
    return words


def _place_of(where: str) -> tuple[int, str]:
    """Return a sort key: faults from top to bottom."""
    digits = re.search(r"\d+", where)
    return (int(digits[0]) if digits else 0, where)
