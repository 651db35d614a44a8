"""A station on the simulated factory and a real PostgreSQL: nothing is lost, everything heals."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from console.catalogue.document import entries_from_document
from console.settings import Settings
from console.station.pipeline import Station
from drivers.plant.gauges import GAUGES
from models.database import Database
from models.metrics import METRICS
from models.quantities import Quantities
from models.queries.alerts import active_alerts
from models.queries.catalogue import import_devices, load_devices
from models.queries.signals import add_signals, latest_signals
from models.records.device import DeviceId, DeviceStatus
from models.records.device_entry import DeviceEntry
from models.records.signal import Signal
from models.records.threshold import Severity, Threshold, ThresholdId

ROOT = Path(__file__).resolve().parents[2]
DEADLINE_S = 30.0
HEALED_WITHIN_S = 10.0
DEVICES = 8
SITE = Quantities(
    Signal(g.key, g.label, g.unit, g.decimals, g.plausible, g.span, states=g.states) for g in GAUGES
)


class PlantProcess:
    """The simulated factory in a process of its own, on the same ports at every start."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> list[DeviceEntry]:
        document = self._folder / "devices.json"
        command = [sys.executable, str(ROOT / "main.py"), "--data", str(self._folder), "plant"]
        command += ["--devices", str(DEVICES), "--modbus-port", "0", "--opcua-port", "0", "--attached"]
        command += ["--gauges", "--period", "0.2", "--state", str(self._folder), "--document", str(document)]
        pipe = subprocess.PIPE
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment)
        assert self._process.stdout is not None
        assert json.loads(self._process.stdout.readline())["ready"]
        return entries_from_document(json.loads(document.read_text()), quantities=SITE)

    def kill(self) -> None:
        assert self._process is not None
        with self._process as process:  # closes its pipes
            process.kill()
        self._process = None

    def ensure_running(self) -> None:
        if self._process is None:
            self.start()


@pytest.fixture(scope="module")
def plant_process(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[PlantProcess, list[DeviceEntry]]]:
    plant = PlantProcess(tmp_path_factory.mktemp("plant"))
    entries = plant.start()
    yield plant, entries
    plant.ensure_running()
    plant.kill()


@pytest.fixture
def plant(plant_process: tuple[PlantProcess, list[DeviceEntry]]) -> PlantProcess:
    plant_process[0].ensure_running()
    return plant_process[0]


@pytest.fixture
def entries(plant_process: tuple[PlantProcess, list[DeviceEntry]]) -> list[DeviceEntry]:
    """The plant's devices, polled quickly and judged by nothing."""
    return [DeviceEntry(replace(entry.device, period_s=0.2), ()) for entry in plant_process[1]]


@pytest.fixture
def hand_in(database: Database) -> Callable[[list[DeviceEntry]], None]:
    def import_all(entries: list[DeviceEntry]) -> None:
        with database.transaction() as connection:
            import_devices(connection, entries)

    return import_all


@pytest.fixture
async def station(plant: PlantProcess, database: Database, tmp_path: Path) -> AsyncIterator[Station]:
    station = Station(Settings(tmp_path), database)
    await station.start()
    yield station
    await station.stop()


async def until(condition: Callable[[], bool], within_s: float = DEADLINE_S) -> float:
    """Wait for a condition and return how long it took, in seconds."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < within_s, "the condition never came true"
        await asyncio.sleep(0.02)
    return time.monotonic() - began


def statuses(database: Database) -> list[DeviceStatus]:
    with database.transaction() as connection:
        return [device.status for device in load_devices(connection)]


def count_rows(database: Database) -> int:
    with database.transaction() as connection:
        return connection.execute(text("SELECT count(*) FROM app.sensor_readings")).scalar_one()


async def test_readings_of_both_protocols_are_stored_and_none_is_lost(
    station: Station, database: Database, entries: list[DeviceEntry], hand_in
) -> None:
    hand_in(entries)
    await until(lambda: station.figures().collecting == DEVICES)
    await until(lambda: station.figures().readings_stored > 10 * DEVICES)
    assert statuses(database) == [DeviceStatus.ONLINE] * DEVICES
    await station.stop()
    figures = station.figures()
    assert (figures.waiting, figures.dropped) == (0, 0)
    assert figures.readings_taken == figures.readings_stored == count_rows(database)


async def test_stored_values_are_plausible_and_each_device_has_its_own(
    station: Station, database: Database, entries: list[DeviceEntry], hand_in
) -> None:
    hand_in(entries)
    await until(lambda: station.figures().readings_stored > 5 * DEVICES)
    await station.stop()
    limits = " AND ".join(
        f"({metric.key} IS NULL OR {metric.key} BETWEEN {metric.plausible[0]} AND {metric.plausible[1]})"
        for metric in METRICS
    )
    with database.transaction() as connection:
        devices, all_plausible, latest_quality = connection.execute(
            text(
                f"SELECT count(DISTINCT device_id), bool_and({limits}), max(quality) FROM app.sensor_readings"
            )
        ).one()
    assert (devices, all_plausible, latest_quality) == (DEVICES, True, 0)


@pytest.mark.quiet
async def test_plant_killed_and_started_again_heals_by_itself_within_ten_seconds(
    station: Station, database: Database, plant: PlantProcess, entries: list[DeviceEntry], hand_in
) -> None:
    hand_in(entries)
    await until(lambda: station.figures().collecting == DEVICES)
    await until(lambda: set(statuses(database)) == {DeviceStatus.ONLINE})
    plant.kill()
    await until(lambda: set(statuses(database)) == {DeviceStatus.OFFLINE})
    await asyncio.to_thread(plant.start)
    await until(lambda: station.figures().collecting == DEVICES, HEALED_WITHIN_S)
    await until(lambda: set(statuses(database)) == {DeviceStatus.ONLINE}, 2.0)


@pytest.mark.quiet
async def test_no_reading_is_lost_while_the_database_refuses_connections(
    station: Station,
    database: Database,
    database_server,
    database_url: str,
    entries: list[DeviceEntry],
    hand_in,
) -> None:
    # The station polls on this test's own loop: whoever waits for the database here would make it miss.
    def run(statement: str) -> Awaitable[None]:
        return asyncio.to_thread(database_server.run, statement)

    hand_in(entries)
    await until(lambda: station.figures().readings_stored > DEVICES)
    name = database_url.split("?")[0].rpartition("/")[2]
    await run(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
    await run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    await until(lambda: station.figures().database != "live" and station.figures().waiting > 3 * DEVICES)
    await run(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    await until(lambda: station.figures().database == "live" and station.figures().waiting < DEVICES, 5.0)
    await station.stop()
    figures = station.figures()
    assert (figures.waiting, figures.dropped, figures.missed_periods) == (0, 0, 0)
    assert figures.readings_taken == count_rows(database)


@pytest.mark.quiet
async def test_devices_handed_in_while_it_runs_are_polled_without_disturbing_the_others(
    station: Station, entries: list[DeviceEntry], hand_in
) -> None:
    hand_in(entries[:3])
    await until(lambda: station.figures().collecting == 3)
    await asyncio.to_thread(hand_in, entries)
    await until(lambda: station.figures().collecting == DEVICES)
    assert station.figures().missed_periods == 0


async def test_limit_that_is_passed_becomes_an_alert_and_its_end_clears_it(
    station: Station, database: Database, plant_process, hand_in
) -> None:
    entry = next(each for each in plant_process[1] if each.thresholds)
    threshold = replace(entry.thresholds[0], min_value=None, max_value=-1e6, deadband=0.0, on_delay_s=0.4)
    quick = replace(entry.device, period_s=0.2)

    def alerts():
        with database.transaction() as connection:
            return active_alerts(connection)

    hand_in([DeviceEntry(quick, (threshold,))])
    await until(lambda: len(alerts()) == 1)
    (alert,) = alerts()
    assert alert.device_name == entry.device.name
    assert "the limit of" in alert.message
    hand_in([DeviceEntry(quick, (replace(threshold, max_value=1e9),))])
    await until(lambda: alerts()[0].cleared_at is not None)


async def test_signals_are_read_judged_and_stored_as_soon_as_the_site_names_them(
    station: Station,
    database: Database,
    entries: list[DeviceEntry],
    hand_in: Callable[[list[DeviceEntry]], None],
) -> None:
    limit = Threshold(ThresholdId(0), DeviceId(0), "motor_current", None, 0.1, Severity.INFO)
    hand_in([replace(entry, thresholds=(limit,), of_rules=frozenset({limit.rule})) for entry in entries])

    def known() -> dict[int, float | None]:
        with database.transaction() as connection:
            return {one.device: one.value for one in latest_signals(connection)}

    await until(lambda: station.figures().readings_stored >= 2 * DEVICES)
    assert known() == {}
    with database.transaction() as connection:
        added = add_signals(connection, SITE.signals)
        assert {signal.key for signal in added} == {gauge.key for gauge in GAUGES}
    await until(lambda: len(known()) == DEVICES)
    assert all(value is not None and 0.0 < value < 200.0 for value in known().values())

    def messages() -> list[str]:
        with database.transaction() as connection:
            return [alert.message for alert in active_alerts(connection)]

    await until(lambda: len(messages()) == DEVICES)
    assert all("Motor current" in words and "is above the limit of 0.1 A" in words for words in messages())
