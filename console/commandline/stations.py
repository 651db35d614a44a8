"""`main.py stations`: what the Stations screen shows and does: who polls what, hand-overs, drills.

Accounts of stations are `main.py station enroll | disable | enable`.
"""

import argparse
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.engine import Connection

from console.catalogue.typed_number import NotANumber, seconds_from_text
from console.commandline.alert_listing import device_of
from console.commandline.command import Command, CommandError
from console.commandline.stations_tables import (
    devices_json,
    devices_text,
    history_json,
    history_text,
    orders_text,
    stations_json,
    stations_text,
)
from console.settings import Settings
from console.storage import open_storage
from models.database import Database
from models.queries import leases as queries
from models.queries.catalogue import load_devices
from models.records.device import DeviceId
from models.records.station import OrderKind, StationNow, StationOrder

_FAILED = 1
_LOOK_S = 0.5
_PATIENCE_S = 120.0
"""Beyond its length a drill may take so long to deliver what it kept, before nobody waits for it any more."""


@dataclass(frozen=True, slots=True)
class _Call:
    """What every action works on."""

    options: argparse.Namespace
    database: Database


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True, title="actions")
    formats = argparse.ArgumentParser(add_help=False)
    formats.add_argument("--format", choices=("table", "json"), default="table")
    actions.add_parser("list", parents=[formats], help="every station: state, devices, clock, disk, faults")
    devices = actions.add_parser("devices", parents=[formats], help="which station polls which device")
    devices.add_argument("--station", metavar="NAME", help="only devices of this one; none = of no station")
    assign = actions.add_parser("assign", help="hand devices over to a station, or back to the balance")
    assign.add_argument("device", nargs="*", metavar="DEVICE", help="hardware ids, as in devices")
    assign.add_argument("--all-of", metavar="NAME", help="all devices that this station polls now")
    target = assign.add_mutually_exclusive_group(required=True)
    target.add_argument("--to", metavar="NAME", help="the station that shall poll them while it lives")
    target.add_argument("--automatic", action="store_true", help="whichever station has fewest")
    drain = actions.add_parser("drain", help="let a station give everything away, before maintenance")
    drain.add_argument("station", metavar="NAME")
    drain.add_argument("--undo", action="store_true", help="let it take devices again")
    drill = actions.add_parser("drill", help="cut a station off the database for a while, and report")
    drill.add_argument("station", metavar="NAME")
    drill.add_argument("--for", dest="length", default="60s", metavar="TIME", help="5s to 10min (60s)")
    drill.add_argument("--no-wait", action="store_true", help="do not wait for the report")
    actions.add_parser("drills", help="what was asked of stations, and what came of it")
    retry = actions.add_parser("retry", help="let a station offer the database again what that declined")
    retry.add_argument("station", metavar="NAME")
    retry.add_argument("--no-wait", action="store_true", help="do not wait for the report")
    history = actions.add_parser("history", parents=[formats], help="who polled which device when")
    history.add_argument("device", nargs="?", metavar="DEVICE", help="hardware id; without it every device")
    history.add_argument("--limit", type=_positive, default=50, metavar="N")


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is below 1")
    return number


def _run(options: argparse.Namespace, settings: Settings) -> int:
    with open_storage(settings, f"console stations {options.action}") as database:
        return _ACTIONS[options.action](_Call(options, database))


def _list(call: _Call) -> int:
    with call.database.transaction() as connection:
        stations = queries.stations_now(connection)
    if call.options.format == "json":
        print(stations_json(stations))
    elif not stations:
        print(
            "No station has a login of its own. One that works on its own computer's database needs none; "
            "to share devices among several: main.py station enroll"
        )
    else:
        print(stations_text(stations, datetime.now(UTC)))
    return 0


def _devices(call: _Call) -> int:
    wanted: str | None = call.options.station
    with call.database.transaction() as connection:
        devices = load_devices(connection)
        leases = {span.device: span for span in queries.leases_now(connection)}
        names = {station.id: station.name for station in queries.stations_now(connection)}
        chosen = {
            device: names.get(station, str(station))
            for device, station in queries.chosen_stations(connection).items()
        }
        if wanted == "none":
            devices = [device for device in devices if device.id not in leases]
        elif wanted is not None:
            station = _named(connection, wanted)
            devices = [
                device
                for device in devices
                if device.id in leases and leases[device.id].station == station.id
            ]
    if call.options.format == "json":
        print(devices_json(devices, leases, chosen))
    else:
        print(devices_text(devices, leases, chosen, datetime.now(UTC)))
    return 0


def _assign(call: _Call) -> int:
    options = call.options
    if bool(options.device) == (options.all_of is not None):
        raise CommandError("Say which devices: their hardware ids, or --all-of NAME.")
    with call.database.transaction() as connection:
        if options.all_of is not None:
            of = _named(connection, options.all_of).id
            ids = [device for device, station in queries.lease_holders(connection).items() if station == of]
        else:
            ids = _ids(connection, options.device)
        target = None if options.automatic else _named(connection, options.to)
        count = queries.assign_devices(connection, ids, None if target is None else target.id)
    whose = "back in the automatic balance" if target is None else f"to be polled by {target.name}"
    print(f"{count} of {len(ids)} devices are now {whose}; each that moves pauses for at most one second.")
    return 0


def _ids(connection: Connection, hardware_ids: Sequence[str]) -> list[DeviceId]:
    known = {device.device_id: device.id for device in load_devices(connection)}
    for hardware_id in hardware_ids:
        if hardware_id not in known:
            raise CommandError(f"No device has the id {hardware_id!r}; main.py device list shows them all.")
    return [known[hardware_id] for hardware_id in hardware_ids]


def _drain(call: _Call) -> int:
    options = call.options
    with call.database.transaction() as connection:
        station = _named(connection, options.station)
        queries.drain_station(connection, station.id, is_draining=not options.undo)
        others = [
            other
            for other in queries.stations_now(connection)
            if other.id != station.id and other.is_alive and not other.is_draining
        ]
    if options.undo:
        print(f"{station.name} takes its share of the devices again.")
    elif others:
        print(f"{station.name} gives its {station.devices} devices away, and takes none until --undo.")
    else:
        print(
            f"No other station works now: {station.name} keeps its {station.devices} devices until one does."
        )
    return 0


def _drill(call: _Call) -> int:
    try:
        seconds = seconds_from_text(call.options.length)
    except NotANumber as fault:
        raise CommandError(f"--for: {fault}") from fault
    return _order(call, OrderKind.DRILL, seconds)


def _retry(call: _Call) -> int:
    return _order(call, OrderKind.RETRY_QUARANTINE, 0.0)


def _order(call: _Call, kind: OrderKind, seconds: float) -> int:
    with call.database.transaction() as connection:
        station = _named(connection, call.options.station)
        number = queries.order_station(connection, station.id, kind, seconds)
    if call.options.no_wait:
        print(f"{station.name} was asked (number {number}); main.py stations drills tells what came of it.")
        return 0
    print(f"{station.name} was asked; waiting for its report…", file=sys.stderr, flush=True)
    order = _await(call.database, number, seconds + _PATIENCE_S)
    if order is None:
        print(
            f"{station.name} has not reported within {seconds + _PATIENCE_S:.0f} s; "
            "main.py stations drills tells once it has.",
            file=sys.stderr,
        )
        return _FAILED
    print(order.outcome or "Done.")
    return 0


def _await(database: Database, number: int, within_s: float) -> StationOrder | None:
    """Return an order once it has ended; None where it has not in time."""
    until, never = time.monotonic() + within_s, threading.Event()
    while time.monotonic() < until:
        with database.transaction() as connection:
            found = [order for order in queries.orders(connection) if order.id == number]
        if found and found[0].ended_at is not None:
            return found[0]
        never.wait(_LOOK_S)
    return None


def _drills(call: _Call) -> int:
    with call.database.transaction() as connection:
        names = {station.id: station.name for station in queries.stations_now(connection)}
        found = queries.orders(connection)
    print(orders_text(found, names) if found else "Nothing has been asked of stations yet.")
    return 0


def _history(call: _Call) -> int:
    hardware_id = call.options.device
    with call.database.transaction() as connection:
        device = None if hardware_id is None else device_of(connection, hardware_id)
        spans = queries.lease_history(connection, device, call.options.limit)
    if call.options.format == "json":
        print(history_json(spans))
    else:
        print(history_text(spans) if spans else "No station has polled it under a login of its own yet.")
    return 0


def _named(connection: Connection, name: str) -> StationNow:
    stations = queries.stations_now(connection)
    found = [station for station in stations if station.name.casefold() == name.strip().casefold()]
    if not found:
        known = ", ".join(station.name for station in stations) or "none"
        raise CommandError(f"There is no station {name!r}; there are: {known}.")
    return found[0]


_ACTIONS: dict[str, Callable[[_Call], int]] = {
    "list": _list,
    "devices": _devices,
    "assign": _assign,
    "drain": _drain,
    "drill": _drill,
    "drills": _drills,
    "retry": _retry,
    "history": _history,
}

COMMAND = Command(_add_arguments, _run, 'main.py stations assign DRIVE-01 DRIVE-02 --to "Hall B" --as EMAIL')
