"""How old a value is when it is seen: on the overview, in the database, as an alert on the list.

    devices (process) → station (process) → PostgreSQL → this process: rows as soon as they are committed
                                          → window (process): tiles and alert rows as soon as they are painted

Every value says itself when it left its device (`latency_stamps`). Modbus devices stamp their reply. OPC UA
devices stamp what they measure, so that the publishing interval asked for (250 ms by default) is in the
figures, too; both protocols are therefore told apart. "arrived" is when the window's process has a value of
any device, "feed" when the overview has painted it, for as many tiles as fit the window (1440 × 900), at most
one refresh of digits a second; the database is watched for all devices. A device crosses its limit at any
moment of its period, so an alert's age begins before the poll.
"""

import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sqlalchemy import text

from console.bench.figure import Bench, BenchSize, Figure
from console.bench.latency_stamps import LIMIT_KPA, age_ms, modbus_host
from console.bench.modbus_replies import REGISTERS
from console.bench.processes import child
from console.demo_people import add_missing
from console.settings import Settings
from console.storage import open_storage
from drivers.modbus.spec import MODBUS_TCP
from drivers.opcua.spec import OPCUA
from models.database import Database
from models.metrics import METRIC_KEYS
from models.queries.catalogue import import_devices, load_devices
from models.records.device import Device, DeviceId, JsonValue, Tag
from models.records.device_entry import DeviceEntry
from models.records.threshold import Severity, Threshold, ThresholdId

PERIOD_S = 1.0
_AREA = 20  # devices of both protocols an area: the first screen of the overview shows some of each
KINDS = (MODBUS_TCP.kind, OPCUA.kind)

Ages = Mapping[str, Sequence[float]]
"""Milliseconds, by the kind of their device."""


@dataclass(frozen=True, slots=True)
class _Sizes:
    devices: int
    settle_s: float
    overview_s: float
    alerts_s: float


_FULL = _Sizes(devices=1000, settle_s=15.0, overview_s=60.0, alerts_s=60.0)
_SMALL = _Sizes(devices=20, settle_s=0.2, overview_s=2.0, alerts_s=2.5)


@dataclass(frozen=True, slots=True)
class Target:
    """What a series of ages is called, and how old values may be; None where nothing is set."""

    name: str
    p50_ms: float | None
    p99_ms: float | None


_ARRIVED = Target("arrived", None, None)
_FEED = Target("feed", 80.0, 200.0)
_DURABLE = Target("durable", None, 300.0)
_ALERT = Target("alert", None, PERIOD_S * 1000.0 + 300.0)


def _run(size: BenchSize) -> list[Figure]:
    sizes = _SMALL if size.is_small else _FULL
    with tempfile.TemporaryDirectory(prefix="latency-") as folder:
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
                    window.tell("overview")
                    with _watched(database) as durable:
                        time.sleep(sizes.overview_s)
                    window.tell("alerts")
                    devices.tell("cross")
                    time.sleep(sizes.alerts_s)
                    window.tell("end")
                    painted = window.answer()
    series = (
        (_ARRIVED, painted["arrived"]),
        (_FEED, painted["tiles"]),
        (_DURABLE, durable),
        (_ALERT, painted["alerts"]),
    )
    return [figure for target, ages in series for figure in figures_of("latency", target, ages)]


def figures_of(bench: str, target: Target, ages: Ages) -> list[Figure]:
    """Return median and 99th percentile of a series of ages, of each protocol."""
    figures: list[Figure] = []
    for kind in KINDS:
        measured = ages.get(kind, ())
        if not measured:
            raise RuntimeError(f"No {target.name} latency of a {kind} device could be measured.")
        for percentile, limit_ms in ((50, target.p50_ms), (99, target.p99_ms)):
            value = float(np.percentile(measured, percentile))
            words = "for information" if limit_ms is None else f"≤ {limit_ms:.0f} ms"
            figures.append(
                Figure(
                    f"{bench}.{target.name}_{kind}_p{percentile}",
                    round(value, 1),
                    "ms",
                    None,
                    None,
                    words,
                    limit_ms is None or value <= limit_ms,
                )
            )
    return figures


@contextmanager
def _watched(database: Database) -> Iterator[dict[str, list[float]]]:
    """Watch for committed readings while the block runs; gives out their ages by the kind of their device."""
    ages: dict[str, list[float]] = {}
    stop = threading.Event()
    watch = threading.Thread(target=_watch, args=(database, stop, ages), name="committed-rows")
    watch.start()
    try:
        yield ages
    finally:
        stop.set()
        watch.join()


def _watch(database: Database, stop: threading.Event, ages: dict[str, list[float]]) -> None:
    """See every committed row once: a batch is announced when it is committed, and read at once."""
    newest = text("SELECT device_id, temperature FROM app.device_latest")
    with database.transaction() as connection:
        kinds = {int(device.id): device.driver for device in load_devices(connection)}
        seen = {int(device): value for device, value in connection.execute(newest)}
    for _ in database.listen(("readings",), stop):
        with database.transaction() as connection:
            rows = connection.execute(newest).all()
        now_unix = time.time()
        for device, value in rows:
            if value is not None and seen.get(device) != value:
                seen[device] = value
                ages.setdefault(kinds[device], []).append(age_ms(value, now_unix))


def device_entries(count: int, modbus_port: int, opcua_endpoint: str) -> list[DeviceEntry]:
    """Return the devices of `latency_devices`: Modbus and OPC UA in turn, each with a limit to cross."""
    entries: list[DeviceEntry] = []
    for index in range(count // 2):
        modbus: dict[str, JsonValue] = {
            "host": modbus_host(index),
            "port": modbus_port,
            "unit": 1,
            "timeout_s": 3.0,
        }
        entries.append(_entry(2 * index, MODBUS_TCP.kind, modbus, REGISTERS))
        opcua: dict[str, JsonValue] = {"endpoint": opcua_endpoint, "security": "None"}
        nodes = [f"ns=1;s=D{index}.{key}" for key in METRIC_KEYS]
        entries.append(_entry(2 * index + 1, OPCUA.kind, opcua, nodes))
    return entries


def _entry(
    number: int, driver: str, connection: Mapping[str, JsonValue], addresses: Sequence[str]
) -> DeviceEntry:
    device = Device(
        id=DeviceId(0),
        device_id=f"BENCH-{number:04}",
        name=f"Device {number}",
        type="bench",
        location=f"Hall {number // _AREA:03}",
        driver=driver,
        connection=connection,
        period_s=PERIOD_S,
        tags=tuple(Tag(key, address) for key, address in zip(METRIC_KEYS, addresses, strict=True)),
    )
    limit = Threshold(ThresholdId(0), DeviceId(0), "pressure", None, LIMIT_KPA, Severity.WARNING)
    return DeviceEntry(device, (limit,))


BENCH = Bench("latency", "age of a value when painted, committed, on the alert list; 1,000 devices", _run)
