"""The way of a file of devices into the database: read, compared, and stored whole or in its valid part."""

import time
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy.engine import Connection

from console.catalogue.device_outcomes import ImportDone
from console.catalogue.device_plan import DevicePlan, PlanKind, PlannedDevice, StoredDevices
from console.catalogue.device_planning import Tell, plan_from_document, plan_from_grid
from console.catalogue.errors import DocumentFault, RowFault
from console.catalogue.json_text import object_from_json
from console.catalogue.sealing import NO_WAY_TO_ENCRYPT, holds_secrets, import_sealed
from console.catalogue.sheet_file import Grid, SheetFault, bytes_of, read_grid
from models.errors import AlreadyDone, NeedsSetup, Rejected
from models.queries.catalogue import (
    current_person,
    hardware_ids_of_others,
    import_devices,
    load_devices,
    load_thresholds,
)
from models.queries.device_history import batch_of_transaction, hold_devices, newest_revisions
from models.queries.signals import add_signals, load_quantities
from models.records.device_entry import ImportOutcome
from models.records.person import Role
from models.records.threshold import Threshold
from models.workstation import WorkstationKeys

ENDINGS = (".csv", ".xlsx", ".json")
_SIGN_OF_LIFE_S = 5.0


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file of devices as it was read, before anything is compared.

    Attributes:
        grid: Of a table.
        document: Of a JSON file.
    """

    name: str
    grid: Grid | None = None
    document: object = None


def read_devices_file(path: Path) -> ReadFile:
    """Read a file by its ending. Raises SheetFault with one sentence."""
    ending = path.suffix.casefold()
    if ending not in ENDINGS:
        known = ", ".join(ENDINGS[:-1])
        raise SheetFault(
            f"{path.name} ends in {ending or 'nothing'}; use a file that ends in {known} or {ENDINGS[-1]}."
        )
    if ending != ".json":
        return ReadFile(path.name, grid=read_grid(path))
    try:
        text = bytes_of(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SheetFault(f"{path.name} cannot be read: it is not UTF-8 text.") from error
    try:
        return ReadFile(path.name, document=object_from_json(text))
    except DocumentFault as error:
        raise SheetFault(f"{path.name}, {error.faults[0]}") from error


def stored_devices(conn: Connection) -> StoredDevices:
    """Return what a file is compared with, as the person signed in sees it."""
    return StoredDevices(
        devices=load_devices(conn),
        limits=load_thresholds(conn),
        revisions=newest_revisions(conn),
        quantities=load_quantities(conn),
    )


def plan_file(
    conn: Connection,
    file: ReadFile,
    *,
    is_taking_results: bool = False,
    tell: Tell = lambda _done, _total: None,
) -> DevicePlan:
    """Return what an import of a file would do. Stores nothing. Takes seconds for thousands of rows."""
    stored = stored_devices(conn)
    asked_at = time.monotonic()

    def told(done: int, total: int) -> None:
        nonlocal asked_at
        tell(done, total)
        if time.monotonic() - asked_at > _SIGN_OF_LIFE_S:
            # A server ends a transaction in which nothing is asked for a minute.
            current_person(conn)
            asked_at = time.monotonic()

    def plan(known: StoredDevices) -> DevicePlan:
        if file.grid is None:
            return plan_from_document(file.document, known, tell=told)
        return plan_from_grid(file.grid, known, is_taking_results=is_taking_results, tell=told)

    made = plan(stored)
    if current_person(conn).role is not Role.USER:
        return made
    # Engineers do not see others' devices, so that a hardware id of one looks new to them.
    new = [device.device_id for device in made.devices if device.stored is None]
    taken = frozenset(hardware_ids_of_others(conn, new))
    return made if not taken else _without(made, taken)


def apply_plan(
    conn: Connection, plan: DevicePlan, keys: WorkstationKeys | None, *, is_partial: bool = False
) -> ImportDone:
    """Store a plan, whole or nothing; in one transaction, which is one batch that can be undone.

    Args:
        conn: In a transaction.
        plan: As `plan_file` returned it, some time ago.
        keys: This workstation's, for secrets; None = it has no way to encrypt.
        is_partial: Leave out what has faults, instead of refusing all.

    Raises:
        Rejected: There are faults and `is_partial` is not asked for; or as `import_devices`.
        AlreadyDone: Somebody changed one of the devices since; names it, nothing is stored.
        NeedsSetup: There are secrets, and no way to encrypt here.
        NotAllowed, KeyMissing, KeyRetired, SealBroken: As `import_sealed`.
    """
    faulty = sum(bool(device.faults) for device in plan.devices)
    if not is_partial and not plan.is_faultless:
        raise Rejected(f"Nothing was stored: {len(plan.all_faults)} faults are to be mended first.")
    chosen = plan.to_store
    hold_devices(
        conn,
        {device.stored.id: device.revision for device in chosen if device.stored is not None},
        [device.device_id for device in chosen if device.stored is None],
    )
    _refuse_other_limits(conn, chosen)
    present = load_quantities(conn)
    needed = {tag.metric for one in chosen if one.entry is not None for tag in one.entry.device.tags}
    signals = [one for one in plan.signals if one.key in needed and present.find(one.key) is None]
    if signals:
        add_signals(conn, signals)
    entries = [device.entry for device in chosen if device.entry is not None]
    if keys is None and any(holds_secrets(entry.device) for entry in entries):
        raise NeedsSetup(NO_WAY_TO_ENCRYPT)
    outcome = import_devices(conn, entries) if keys is None else import_sealed(conn, entries, keys)
    same = len(plan.devices) - faulty - len(chosen)
    whole = ImportOutcome(outcome.created, outcome.updated, outcome.unchanged + same)
    return ImportDone(whole, batch_of_transaction(conn), faulty, len(signals))


def _without(plan: DevicePlan, taken: frozenset[str]) -> DevicePlan:
    def held_back(device: PlannedDevice) -> PlannedDevice:
        if device.device_id not in taken:
            return device
        text = f"{device.device_id} belongs to somebody else; its owner or an administrator can change it."
        fault = RowFault(device.where, text)
        return replace(device, kind=PlanKind.FAULTY, entry=None, faults=(*device.faults, fault))

    return replace(plan, devices=tuple(map(held_back, plan.devices)))


def _refuse_other_limits(conn: Connection, chosen: tuple[PlannedDevice, ...]) -> None:
    """Refuse where limits that the file speaks of are others by now."""
    compared = {
        device.stored.id: device
        for device in chosen
        if device.stored is not None and device.entry is not None and device.entry.of_rules
    }
    if not compared:
        return
    now: dict[int, list[Threshold]] = {id: [] for id in compared}
    for threshold in load_thresholds(conn):
        if threshold.device in compared:
            entry = compared[threshold.device].entry
            if entry is not None and threshold.rule in entry.of_rules:
                now[threshold.device].append(threshold)
    for id, device in compared.items():
        if tuple(now[id]) != device.limits:
            raise AlreadyDone(
                f"A limit of {device.device_id} was changed after the file had been compared with it; "
                "nothing was stored. Compare it again."
            )
