"""`main.py thresholds`: list, export, import, change, switch and try thresholds on the past."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.engine import Connection

from console.catalogue.sheet_export import write_table
from console.catalogue.sheet_file import SheetFault, read_grid
from console.catalogue.threshold_fields import (
    FIELDS,
    condition_text,
    differences,
    unit_of,
)
from console.catalogue.threshold_plan import plan_of
from console.catalogue.threshold_sheet import HEADINGS, SheetPlan, Stored, name_of, table_of
from console.catalogue.typed_number import text_from_seconds
from console.commandline.back_test import add_back_test, back_test
from console.commandline.command import Command, CommandError
from console.commandline.moments import text_from_moment
from console.commandline.table import table_text
from console.commandline.threshold_options import (
    add_fields,
    changed_threshold,
    found_entries,
    refuse_faults,
)
from console.settings import Settings
from console.storage import open_storage
from models.quantities import Quantities
from models.queries.catalogue import current_person, load_devices
from models.queries.signals import load_quantities
from models.queries.thresholds import change_thresholds, possible_owners, threshold_entries
from models.records.device import Device, DeviceId
from models.records.rights import Action, may
from models.records.threshold import Severity, Threshold
from models.records.threshold_entry import EditOutcome, ThresholdEdit, ThresholdEntry
from models.threshold_words import metric_label

_PROGRAM = "console thresholds"
_EXAMPLES = """Example: main.py thresholds list --device PRESS-04 --noisy
         main.py thresholds export limits.xlsx
         main.py thresholds import limits.xlsx --dry-run
         main.py thresholds set 12 13 --deadband 1 --on-delay "1 min"
         main.py thresholds disable 12 --reason "permit 2026-118, bearing"
         main.py thresholds back-test 12 --days 30 --max 75 --deadband 2

exit codes: 0 done · 1 not done, and why on stderr · 2 the call itself is wrong"""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EXAMPLES
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    show = actions.add_parser("list", help="list thresholds with owner, state and how often they called")
    _add_choice(show)
    show.add_argument("--off", action="store_true", help="only those out of service")
    show.add_argument("--noisy", action="store_true", help="only those that called more than once a day")
    show.add_argument("--format", choices=("table", "json"), default="table")
    give = actions.add_parser("export", help="write thresholds to a .csv or .xlsx file, one row each")
    give.add_argument("file", type=Path)
    _add_choice(give)
    take = actions.add_parser("import", help="compare a .csv or .xlsx file with what is stored, and store it")
    take.add_argument("file", type=Path)
    take.add_argument("--dry-run", action="store_true", help="say what would change, store nothing")
    take.add_argument(
        "--remove",
        action="store_true",
        help="remove the thresholds of the file's devices that the file does not name",
    )
    change = actions.add_parser("set", help="change fields of thresholds; what is not named stays")
    _add_numbers(change)
    add_fields(change)
    off = actions.add_parser("disable", help="take thresholds out of service")
    _add_numbers(off)
    off.add_argument("--reason", required=True, help="the permit or the work; shown wherever the limit is")
    on = actions.add_parser("enable", help="put thresholds back into service")
    _add_numbers(on)
    add_back_test(actions)


def _add_choice(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--device", action="append", metavar="ID", help="hardware id; may be repeated")
    parser.add_argument("--metric", help="only this metric")
    parser.add_argument("--severity", choices=[str(severity) for severity in Severity])


def _add_numbers(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("number", type=int, nargs="+", help="as in the list")


def _run(options: argparse.Namespace, settings: Settings) -> int:
    match options.action:
        case "list":
            return _list(options, settings)
        case "export":
            return _export(options, settings)
        case "import":
            return _import(options, settings)
        case "back-test":
            return back_test(options, settings)
        case _:
            return _change(options, settings)


def _list(options: argparse.Namespace, settings: Settings) -> int:
    with open_storage(settings, f"{_PROGRAM} list") as database, database.transaction() as connection:
        entries, devices = _chosen(connection, options)
        quantities = load_quantities(connection)
    if options.off:
        entries = [entry for entry in entries if not entry.threshold.enabled]
    if options.noisy:
        entries = [entry for entry in entries if entry.alerts_7d > 7]
    if options.format == "json":
        print(json.dumps([_row(entry, devices[entry.threshold.device]) for entry in entries], indent=2))
    elif not entries:
        print("No thresholds.")
    else:
        print(_table(entries, devices, quantities))
    return 0


def _export(options: argparse.Namespace, settings: Settings) -> int:
    with open_storage(settings, f"{_PROGRAM} export") as database, database.transaction() as connection:
        entries, devices = _chosen(connection, options)
        quantities = load_quantities(connection)
    rows = table_of(entries, list(devices.values()), quantities)
    try:
        write_table(options.file, HEADINGS, rows, "Thresholds")
    except SheetFault as error:
        raise CommandError(str(error)) from error
    except OSError as error:
        raise CommandError(f"{options.file} cannot be written: {error.strerror}.") from error
    print(f"{len(rows)} thresholds written to {options.file}.")
    return 0


def _import(options: argparse.Namespace, settings: Settings) -> int:
    try:
        grid = read_grid(options.file)
    except SheetFault as error:
        raise CommandError(str(error)) from error
    with open_storage(settings, f"{_PROGRAM} import") as database, database.transaction() as connection:
        person = current_person(connection)
        devices = [
            device
            for device in load_devices(connection)
            if may(person, Action.CONFIGURE_THRESHOLDS, device.user_id)
        ]
        entries = threshold_entries(connection, datetime.now(UTC))
        quantities = load_quantities(connection)
        stored = Stored(entries, devices, possible_owners(connection), quantities)
        plan = plan_of(grid, stored, is_removing=options.remove)
        if plan.faults:
            many = "1 cell" if len(plan.faults) == 1 else f"{len(plan.faults)} cells"
            lines = "\n".join(f"  {fault}" for fault in plan.faults)
            raise CommandError(f"Nothing was imported: {many} to mend in {options.file}.\n{lines}")
        if not options.dry_run:
            change_thresholds(connection, plan.edits, person)
    _print_plan(plan)
    counts = (
        f"{len(plan.added)} added, {len(plan.changed)} changed, {len(plan.removed)} removed, "
        f"{plan.unchanged} unchanged"
    )
    print(f"{counts}; nothing was stored." if options.dry_run else f"{counts}.")
    return 0


def _print_plan(plan: SheetPlan) -> None:
    for planned in plan.changed:
        print(f"{planned.where}  {planned.name}: {', '.join(map(str, planned.changes))}")
    for planned in plan.added:
        print(f"{planned.where}  {planned.name}: added")
    for planned in plan.removed:
        print(f"{planned.where}  {planned.name}: removed")


def _change(options: argparse.Namespace, settings: Settings) -> int:
    with open_storage(settings, f"{_PROGRAM} set") as database, database.transaction() as connection:
        person = current_person(connection)
        people = possible_owners(connection)
        devices = {device.id: device for device in load_devices(connection)}
        entries = threshold_entries(connection, datetime.now(UTC))
        edits = [
            ThresholdEdit(entry, _wanted(options, entry, people))
            for entry in found_entries(entries, options.number)
        ]
        quantities = load_quantities(connection)
        refuse_faults(edits, entries, devices, quantities)
        outcome = change_thresholds(connection, edits, person)
    _tell(edits, outcome, devices, quantities)
    return 0


def _wanted(options: argparse.Namespace, entry: ThresholdEntry, people: dict[int, str]) -> Threshold:
    match options.action:
        case "disable":
            if not options.reason.strip():
                raise CommandError("Say why it is out of service: --reason must not be empty.")
            return replace(entry.threshold, enabled=False, disabled_reason=options.reason.strip())
        case "enable":
            return replace(entry.threshold, enabled=True, disabled_reason="")
        case _:
            return changed_threshold(options, entry.threshold, people)


def _tell(
    edits: Sequence[ThresholdEdit],
    outcome: EditOutcome,
    devices: dict[DeviceId, Device],
    quantities: Quantities,
) -> None:
    for edit in edits:
        if edit.before is None or edit.after is None:
            continue
        name = name_of(edit.after, devices[edit.after.device], quantities)
        said = [str(change) for change in differences(edit.before.threshold, edit.after, quantities)]
        if edit.before.threshold.user_id != edit.after.user_id:
            said.append("another owner")
        print(f"{name}: {', '.join(said) or 'as it is'}")
    print(f"{len(outcome.changed)} changed, {len(outcome.unchanged)} unchanged.")


def _chosen(
    connection: Connection, options: argparse.Namespace
) -> tuple[list[ThresholdEntry], dict[DeviceId, Device]]:
    devices = {device.id: device for device in load_devices(connection)}
    wanted = set(options.device or ())
    unknown = wanted - {device.device_id for device in devices.values()}
    if unknown:
        raise CommandError(f"No device of yours has the id {', '.join(sorted(unknown))}.")
    entries = [
        entry
        for entry in threshold_entries(connection, datetime.now(UTC))
        if (not wanted or devices[entry.threshold.device].device_id in wanted)
        and options.metric in (None, entry.threshold.metric)
        and options.severity in (None, str(entry.threshold.severity))
    ]
    return entries, devices


def _table(entries: Sequence[ThresholdEntry], devices: dict[DeviceId, Device], quantities: Quantities) -> str:
    rows = [
        (
            str(entry.threshold.id),
            devices[entry.threshold.device].device_id,
            metric_label(entry.threshold.metric, quantities),
            str(entry.threshold.severity),
            condition_text(entry.threshold, quantities),
            _deadband(entry.threshold, quantities),
            text_from_seconds(entry.threshold.on_delay_s),
            text_from_seconds(entry.threshold.off_delay_s),
            "in service" if entry.threshold.enabled else f"off: {entry.threshold.disabled_reason}",
            str(entry.alerts_7d),
            str(entry.alerts_30d),
            entry.owner,
        )
        for entry in entries
    ]
    header = ("NUMBER", "DEVICE", "METRIC", "SEVERITY", "ALERTS WHEN", "DEADBAND", "ON", "OFF", "STATE")
    return table_text((*header, "7 D", "30 D", "OWNER"), rows)


def _deadband(threshold: Threshold, quantities: Quantities) -> str:
    field = next(field for field in FIELDS if field.key == "deadband")
    return (
        f"{field.text_of(threshold)} {unit_of(field, threshold, quantities)}".strip()
        if threshold.deadband
        else "-"
    )


def _row(entry: ThresholdEntry, device: Device) -> dict[str, object]:
    threshold = entry.threshold
    return {
        "number": threshold.id,
        "device_id": device.device_id,
        "device": device.name,
        "metric": threshold.metric,
        "rule": str(threshold.rule),
        "severity": str(threshold.severity),
        **{field.key: field.get(threshold) for field in FIELDS},
        "owner": entry.owner,
        "disabled_by": entry.disabled_by or None,
        "disabled_at": text_from_moment(threshold.disabled_at) or None,
        "changed_by": entry.changed_by or None,
        "changed_at": text_from_moment(entry.changed_at),
        "alerts_7d": entry.alerts_7d,
        "alerts_30d": entry.alerts_30d,
        "open_alerts": entry.open_alerts,
    }


COMMAND = Command(_add_arguments, _run, "main.py thresholds import limits.xlsx --dry-run")
