"""`main.py device`: devices in from a file, out to a file, listed, and tested step by step."""

import argparse
import asyncio
import json
import os
import stat
import sys
from datetime import UTC, datetime
from pathlib import Path

from console.catalogue.binding import bind
from console.catalogue.csv_format import csv_from_entries, entries_from_csv
from console.catalogue.document import document_from_entries, entries_from_document
from console.catalogue.errors import CatalogueFault, DocumentFault
from console.catalogue.json_text import object_from_json
from console.catalogue.sealing import holds_plain_secrets, holds_secrets, import_sealed, opened_device
from console.commandline.command import Command, CommandError
from console.commandline.first_key import ensure_key
from console.commandline.moments import age_from_moment
from console.commandline.table import table_text
from console.settings import Settings
from console.storage import open_storage
from console.workstation_keys import workstation_keys
from models.queries.catalogue import current_person, load_devices, load_thresholds
from models.records.device import Device
from models.records.device_entry import DeviceEntry
from models.records.person import Role
from models.secrets import NO_KEYS

LARGEST_FILE = 64 * 1024 * 1024


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    take = actions.add_parser("import", help="check a .json or .csv file and store its devices, all or none")
    take.add_argument("file", type=Path)
    take.add_argument("--dry-run", action="store_true", help="check only")
    give = actions.add_parser("export", help="write all devices to a .json or .csv file")
    give.add_argument("file", type=Path)
    give.add_argument(
        "--with-secrets",
        action="store_true",
        help="write passwords and keys in clear (administrators, on a workstation that holds the key)",
    )
    show = actions.add_parser("list", help="list devices with their status")
    show.add_argument("--format", choices=("table", "json"), default="table")
    test = actions.add_parser("test", help="connect to one device and say what works, step by step")
    test.add_argument("device_id", help="hardware id, as in the list")


def _run(options: argparse.Namespace, settings: Settings) -> int:
    if options.action == "import":
        return _import(options.file, settings, is_dry=options.dry_run)
    if options.action == "export":
        return _export(options.file, settings, with_secrets=options.with_secrets)
    if options.action == "list":
        return _list(settings, options.format)
    return _test(options.device_id, settings)


def read_entries(file: Path) -> list[DeviceEntry]:
    """Read and check a file of devices, JSON or CSV by its ending.

    Raises:
        CommandError: The file cannot be read, is no JSON or CSV, or holds faults: all are named.
    """
    is_csv = _is_csv(file)
    try:
        facts = file.stat()
        # A named pipe would hold us until somebody writes into it.
        if not stat.S_ISREG(facts.st_mode) and not stat.S_ISDIR(facts.st_mode):
            raise CommandError(f"{file} cannot be read: it is no file.")
        if facts.st_size > LARGEST_FILE:
            raise CommandError(f"{file} is larger than {LARGEST_FILE // 1024**2} MiB; split it.")
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise CommandError(f"{file} cannot be read: {reason}.") from error
    try:
        return entries_from_csv(text) if is_csv else entries_from_document(object_from_json(text))
    except DocumentFault as error:
        raise CommandError(f"{file}: {error}") from error


def _is_csv(file: Path) -> bool:
    ending = file.suffix.lower()
    if ending not in (".json", ".csv"):
        raise CommandError(f"{file} ends in {ending or 'nothing'}; use a file that ends in .json or .csv.")
    return ending == ".csv"


def _import(file: Path, settings: Settings, *, is_dry: bool) -> int:
    entries = read_entries(file)
    if is_dry:
        print(f"{len(entries)} devices are in order; nothing was stored.")
        return 0
    keys = workstation_keys(settings)
    with open_storage(settings, "console device import") as database:
        if any(holds_plain_secrets(entry.device) for entry in entries):
            ensure_key(database, keys, settings)
        with database.transaction() as connection:
            outcome = import_sealed(connection, entries, keys)
    print(f"{outcome.created} devices created, {outcome.updated} updated, {outcome.unchanged} unchanged.")
    return 0


def _export(file: Path, settings: Settings, *, with_secrets: bool) -> int:
    is_csv = _is_csv(file)
    entries = _stored_entries(settings, with_secrets=with_secrets)
    text = (
        csv_from_entries(entries) if is_csv else json.dumps(document_from_entries(entries), indent=2) + "\n"
    )
    try:
        if with_secrets:
            _write_for_owner_only(file, text)
        else:
            file.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise CommandError(f"{file} cannot be written: {error.strerror}.") from error
    print(f"{len(entries)} devices written to {file}.")
    if with_secrets:
        print(f"{file} holds passwords and keys in clear; delete it as soon as it was used.", file=sys.stderr)
    return 0


def _write_for_owner_only(file: Path, text: str) -> None:
    """Write a file that only its owner can read (where the system knows such rights)."""
    # A file that is there keeps its rights, so it has to go first.
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
        opened.write(text.encode())


def _stored_entries(settings: Settings, *, with_secrets: bool) -> list[DeviceEntry]:
    keys = workstation_keys(settings)
    with open_storage(settings, "console device export") as database, database.transaction() as connection:
        devices = load_devices(connection)
        thresholds = load_thresholds(connection)
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


def _list(settings: Settings, form: str) -> int:
    with open_storage(settings, "console device list") as database, database.transaction() as connection:
        devices = load_devices(connection)
    if form == "json":
        print(json.dumps([_row(device) for device in devices], indent=2))
        return 0
    if not devices:
        print("No devices yet: main.py device import FILE.json, or main.py demo for a simulated factory.")
        return 0
    now = datetime.now(UTC)
    rows = [
        (
            device.device_id,
            device.name,
            device.location,
            device.driver,
            str(device.status),
            age_from_moment(device.last_seen_at, now),
            device.status_detail,
        )
        for device in devices
    ]
    print(table_text(("DEVICE", "NAME", "LOCATION", "DRIVER", "STATUS", "LAST SEEN", "WHY"), rows))
    return 0


def _row(device: Device) -> dict[str, object]:
    return {
        "device_id": device.device_id,
        "name": device.name,
        "type": device.type,
        "location": device.location,
        "driver": device.driver,
        "status": str(device.status),
        "status_detail": device.status_detail,
        "last_seen": device.last_seen_at.isoformat() if device.last_seen_at else None,
    }


def _test(device_id: str, settings: Settings) -> int:
    keys = workstation_keys(settings)
    with open_storage(settings, "console device test") as database, database.transaction() as connection:
        devices = load_devices(connection)
        device = next((device for device in devices if device.device_id == device_id), None)
        box = keys.open_box(connection) if device and holds_secrets(device) else NO_KEYS
    if device is None:
        raise CommandError(f"No device has the id {device_id!r}; main.py device list shows them all.")
    try:
        binding = bind(device, box.open)
    except CatalogueFault as error:
        raise CommandError(str(error)) from error
    spec = binding.spec.kept_in(settings.pki_dir)
    steps = asyncio.run(spec.test(binding.settings, binding.addresses))
    for step in steps:
        verdict = "ok    " if step.ok else "FAILED"
        print(f"{verdict}  {step.name}  ({step.took_ms:.0f} ms)  {step.detail}".rstrip())
    return 0 if all(step.ok for step in steps) else 1


COMMAND = Command(_add_arguments, _run, "main.py device import plant.json")
