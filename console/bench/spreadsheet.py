"""`main.py bench spreadsheet`: five hundred devices from a list that an engineer keeps to their first values.

The list has a row a tag and limits beside them, as CSV and as a workbook. Both are compared with an empty
site, and the first is stored. A real station, which had nothing to do until then, connects to five hundred
Modbus devices and writes into a real PostgreSQL. A first value counts from the end of the import to the time
of the device's first reading without a bad value, both by the database's clock.
"""

import csv
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import text

from console.bench.figure import Bench, BenchSize, Figure
from console.bench.processes import child
from console.catalogue.device_import import apply_plan, plan_file, read_devices_file
from console.catalogue.device_plan import DevicePlan
from console.settings import Settings
from console.storage import open_storage
from models.database import Database
from models.metrics import METRIC_KEYS

_COMPARED_S = 3.0
_STORED_S = 5.0
_FIRST_VALUE_S = 10.0
_GIVES_UP_AFTER_S = 90.0
_HEADINGS = (
    *("device_id", "name", "type", "location", "driver", "connection.host", "connection.port", "period_s"),
    *("metric", "address", "scale", "warning.max", "warning.deadband"),
)
_FIRST_GOOD = text(
    "SELECT extract(epoch FROM min(recorded_at))::float8 FROM app.sensor_readings WHERE quality = 0"
    " GROUP BY device_id ORDER BY 1"
)


@dataclass(frozen=True, slots=True)
class _Import:
    csv_s: float
    workbook_s: float
    bare_s: float
    stored_s: float
    committed_unix: float


def _run(size: BenchSize) -> list[Figure]:
    count = 20 if size.is_small else 500
    with tempfile.TemporaryDirectory(prefix="spreadsheet-") as name:
        folder = Path(name).resolve()
        settings = Settings(folder, station_name="bench")
        with (
            child("The devices", ["-m", "console.bench.poll_peers"]) as devices,
            open_storage(settings, "bench", pool_size=2) as database,
            child("The station", ["main.py", "--data", name, "station", "--exit-with-parent"]) as station,
        ):
            rows = _rows(count, int(devices.answer()["port"]))
            station.answer()
            done = _imported(database, folder, rows)
            firsts = [first - done.committed_unix for first in _first_good(database, count)]
    return _figures(done, firsts)


def _figures(done: _Import, firsts: Sequence[float]) -> list[Figure]:
    told, count = "for information", len(firsts)
    middle, late, last = firsts[count // 2], firsts[int(count * 0.99)], firsts[-1]
    compared, first = f"≤ {_COMPARED_S:g} s", f"≤ {_FIRST_VALUE_S:g} s after the import"
    return [
        Figure("spreadsheet.csv", done.csv_s, "s", None, None, compared, done.csv_s <= _COMPARED_S),
        Figure(
            "spreadsheet.workbook",
            done.workbook_s,
            "s",
            done.bare_s,
            done.workbook_s / done.bare_s,
            f"{compared}; beside it, openpyxl alone",
            done.workbook_s <= _COMPARED_S,
        ),
        Figure(
            "spreadsheet.stored",
            done.stored_s,
            "s",
            None,
            None,
            f"≤ {_STORED_S:g} s",
            done.stored_s <= _STORED_S,
        ),
        Figure("spreadsheet.first_value_p50", middle, "s", None, None, told, met=True),
        Figure("spreadsheet.first_value_p99", late, "s", None, None, told, met=True),
        Figure("spreadsheet.first_value_last", last, "s", None, None, first, last <= _FIRST_VALUE_S),
    ]


def _imported(database: Database, folder: Path, rows: Sequence[Sequence[Any]]) -> _Import:
    """Compare both lists, store the one, and say when that was committed."""
    list_, workbook = folder / "plant.csv", folder / "plant.xlsx"
    with list_.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([_HEADINGS, *rows])
    _write_workbook(workbook, rows)
    workbook_s, _ = _compared(database, workbook)
    bare_s = _read_bare(workbook)
    csv_s, plan = _compared(database, list_)
    began = time.perf_counter()
    with database.transaction() as connection:
        apply_plan(connection, plan, None)
    stored_s = time.perf_counter() - began
    with database.transaction() as connection:
        now = text("SELECT extract(epoch FROM clock_timestamp())::float8")
        committed_unix = float(connection.execute(now).scalar_one())
    return _Import(csv_s, workbook_s, bare_s, stored_s, committed_unix)


def _compared(database: Database, path: Path) -> tuple[float, DevicePlan]:
    began = time.perf_counter()
    file = read_devices_file(path)
    with database.transaction() as connection:
        plan = plan_file(connection, file)
    return time.perf_counter() - began, plan


def _read_bare(path: Path) -> float:
    """Return how long the library takes for every cell, once it is loaded."""
    from openpyxl import load_workbook

    began = time.perf_counter()
    book = load_workbook(path, read_only=True)
    for row in book.worksheets[0].iter_rows():
        for cell in row:
            _ = cell.value
    book.close()
    return time.perf_counter() - began


def _write_workbook(path: Path, rows: Sequence[Sequence[Any]]) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([_HEADINGS, *rows]):
            sheet.write_row(number, 0, row)


def _rows(count: int, port: int) -> list[list[Any]]:
    return [
        [
            *(f"LIST-{number:03}", f"Pump {number}", "pump", f"Hall {number // 50}", "modbus-tcp"),
            *(f"127.0.{1 + number // 250}.{1 + number % 250}", port, 1, key, f"holding:{place}:uint16", 1),
            *((95, 2) if place == 0 else ("", "")),
        ]
        for number in range(count)
        for place, key in enumerate(METRIC_KEYS)
    ]


def _first_good(database: Database, count: int) -> list[float]:
    """Return when each device's first good reading was taken, Unix seconds, ascending."""
    deadline = time.monotonic() + _GIVES_UP_AFTER_S
    while True:
        with database.transaction() as connection:
            found = [float(first) for first in connection.execute(_FIRST_GOOD).scalars()]
        if len(found) >= count:
            return found
        if time.monotonic() > deadline:
            raise TimeoutError(f"Only {len(found)} of {count} devices have a good reading.")
        time.sleep(0.2)


BENCH = Bench("spreadsheet", "from a list of 500 devices to their first values", _run)
