"""`main.py device health`: how the connections of all devices do, as their stations told last."""

import argparse
import csv
import json
import sys
from datetime import UTC, datetime
from typing import Any

from console.commandline.table import table_text
from console.health_export import HEADINGS, health_rows
from console.settings import Settings
from console.spreadsheet_text import as_text
from console.storage import open_storage
from models.queries.catalogue import load_devices
from models.queries.device_health import health_now
from models.queries.leases import stations_now

_SHOWN = {
    "device_id": "DEVICE",
    "device": "NAME",
    "state": "STATE",
    "round_trip_p50_ms": "P50 MS",
    "round_trip_p99_ms": "P99 MS",
    "errors_last_10_min": "ERRORS",
    "errors_by_kind": "BY KIND",
    "bytes_per_s": "B/S",
    "last_good_read": "LAST GOOD",
    "station": "POLLED BY",
    "failure": "WHY",
}
"""Columns of the table on the terminal; files have all of them."""


def add_health_action(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the action to `main.py device`."""
    health = actions.add_parser(
        "health", help="say how the connections do: round trips, errors, last good read, who polls"
    )
    health.add_argument("--sort", choices=("worst", "name"), default="worst", help="default: worst")
    health.add_argument("--format", choices=("table", "json", "csv"), default="table")


def show_health(options: argparse.Namespace, settings: Settings) -> int:
    """Print it, and return the exit code."""
    with open_storage(settings, "console device health") as database, database.transaction() as connection:
        devices = load_devices(connection)
        healths = {health.device: health for health in health_now(connection)}
        names = {station.id: station.name for station in stations_now(connection)}
    rows = health_rows(devices, healths, names, datetime.now(UTC).timestamp())
    if options.sort == "name":
        rows.sort(key=lambda row: str(row[HEADINGS.index("device")]).casefold())
    told: list[dict[str, Any]] = [dict(zip(HEADINGS, row, strict=True)) for row in rows]
    match options.format:
        case "json":
            print(json.dumps(told, indent=2))
        case "csv":
            writer = csv.writer(sys.stdout, lineterminator="\n")
            writer.writerow(HEADINGS)
            writer.writerows(
                [as_text(cell) if isinstance(cell, str) else cell for cell in one.values()] for one in told
            )
        case _ if not told:
            print("No devices yet: main.py device import FILE.json, or main.py demo for a simulated factory.")
        case _:
            print(table_text(tuple(_SHOWN.values()), [[_cell(one[key]) for key in _SHOWN] for one in told]))
    return 0


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:,.1f}" if isinstance(value, float) else str(value)
