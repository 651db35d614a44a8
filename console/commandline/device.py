"""`main.py device`: devices in and out by file, their history and the way back, listed, tested, and asked."""

import argparse
import asyncio
import json
from datetime import UTC, datetime

from console.catalogue.binding import bind
from console.catalogue.errors import CatalogueFault
from console.catalogue.sealing import holds_secrets
from console.commandline.command import Command, CommandError
from console.commandline.device_certificate import ACTION as CERTIFICATE
from console.commandline.device_certificate import add_certificate_action, show_certificate
from console.commandline.device_files import add_file_actions, export_file, import_file
from console.commandline.device_health import add_health_action, show_health
from console.commandline.device_past import add_past_actions, restore, show_history, show_profiles, undo
from console.commandline.device_tools import ACTIONS, add_tool_actions, run_tool
from console.commandline.moments import age_from_moment
from console.commandline.table import table_text
from console.settings import Settings
from console.storage import open_storage
from console.workstation_keys import workstation_keys
from models.queries.catalogue import load_devices
from models.records.device import Device
from models.secrets import NO_KEYS

_EXAMPLES = """Example: main.py device import plant.xlsx --dry-run
         main.py device import plant.csv --valid-only
         main.py device export plant.xlsx --device PRESS-04
         main.py device health --sort worst
         main.py device history PRESS-04
         main.py device restore PRESS-04 3 --dry-run
         main.py device undo 17
         main.py device profiles eastron-sdm630
         main.py device scan PRESS-04 --units 1-20
         main.py device registers PRESS-04 holding 0 20
         main.py device certificate PRESS-05 --own

exit codes: 0 done · 1 not done, and why on stderr · 2 the call itself is wrong"""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EXAMPLES
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    add_file_actions(actions)
    show = actions.add_parser("list", help="list devices with their status")
    show.add_argument("--format", choices=("table", "json"), default="table")
    add_health_action(actions)
    test = actions.add_parser("test", help="connect to one device and say what works, step by step")
    test.add_argument("device_id", help="hardware id, as in the list")
    add_tool_actions(actions)
    add_certificate_action(actions)
    add_past_actions(actions)


def _run(options: argparse.Namespace, settings: Settings) -> int:
    match options.action:
        case "import":
            return import_file(options, settings)
        case "export":
            return export_file(options, settings)
        case "list":
            return _list(settings, options.format)
        case "health":
            return show_health(options, settings)
        case "history":
            return show_history(options, settings)
        case "restore":
            return restore(options, settings)
        case "undo":
            return undo(options, settings)
        case "profiles":
            return show_profiles(options)
        case action if action == CERTIFICATE:
            return show_certificate(options, settings)
        case action if action in ACTIONS:
            return run_tool(options, settings)
        case _:
            return _test(options.device_id, settings)


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


COMMAND = Command(_add_arguments, _run, "main.py device import plant.xlsx --dry-run")
