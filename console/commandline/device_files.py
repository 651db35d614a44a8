"""Devices in from a file and out to one: what a file would change is shown before it is stored."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from console.catalogue.device_export import write_devices_file
from console.catalogue.device_import import ENDINGS, apply_plan, plan_file, read_devices_file
from console.catalogue.device_plan import DevicePlan, PlanKind
from console.catalogue.sealing import holds_plain_secrets, opened_device
from console.catalogue.sheet_file import SheetFault
from console.commandline.command import CommandError
from console.commandline.first_key import ensure_key
from console.settings import Settings
from console.storage import open_storage
from console.workstation_keys import workstation_keys
from models.queries.catalogue import current_person, load_devices, load_thresholds
from models.records.device_entry import DeviceEntry
from models.records.person import Role

_MOST_TOLD = 200
_MANY = 1000


def add_file_actions(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare `import` and `export`."""
    take = actions.add_parser(
        "import",
        help="compare a .csv, .xlsx or .json file with what is stored, and store it",
        description=(
            "Compares a file of devices with what is stored, tells every change and every fault by its cell, "
            "and stores all of it or nothing. One row a tag; one row may stand for many: PUMP-{01..20} makes "
            "twenty devices, holding:{100../10} counts along with it in steps of ten. A column profile names "
            "a product (main.py device profiles), whose settings and tags then need no cells."
        ),
    )
    take.add_argument("file", type=Path)
    take.add_argument("--dry-run", action="store_true", help="say what would change, store nothing")
    take.add_argument("--valid-only", action="store_true", help="store what is in order, leave the rest out")
    take.add_argument(
        "--take-results", action="store_true", help="take what formulas showed when the workbook was saved"
    )
    give = actions.add_parser("export", help="write devices to a .csv, .xlsx or .json file")
    give.add_argument("file", type=Path)
    give.add_argument("--device", action="append", metavar="ID", help="only this one; may be repeated")
    give.add_argument(
        "--with-secrets",
        action="store_true",
        help="write passwords and keys in clear (administrators, on a workstation that holds the key)",
    )


def import_file(options: argparse.Namespace, settings: Settings) -> int:
    """Carry `import` out."""
    file: Path = options.file
    try:
        read = read_devices_file(file)
    except SheetFault as error:
        raise CommandError(str(error)) from error
    keys = workstation_keys(settings)
    with open_storage(settings, "console device import") as database:
        with database.transaction() as connection:
            plan = plan_file(connection, read, is_taking_results=options.take_results, tell=_progress)
        _print_plan(plan)
        if not plan.is_faultless and not (options.valid_only and plan.to_store):
            raise CommandError(_refusal(file, plan, would_help=not options.valid_only))
        if options.dry_run:
            _print_faults(plan)
            print(f"{plan.counts_text}; nothing was stored.")
            return 0
        if any(device.entry and holds_plain_secrets(device.entry.device) for device in plan.to_store):
            ensure_key(database, keys, settings)
        with database.transaction() as connection:
            done = apply_plan(connection, plan, keys, is_partial=options.valid_only)
    _print_faults(plan)
    print(done)
    if done.batch is not None:
        print(f"To take it back: main.py device undo {done.batch}")
    return 0


def export_file(options: argparse.Namespace, settings: Settings) -> int:
    """Carry `export` out."""
    file: Path = options.file
    ending = file.suffix.casefold()
    if ending not in ENDINGS:
        raise CommandError(
            f"{file} ends in {ending or 'nothing'}; use a file that ends in {', '.join(ENDINGS)}."
        )
    entries = _stored_entries(settings, options.device, with_secrets=options.with_secrets)
    # What holds passwords is its owner's alone from the first byte on (where the system knows such rights).
    before = os.umask(0o077) if options.with_secrets else None
    try:
        write_devices_file(file, entries)
    except OSError as error:
        raise CommandError(f"{file} cannot be written: {error.strerror}.") from error
    finally:
        if before is not None:
            os.umask(before)
    print(f"{len(entries)} devices written to {file}.")
    if options.with_secrets:
        print(f"{file} holds passwords and keys in clear; delete it as soon as it was used.", file=sys.stderr)
    return 0


def _progress(done: int, total: int) -> None:
    if total > _MANY and done and sys.stderr.isatty():
        print(f"\rChecked {done:,} of {total:,} devices…", end="", file=sys.stderr)


def _print_plan(plan: DevicePlan) -> None:
    lines = [
        f"{device.where}  {device.device_id}: {', '.join(map(str, device.changes))}"
        for device in plan.of(PlanKind.CHANGED)
    ]
    lines += [f"{device.where}  {device.device_id}: new" for device in plan.of(PlanKind.NEW)]
    lines += [f"signal {signal.key} ({signal.label}, {signal.unit}): new" for signal in plan.signals]
    lines += [f"look: {note}" for note in plan.all_notes]
    _print_some(lines)


def _print_some(lines: Sequence[str]) -> None:
    for line in lines[:_MOST_TOLD]:
        print(line)
    if len(lines) > _MOST_TOLD:
        print(f"… and {len(lines) - _MOST_TOLD:,} more")


def _print_faults(plan: DevicePlan) -> None:
    _print_some([f"left out: {fault}" for fault in plan.all_faults])


def _refusal(file: Path, plan: DevicePlan, *, would_help: bool) -> str:
    told = plan.all_faults
    many = "1 place" if len(told) == 1 else f"{len(told):,} places"
    lines = [f"  {fault}" for fault in told[:_MOST_TOLD]]
    if len(told) > _MOST_TOLD:
        lines.append(f"  … and {len(told) - _MOST_TOLD:,} more")
    if plan.has_results:
        lines.append("  What formulas show is taken with --take-results.")
    if would_help and plan.to_store:
        lines.append(f"  The {len(plan.to_store):,} devices in order are stored with --valid-only.")
    return "\n".join((f"Nothing was imported: {many} to mend in {file}.", *lines))


def _stored_entries(
    settings: Settings, wanted: Sequence[str] | None, *, with_secrets: bool
) -> list[DeviceEntry]:
    keys = workstation_keys(settings)
    with open_storage(settings, "console device export") as database, database.transaction() as connection:
        devices = load_devices(connection)
        thresholds = load_thresholds(connection)
        if unknown := set(wanted or ()) - {device.device_id for device in devices}:
            raise CommandError(f"No device of yours has the id {', '.join(sorted(unknown))}.")
        if wanted:
            devices = [device for device in devices if device.device_id in wanted]
        if with_secrets:
            if current_person(connection).role is not Role.ADMIN:
                raise CommandError(
                    "Only an administrator may write passwords in clear; leave --with-secrets out."
                )
            box = keys.open_box(connection)
            devices = [opened_device(device, box) for device in devices]
    return [
        DeviceEntry(device, tuple(threshold for threshold in thresholds if threshold.device == device.id))
        for device in devices
    ]
