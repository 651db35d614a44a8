"""Compares a table or a document of devices with what is stored, and names every change and every fault."""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import cast

from console.catalogue.device_columns import PROFILE
from console.catalogue.device_differences import device_differences, limits_differences
from console.catalogue.device_plan import DevicePlan, PlanKind, PlannedDevice, StoredDevices
from console.catalogue.device_sheet import DeviceSheet, SheetDevice, sheet_from_grid
from console.catalogue.document import checked_row, place_in_json
from console.catalogue.errors import RowFault
from console.catalogue.json_text import RepeatedKeys
from console.catalogue.profiles import (
    Profile,
    ProfileFault,
    missing_signals,
    profile_of,
    with_signals,
)
from console.catalogue.sheet_documents import document_from_sheet, place_of
from console.catalogue.sheet_file import Grid, Misread
from models.quantities import Quantities
from models.records.device import Device
from models.records.device_entry import DeviceEntry
from models.records.threshold import RuleKind, Threshold

Tell = Callable[[int, int], None]
"""Hears how many devices of how many were checked; may raise, which ends the work."""
_EVERY = 50
_LIMITS = frozenset({RuleKind.LIMIT})
_NOTHING: frozenset[RuleKind] = frozenset()


def _silent(_done: int, _total: int) -> None:
    pass


def plan_from_grid(
    grid: Grid, stored: StoredDevices, *, is_taking_results: bool = False, tell: Tell = _silent
) -> DevicePlan:
    """Return what an import of a table would do; every fault is named by its cell.

    Args:
        grid: As `sheet_file.read_grid` returned it.
        stored: What there is now.
        is_taking_results: Take what formulas showed when the file was saved.
        tell: Hears how far it is.
    """
    total = len(grid.rows)
    sheet = sheet_from_grid(grid, is_taking_results=is_taking_results, tell=lambda _done: tell(0, total))
    book = _Book(stored)
    profiles, unknown = _profiles_named(sheet)
    signals = missing_signals(list(profiles.values()), stored.quantities)
    quantities = with_signals(stored.quantities, signals)

    def judged(given: SheetDevice) -> PlannedDevice:
        return _planned_from_rows(sheet, given, book, profiles, unknown, quantities)

    planned: list[PlannedDevice] = []
    for done, given in enumerate(sheet.devices, start=1):
        planned.append(judged(given))
        if done % _EVERY == 0:
            tell(done, len(sheet.devices))
    faults = list(sheet.faults)
    for given in sheet.nameless:
        faults += _faults_of_nameless(sheet, given, judged(given).faults)
    if sheet.is_misheaded:
        # A column that nobody understood may hold what is missing, and what matters: what stands in cells is
        # judged, and nothing of such a file is in order.
        planned = [
            replace(one, faults=in_cells)
            for one in planned
            if (in_cells := tuple(fault for fault in one.faults if not fault.where.startswith("row ")))
        ]
    results = any(isinstance(cell, Misread) and cell.shown for _, cells in grid.rows for cell in cells)
    used = {tag.metric for one in planned if one.entry is not None for tag in one.entry.device.tags}
    return DevicePlan(
        devices=_looked_over(planned, book),
        faults=tuple(dict.fromkeys(faults)),
        notes=tuple(sheet.notes),
        signals=tuple(signal for signal in signals if signal.key in used),
        rows=sheet.rows,
        has_results=results,
    )


def plan_from_document(document: object, stored: StoredDevices, *, tell: Tell = _silent) -> DevicePlan:
    """Return what an import of a JSON document would do; every fault is named by its path.

    A device of a document is the whole device: what it leaves out has its default, limits included.
    """
    content = cast("dict[object, object]", document) if isinstance(document, dict) else {}
    rows = content.get("devices")
    if not isinstance(rows, list):
        fault = RowFault("document", 'must be an object with a list called "devices".')
        return DevicePlan(faults=(fault,))
    unknown = sorted(str(key) for key in content if key != "devices")
    faults = [RowFault(key, "is not known here; remove it or correct its name.") for key in unknown]
    if isinstance(document, RepeatedKeys):
        faults += [RowFault(key, "stands there more than once; keep one.") for key in document.repeated]
    book = _Book(stored)
    planned: list[PlannedDevice] = []
    seen: dict[str, str] = {}
    given = cast("list[object]", rows)
    for index in range(len(given)):
        row = given[index]
        found, entry = checked_row(row, stored.quantities)
        device_id = _named_in(row)
        own = [RowFault(place_in_json(index, row, path), text) for path, text in found]
        where = place_in_json(index, row, "")
        if device_id and (first := seen.setdefault(device_id, where)) != where:
            text = f"is used by {first} too; ids are unique."
            own.append(RowFault(place_in_json(index, row, "device_id"), text))
        planned.append(book.compared(device_id, where, entry, own, []))
        if (index + 1) % _EVERY == 0:
            tell(index + 1, len(given))
    return DevicePlan(devices=_looked_over(planned, book), faults=tuple(faults), rows=len(given))


def _named_in(row: object) -> str:
    named = cast("dict[object, object]", row).get("device_id") if isinstance(row, dict) else None
    return named if isinstance(named, str) else ""


def _profiles_named(sheet: DeviceSheet) -> tuple[dict[str, Profile], dict[str, str]]:
    named = {given.own[PROFILE][1] for given in sheet.devices if PROFILE in given.own}
    found: dict[str, Profile] = {}
    unknown: dict[str, str] = {}
    for name in sorted(named):
        try:
            found[name] = profile_of(name)
        except ProfileFault as error:
            unknown[name] = str(error)
    return found, unknown


def _planned_from_rows(
    sheet: DeviceSheet,
    given: SheetDevice,
    book: "_Book",
    profiles: Mapping[str, Profile],
    unknown: Mapping[str, str],
    quantities: Quantities,
) -> PlannedDevice:
    faults = list(given.faults)
    row, name = given.own.get(PROFILE, (0, ""))
    if name in unknown:
        faults.append(RowFault(sheet.place(row, PROFILE), unknown[name]))
    stored = book.devices.get(given.device_id)
    limits = book.limits[stored.id] if stored is not None else []
    built = document_from_sheet(sheet, given, stored, limits, profiles.get(name), quantities)
    unread = {fault.where for fault in (*built.faults, *faults)}
    found, entry = checked_row(built.document, quantities)
    faults += built.faults
    for path, text in found:
        where = place_of(built, sheet, given, path)
        # What could not be read has been named already.
        if where not in unread and not (name in unknown and path in ("driver", "tags", "type")):
            faults.append(RowFault(where, text))
    if entry is not None:
        rules = _LIMITS if built.speaks_of_limits else _NOTHING
        entry = replace(entry, of_rules=rules, thresholds=entry.thresholds if built.speaks_of_limits else ())
    return book.compared(given.device_id, f"row {given.first_row}", entry, faults, given.notes)


def _faults_of_nameless(sheet: DeviceSheet, given: SheetDevice, faults: Sequence[RowFault]) -> list[RowFault]:
    """Return what is wrong with a row that names no device; what it leaves out may stand above it."""
    said = {sheet.place(row, column) for column, (row, _) in given.own.items()}
    said |= {sheet.place(row.number, column) for row in given.tags for column in row.cells}
    return [fault for fault in faults if fault in given.faults or fault.where in said]


class _Book:
    """What is stored, ready to be looked up."""

    def __init__(self, stored: StoredDevices) -> None:
        self.devices = {device.device_id: device for device in stored.devices}
        self.limits: defaultdict[int, list[Threshold]] = defaultdict(list)
        for threshold in stored.limits:
            self.limits[threshold.device].append(threshold)
        self._stored = stored

    def compared(
        self,
        device_id: str,
        where: str,
        entry: DeviceEntry | None,
        faults: Sequence[RowFault],
        notes: Sequence[RowFault],
    ) -> PlannedDevice:
        """Return what becomes of one device."""
        stored = self.devices.get(device_id)
        revision = 0 if stored is None else self._stored.revisions.get(stored.id, 0)
        planned = PlannedDevice(device_id, where, PlanKind.FAULTY, None, stored, (), revision)
        planned = replace(planned, faults=tuple(dict.fromkeys(faults)), notes=tuple(notes))
        if entry is None or faults:
            return planned
        if stored is None:
            return replace(planned, kind=PlanKind.NEW, entry=entry)
        # An owner that a file does not name stays.
        wanted = replace(entry.device, user_id=entry.device.user_id or stored.user_id)
        changes = device_differences(stored, wanted, self._stored.quantities)
        limits: tuple[Threshold, ...] = ()
        if entry.of_rules:
            limits = tuple(one for one in self.limits[stored.id] if one.rule in entry.of_rules)
            changes += limits_differences(limits, entry.thresholds, self._stored.quantities)
        kind = PlanKind.CHANGED if changes else PlanKind.UNCHANGED
        return replace(planned, kind=kind, entry=entry, limits=limits, changes=tuple(changes))


# -- what only shows when all devices are looked at together -------------------------------------------------


def _looked_over(planned: Sequence[PlannedDevice], book: _Book) -> tuple[PlannedDevice, ...]:
    """Return the devices, those that get in each other's way with a fault or a note more."""
    circles = _circles(planned, book)
    in_file = {one.device_id for one in planned}
    readers: dict[tuple[str, str], str] = {}
    for device in book.devices.values():
        if device.device_id not in in_file:
            _note_reader(readers, device)
    result: list[PlannedDevice] = []
    for one in planned:
        if one.entry is None:
            result.append(one)
            continue
        if one.device_id in circles:
            text = (
                f"leads back to {one.device_id} by way of its parents; one of them must be reached directly."
            )
            fault = RowFault(f"{one.where}, metadata.parent", text)
            result.append(replace(one, kind=PlanKind.FAULTY, entry=None, faults=(*one.faults, fault)))
            continue
        shared = _note_reader(readers, one.entry.device)
        noted = one
        # An unchanged device that was like this before needs no word.
        if shared and one.kind is not PlanKind.UNCHANGED:
            address, other = min(shared.items())
            text = f"reads {address} at the same place as {other}: is it the same device twice?"
            noted = replace(one, notes=(*one.notes, RowFault(one.where, text)))
        result.append(noted)
    return tuple(result)


def _note_reader(readers: dict[tuple[str, str], str], device: Device) -> dict[str, str]:
    """Note what a device reads where; return the addresses that another one reads there, with its id."""
    way = json.dumps([device.driver, dict(device.connection)], sort_keys=True, default=str)
    shared: dict[str, str] = {}
    for address in {tag.address for tag in device.tags}:
        first = readers.setdefault((way, address), device.device_id)
        if first != device.device_id:
            shared[address] = first
    return shared


def _circles(planned: Sequence[PlannedDevice], book: _Book) -> set[str]:
    parents = {name: device.extra.get("parent") for name, device in book.devices.items()}
    changed = {
        one.device_id: one.entry.device.extra.get("parent") for one in planned if one.entry is not None
    }
    parents |= changed
    found: set[str] = set()
    for start in changed:
        here, steps = parents.get(start), 0
        while isinstance(here, str) and here != start and steps < len(parents):
            here, steps = parents.get(here), steps + 1
        if here == start:
            found.add(start)
    return found
