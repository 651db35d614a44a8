"""`main.py bench spool`: what an absence of the database costs the disk, and how it is made good.

The same rows go three ways in one run: raw columns (the baseline of bytes), straight into PostgreSQL (the
baseline of rates), and through the spool. Then an hour's backlog of 1,000 devices is brought back while they
go on living: how long that takes, and for how long the worst live reading waits meanwhile.
"""

import random
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from console.bench.figure import Bench, BenchSize, Figure
from console.bench.scratch_database import scratch_database
from console.station.clocks.clock import SystemClock
from console.station.health import LoopHealth
from console.station.outbox import Outbox
from console.station.spool.block import block_of
from console.station.spool.file import Parcel, SpoolFile
from console.station.spool.opening import FILE, opened
from console.station.spool.spool import Spool
from console.station.store import DatabaseStore, Load, Written
from console.station.tuning import Tuning
from console.station.writer import Writer
from models.database import Database
from models.metrics import METRIC_COUNT, METRIC_KEYS
from models.queries.readings import insert_readings
from models.records.device import DeviceId
from models.records.reading import Reading

_RAW_BYTES = 8 + 8 + 8 * METRIC_COUNT + 2 + 8
_BYTES_AT_MOST = 100.0
_DRAIN_AT_MOST_S = 600.0
_DELAY_AT_MOST_S = 2.0
_LIVE_TICK_S = 0.1
_PATTERNS = 20


@dataclass(frozen=True, slots=True)
class _Sizes:
    """`devices` with one reading a second each; `backlog_s` seconds of them wait; `rate_s` are compared."""

    devices: int
    backlog_s: int
    rate_s: int


_FULL = _Sizes(devices=1000, backlog_s=3600, rate_s=60)
_SMALL = _Sizes(devices=100, backlog_s=30, rate_s=3)


class _Plant:
    """Readings of devices whose values look like a plant's: registers of 16 bits, scaled, some missing."""

    def __init__(self, devices: int) -> None:
        dice = random.Random(7)
        self._devices = [DeviceId(number) for number in range(1, devices + 1)]
        self._values = [
            [
                tuple(
                    None if dice.random() < 0.02 else round(dice.gauss(5000, 300)) * 0.01 for _ in METRIC_KEYS
                )
                for _ in self._devices
            ]
            for _ in range(_PATTERNS)
        ]

    def second(self, at_unix: float, number: int) -> list[Reading]:
        """One reading of each device, spread over the second."""
        step_s = 1.0 / len(self._devices)
        return [
            Reading(device, round(at_unix + place * step_s, 6), values)
            for place, (device, values) in enumerate(
                zip(self._devices, self._values[number % _PATTERNS], strict=True)
            )
        ]


class _Timed(DatabaseStore):
    """The real store, which also notes how long live readings took to be committed."""

    def __init__(self, database: Database, live_since_unix: float) -> None:
        super().__init__(database)
        self._live_since_unix = live_since_unix
        self.worst_s = 0.0

    def write(self, load: Load) -> Written:
        """See `Store.write`."""
        written = super().write(load)
        now_unix = time.time()
        live = [one.recorded_unix for one in load.readings if one.recorded_unix >= self._live_since_unix]
        if live:
            self.worst_s = max(self.worst_s, now_unix - min(live))
        return written


def _keep(folder: Path, seconds: Iterator[list[Reading]]) -> tuple[int, float, float]:
    """Keep seconds of readings, a durable block each; return readings, seconds it took, bytes on disk."""
    file = SpoolFile(opened(folder))
    count, took_s = 0, 0.0
    for readings in seconds:
        began_s = time.perf_counter()
        file.append([Parcel([block_of(readings)])], time.time())
        took_s += time.perf_counter() - began_s
        count += len(readings)
    file.close()
    return count, took_s, float((folder / FILE).stat().st_size)


def _direct_rate(database: Database, seconds: Sequence[list[Reading]]) -> float:
    began_s = time.perf_counter()
    for readings in seconds:
        with database.transaction() as connection:
            insert_readings(connection, readings)
    return sum(map(len, seconds)) / (time.perf_counter() - began_s)


def _live(outbox: Outbox, plant: _Plant, devices: int, since_unix: float, stop: threading.Event) -> int:
    """Put live readings until told to stop, in ticks as the poller does; return how many."""
    made, number = 0, 0
    waiting: list[Reading] = []
    while not stop.wait(_LIVE_TICK_S):
        now_unix = time.time()
        while since_unix + number <= now_unix:
            waiting += plant.second(since_unix + number, number)
            number += 1
        due = [one for one in waiting if one.recorded_unix <= now_unix]
        waiting = waiting[len(due) :]
        outbox.put_readings(due)
        made += len(due)
    return made


@dataclass(frozen=True, slots=True)
class _Drain:
    took_s: float
    worst_live_s: float
    live: int
    stored: int


def _drain(database: Database, folder: Path, plant: _Plant, devices: int, before: int) -> _Drain:
    """Bring back what is in `folder`, with live readings beside it."""
    clock, tuning = SystemClock(), Tuning()
    since_unix = float(int(time.time()) + 1)
    store = _Timed(database, since_unix)
    outbox = Outbox(tuning.waiting_limit, tuning.batch, clock)
    spool = Spool(folder, outbox, clock, tuning, LoopHealth())
    writer = Writer(store, outbox, clock, tuning, LoopHealth(), spool)
    stop = threading.Event()
    made: list[int] = []
    live = threading.Thread(
        target=lambda: made.append(_live(outbox, plant, devices, since_unix, stop)), name="bench-live"
    )
    spool.start()
    began_s = time.perf_counter()
    live.start()
    writer.start()
    while outbox.counts().spooled:
        stop.wait(0.05)
    took_s = time.perf_counter() - began_s
    stop.set()
    live.join()
    writer.stop()
    spool.stop()
    with database.transaction() as connection:
        rows = connection.execute(text("SELECT count(*) FROM app.sensor_readings")).scalar_one()
    return _Drain(took_s, store.worst_s, made[0], rows - before)


def _run(size: BenchSize) -> list[Figure]:
    sizes = _SMALL if size.is_small else _FULL
    plant = _Plant(sizes.devices)
    start = float(int(time.time()) - sizes.backlog_s - sizes.rate_s - 60)
    with (
        tempfile.TemporaryDirectory(prefix="console-bench-") as scratch,
        scratch_database(sizes.devices) as database,
    ):
        compared = [plant.second(start + second, second) for second in range(sizes.rate_s)]
        _direct_rate(database, compared[:2])  # makes partitions, warms caches
        direct = _direct_rate(database, compared[2:] or compared)
        kept, took_s, _ = _keep(Path(scratch) / "rate", iter(compared))
        backlog = (
            plant.second(start + second, second)
            for second in range(sizes.rate_s, sizes.rate_s + sizes.backlog_s)
        )
        folder = Path(scratch) / "backlog"
        waiting, _, size_bytes = _keep(folder, backlog)
        drain = _drain(database, folder, plant, sizes.devices, before=len(compared) * sizes.devices)
    each = size_bytes / waiting
    rate = kept / took_s
    least = waiting / direct
    limit_s = _DRAIN_AT_MOST_S
    expected = waiting + drain.live
    return [
        Figure(
            "spool.bytes", each, "B/reading", _RAW_BYTES, each / _RAW_BYTES, "≤ 100 B", each <= _BYTES_AT_MOST
        ),
        Figure(
            "spool.append",
            rate,
            "readings/s",
            direct,
            rate / direct,
            "≥ 1 × straight into PostgreSQL",
            rate >= direct,
        ),
        Figure(
            "spool.drain", drain.took_s, "s", least, drain.took_s / least, "≤ 600 s", drain.took_s <= limit_s
        ),
        Figure(
            "spool.live_delay",
            drain.worst_live_s,
            "s",
            None,
            None,
            "≤ 2 s",
            drain.worst_live_s <= _DELAY_AT_MOST_S,
        ),
        Figure(
            "spool.rows",
            drain.stored,
            "rows",
            expected,
            drain.stored / expected,
            "= expected",
            drain.stored == expected,
        ),
    ]


BENCH = Bench("spool", "an hour without database: bytes on the disk, and how fast it is made good", _run)
