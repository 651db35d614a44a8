"""A third protocol, from a package of its own to a value on the overview, through a real station."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from models.database import Database
from models.metrics import METRIC_INDEX
from models.queries.catalogue import import_devices
from models.queries.overview import device_overview
from models.records.device import Device, DeviceId, DeviceOverview, DeviceStatus, Tag
from models.records.device_entry import DeviceEntry
from tests.plugin_parts import PLUGIN, install

ROOT = Path(__file__).resolve().parents[2]
DEADLINE_S = 30.0

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="the station of the test is ended by a signal"
)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """What a test stand writes: headings, and a line a second."""
    file = tmp_path / "stand.csv"
    file.write_text("time,oil_temperature,speed\n1,61.5,1480\n2,62.5,1490\n3,6")
    return file


@pytest.fixture
def station(tmp_path: Path, database_url: str, table: Path) -> Iterator["subprocess.Popen[str]"]:
    packages = tmp_path / "packages"
    packages.mkdir()
    install(packages)
    database = Database(database_url, "test of a plug-in")
    with database.transaction() as connection:
        import_devices(connection, [DeviceEntry(_device(table), ())])
    database.close()
    environment = {
        **os.environ,
        "CONSOLE_DATABASE_URL": database_url,
        "PYTHONPATH": os.pathsep.join((str(packages), str(PLUGIN))),
    }
    command = [sys.executable, str(ROOT / "main.py"), "--data", str(tmp_path / "data"), "station"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        json.loads(process.stdout.readline())
        yield process
        process.kill()


def _device(table: Path) -> Device:
    return Device(
        id=DeviceId(0),
        device_id="STAND-1",
        name="Test stand 1",
        type="test stand",
        location="Hall A",
        driver="csv-tail",
        connection={"path": str(table), "timeout_s": 60.0},
        period_s=0.2,
        tags=(Tag("temperature", "oil_temperature"), Tag("rpm", "speed"), Tag("pressure", "no_such_column")),
    )


def _overview_once(url: str, is_enough: Callable[[DeviceOverview], bool]) -> DeviceOverview:
    database = Database(url, "test of a plug-in")
    deadline_s = time.monotonic() + DEADLINE_S
    try:
        while True:
            with database.transaction() as connection:
                row = next(row for row in device_overview(connection) if row.name == "Test stand 1")
            if is_enough(row) or time.monotonic() > deadline_s:
                return row
            time.sleep(0.05)  # between two looks
    finally:
        database.close()


def test_values_of_another_packages_driver_reach_the_overview(station, database_url, table) -> None:
    row = _overview_once(database_url, lambda row: row.last_reading_at is not None)
    values = {key: row.values[METRIC_INDEX[key]] for key in ("temperature", "rpm", "pressure")}
    # The line that is being written does not count yet; the column that is not there is a bad point alone.
    assert (row.quality, values) == (
        1 << METRIC_INDEX["pressure"],
        {"temperature": 62.5, "rpm": 1490.0, "pressure": None},
    )
    table.unlink()
    lost = _overview_once(database_url, lambda row: row.status is DeviceStatus.OFFLINE)
    assert lost.status_detail == f"{table} cannot be read: No such file or directory."
