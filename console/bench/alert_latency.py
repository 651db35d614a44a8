"""From a value that crosses its limit at the device to the alert: in the database, and on the screen.

    devices (process) → station (process) → PostgreSQL → this process: rows as soon as they are committed
                                          → window (process): rows of the list as soon as they are painted

The devices of the latency bench, one after another, cross a limit and say when in the value itself. A device
crosses at any moment of its period, so an age begins before the poll: what is asked for is the period and a
little more. OPC UA devices are pushed from, and so come sooner.
"""

import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from console.bench.figure import Bench, BenchSize, Figure
from console.bench.latency import PERIOD_S, Target, device_entries, figures_of
from console.bench.latency_stamps import CROSSED_KPA, age_ms
from console.bench.processes import child
from console.demo_people import add_missing
from console.settings import Settings
from console.storage import open_storage
from models.database import Database
from models.queries.catalogue import import_devices, load_devices

_STORED = Target("stored", None, PERIOD_S * 1000.0 + 500.0)
_PAINTED = Target("painted", None, PERIOD_S * 1000.0 + 300.0)
_NEW = text("SELECT id, device_id, value_at_trigger FROM app.alerts WHERE id > :last ORDER BY id")


@dataclass(frozen=True, slots=True)
class _Sizes:
    devices: int
    settle_s: float
    cross_s: float


_FULL = _Sizes(devices=1000, settle_s=15.0, cross_s=90.0)
_SMALL = _Sizes(devices=20, settle_s=0.2, cross_s=2.5)


def _run(size: BenchSize) -> list[Figure]:
    sizes = _SMALL if size.is_small else _FULL
    with tempfile.TemporaryDirectory(prefix="alert-latency-") as folder:
        settings = Settings(Path(folder), station_name="bench")
        devices_command = ["-m", "console.bench.latency_devices", str(sizes.devices)]
        with child("The simulated plant", devices_command) as devices:
            places = devices.answer()
            with open_storage(settings, "bench", pool_size=2) as database:
                entries = device_entries(
                    sizes.devices, int(places["modbus_port"]), str(places["opcua_endpoint"])
                )
                with database.transaction() as connection:
                    add_missing(connection)
                    import_devices(connection, entries)
                station_command = ["main.py", "--data", folder, "station", "--exit-with-parent"]
                window_command = ["-m", "console.bench.latency_window", folder, str(sizes.devices)]
                with (
                    child("The station", station_command) as station,
                    child("The window", window_command) as window,
                ):
                    station.answer()
                    window.answer()
                    time.sleep(sizes.settle_s)
                    window.tell("alerts")
                    with _watched(database) as stored:
                        devices.tell("cross")
                        time.sleep(sizes.cross_s)
                    window.tell("end")
                    painted = window.answer()["alerts"]
    series = ((_STORED, stored), (_PAINTED, painted))
    return [figure for target, ages in series for figure in figures_of("alert-latency", target, ages)]


@contextmanager
def _watched(database: Database) -> Iterator[dict[str, list[float]]]:
    """Watch for committed alerts while the block runs; gives out their ages by the kind of their device."""
    ages: dict[str, list[float]] = {}
    stop = threading.Event()
    watch = threading.Thread(target=_watch, args=(database, stop, ages), name="committed-alerts")
    watch.start()
    try:
        yield ages
    finally:
        stop.set()
        watch.join()


def _watch(database: Database, stop: threading.Event, ages: dict[str, list[float]]) -> None:
    """See every committed alert once: a batch is announced when it is committed, and read at once."""
    with database.transaction() as connection:
        kinds = {int(device.id): device.driver for device in load_devices(connection)}
    last = 0
    for _ in database.listen(("alerts",), stop):
        with database.transaction() as connection:
            rows = connection.execute(_NEW, {"last": last}).all()
        now_unix = time.time()
        for id, device, value in rows:
            last = max(last, id)
            ages.setdefault(kinds[device], []).append(age_ms(value - CROSSED_KPA, now_unix))


BENCH = Bench("alert-latency", "limit crossed at the device → alert in the database, on the screen", _run)
