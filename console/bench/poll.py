"""What polling costs: the whole station against bare pymodbus, at the pace of a plant and flat out.

Both poll the same devices, which live in a process of their own, one connection a device, six registers a
poll. The station does all its work besides: decode, judge three limits a device, write to a real PostgreSQL,
feed a window.
"""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from console.bench.figure import Bench, BenchSize, Figure
from console.bench.poll_bare import REGISTERS, Measured, paced, saturated
from console.link.server import LinkServer
from console.settings import Settings
from console.station.descriptors import allow_many_connections
from console.station.pipeline import Station
from console.storage import open_storage
from console.version import VERSION
from drivers.modbus.spec import MODBUS_TCP
from models.database import Database
from models.metrics import METRIC_KEYS
from models.queries.catalogue import import_devices
from models.queries.tickets import issue_ticket
from models.records.device import Device, DeviceId, Tag
from models.records.device_entry import DeviceEntry
from models.records.station import StationReport
from models.records.threshold import Severity, Threshold, ThresholdId

_REACH_PACED = 1.0
_REACH_SATURATED = 0.8
_MISSED_AT_MOST = 0.01
_CONNECTS_WITHIN_S = 60.0


@dataclass(frozen=True, slots=True)
class _Sizes:
    devices: int
    connections: int
    warm_s: float
    paced_s: float
    saturated_s: float


_FULL = _Sizes(devices=1000, connections=200, warm_s=5.0, paced_s=30.0, saturated_s=5.0)
_SMALL = _Sizes(devices=50, connections=10, warm_s=0.5, paced_s=2.0, saturated_s=0.5)


@dataclass(frozen=True, slots=True)
class _StationRun:
    measured: Measured
    figures: StationReport
    stored_rows: int


def _run(size: BenchSize) -> list[Figure]:
    import uvloop

    sizes = _SMALL if size.is_small else _FULL
    allow_many_connections()
    hosts = [f"127.0.{1 + index // 250}.{1 + index % 250}" for index in range(sizes.devices)]
    with _peers() as (peers, port), tempfile.TemporaryDirectory(prefix="poll-") as folder:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            bare = runner.run(paced(hosts, port, sizes.warm_s, sizes.paced_s))
            bare_flat = runner.run(saturated(hosts[: sizes.connections], port, sizes.saturated_s))
            our_flat = runner.run(_saturated(hosts[: sizes.connections], port, sizes.saturated_s))
        settings = Settings(Path(folder), station_name="bench")
        with open_storage(settings, "bench", pool_size=3) as database:
            with database.transaction() as connection:
                import_devices(connection, [_entry(number, host, port) for number, host in enumerate(hosts)])
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                run = runner.run(_station(settings, database, peers, sizes))
    return _figures(bare, run, bare_flat, our_flat)


def _figures(bare: Measured, run: _StationRun, bare_flat: Measured, our_flat: Measured) -> list[Figure]:
    ours, base = run.measured.cpu_us_per_poll, bare.cpu_us_per_poll
    share = run.measured.cpu_s / run.measured.wall_s * 100
    rate, bare_rate = our_flat.polls / our_flat.wall_s, bare_flat.polls / bare_flat.wall_s
    missed = run.figures.missed_periods / max(1, run.figures.due_periods) * 100
    lost = run.figures.readings_taken - run.stored_rows
    return [
        Figure(
            "poll.cpu_per_device_and_second",
            ours,
            "µs",
            base,
            ours / base,
            "≤ 1.0 × bare pymodbus, everything on",
            ours <= _REACH_PACED * base,
        ),
        Figure("poll.share_of_a_core", share, "%", None, None, "≤ 10 % at 1,000 devices", share <= 10.0),
        Figure("poll.missed_periods", missed, "%", None, None, "≤ 1 %", missed <= _MISSED_AT_MOST * 100),
        Figure("poll.lost_readings", lost, "rows", None, None, "0", lost == 0),
        Figure(
            "poll.saturate",
            rate,
            "requests/s",
            bare_rate,
            rate / bare_rate,
            "≥ 0.8 × bare pymodbus",
            rate >= _REACH_SATURATED * bare_rate,
        ),
    ]


async def _station(
    settings: Settings, database: Database, peers: "subprocess.Popen[str]", sizes: _Sizes
) -> _StationRun:
    address = settings.socket_name("station")
    link = LinkServer(address, "bench", VERSION)
    station = Station(settings, database, link)
    await station.start()
    try:
        assert peers.stdin is not None  # opened with a pipe
        with database.transaction() as connection:
            ticket = issue_ticket(connection).token
        peers.stdin.write(f"drain {address} {ticket}\n")
        peers.stdin.flush()
        deadline = time.monotonic() + _CONNECTS_WITHIN_S
        while station.figures().collecting < sizes.devices or not link.window_count:
            if time.monotonic() > deadline:
                raise TimeoutError(
                    f"only {station.figures().collecting} of {sizes.devices} devices answer, "
                    f"{link.window_count} of 1 windows listen"
                )
            await asyncio.sleep(0.1)
        await asyncio.sleep(sizes.warm_s)
        before, cpu, wall = station.figures().readings_taken, time.process_time(), time.monotonic()
        await asyncio.sleep(sizes.paced_s)
        polls = station.figures().readings_taken - before
        measured = Measured(polls, time.process_time() - cpu, time.monotonic() - wall)
    finally:
        await station.stop()
    with database.transaction() as connection:
        rows = connection.execute(text("SELECT count(*) FROM app.sensor_readings")).scalar_one()
    return _StationRun(measured, station.figures(), int(rows))


async def _saturated(hosts: Sequence[str], port: int, for_s: float) -> Measured:
    """Read every device again as soon as it has answered, through the driver the station uses."""
    hub = MODBUS_TCP.make_hub()
    addresses = [MODBUS_TCP.parse_address(f"holding:{register}:uint16") for register in range(REGISTERS)]
    settings = [MODBUS_TCP.settings_type.model_validate({"host": host, "port": port}) for host in hosts]
    drivers = [hub.driver(each, addresses) for each in settings]
    for driver in drivers:
        await driver.open()
    polls = 0
    end = time.monotonic() + for_s

    async def poll(number: int) -> None:
        nonlocal polls
        while time.monotonic() < end:
            await drivers[number].read()
            polls += 1

    cpu, wall = time.process_time(), time.monotonic()
    await asyncio.gather(*(poll(number) for number in range(len(drivers))))
    measured = Measured(polls, time.process_time() - cpu, time.monotonic() - wall)
    await hub.close()
    return measured


def _entry(number: int, host: str, port: int) -> DeviceEntry:
    device = Device(
        id=DeviceId(0),
        device_id=f"BENCH-{number:04}",
        name=f"Device {number}",
        type="bench",
        location=f"Hall {number // 100}",
        driver=MODBUS_TCP.kind,
        connection={"host": host, "port": port, "unit": 1, "timeout_s": 3.0},
        period_s=1.0,
        tags=tuple(Tag(key, f"holding:{index}:uint16") for index, key in enumerate(METRIC_KEYS)),
    )
    limits = (("temperature", 70.0), ("vibration", 100.0), ("rpm", 2000.0))
    thresholds = tuple(
        Threshold(ThresholdId(0), DeviceId(0), metric, None, high, Severity.WARNING, True, 1.0, 2.0)
        for metric, high in limits
    )
    return DeviceEntry(device, thresholds)


@contextmanager
def _peers() -> "Iterator[tuple[subprocess.Popen[str], int]]":
    command = [sys.executable, "-m", "console.bench.poll_peers"]
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root
    ) as peers:
        assert peers.stdout is not None  # opened with a pipe
        # The end of its input ends the process: leaving the block closes that and waits.
        yield peers, int(json.loads(peers.stdout.readline())["port"])


BENCH = Bench("poll", "CPU of polling 1,000 Modbus devices, against bare pymodbus", _run)
