"""A spool in a folder of its own, between a real outbox and a fake store."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from console.station.clocks.clock import Clock, SystemClock
from console.station.health import LoopHealth
from console.station.outbox import Outbox
from console.station.spool.file import SpoolFile
from console.station.spool.opening import opened
from console.station.spool.spool import Spool
from console.station.tuning import Tuning
from console.station.writer import Writer
from models.records.alert import Transition, TransitionKind
from models.records.device import DeviceId
from models.records.reading import Reading
from models.records.station_alert import Acknowledgement
from models.records.threshold import Severity, ThresholdId

AT_UNIX = 1_700_000_000.0


class Bench:
    """Outbox, spool and writer as in the station. `start` what the test is about."""

    def __init__(self, folder: Path | None, store, tuning: Tuning, clock: Clock) -> None:
        self.store = store
        self.folder = folder
        self.clock = clock
        self.outbox = Outbox(tuning.waiting_limit, tuning.batch, clock)
        self.spool = Spool(folder, self.outbox, clock, tuning, LoopHealth())
        self.writer = Writer(store, self.outbox, clock, tuning, LoopHealth(), self.spool)

    def start(self) -> "Bench":
        self.spool.start()
        self.writer.start()
        return self

    def stop(self) -> "Bench":
        self.writer.stop()
        self.spool.stop()
        return self

    @property
    def counts(self):
        return self.outbox.counts()

    def file(self) -> SpoolFile:
        """The file as a command beside the station opens it."""
        return SpoolFile(opened(self.folder, is_first=False))


@pytest.fixture
def spool_tuning(tuning: Tuning) -> Tuning:
    """Everything quick, and no ballast to write."""
    return replace(tuning, spill_s=0.02, spill_look_s=0.005, ballast_bytes=0)


@pytest.fixture
def make_bench(store, spool_tuning: Tuning, tmp_path: Path) -> Iterator[Callable[..., Bench]]:
    made: list[Bench] = []

    def make(*, at=store, clock: Clock | None = None, folder: Path | None = tmp_path / "spool", **changes):
        bench = Bench(folder, at, replace(spool_tuning, **changes), clock or SystemClock())
        made.append(bench)
        return bench

    yield make
    frozen: threading.Event = store.frozen or threading.Event()
    frozen.set()
    for bench in made:
        bench.stop()


@pytest.fixture
def readings() -> Callable[..., list[Reading]]:
    def make(count: int, first: int = 0, device: int = 1) -> list[Reading]:
        return [
            Reading(DeviceId(device), AT_UNIX + first + place, (1.5, None, 2.0, None, 0.0, -1.0), 10, 3)
            for place in range(count)
        ]

    return make


@pytest.fixture
def transition() -> Callable[[float], Transition]:
    def make(at: float) -> Transition:
        raised, info = TransitionKind.RAISED, Severity.INFO
        return Transition(raised, DeviceId(1), ThresholdId(1), info, AT_UNIX + at, 1.0, 2.0, "text", 3)

    return make


@pytest.fixture
def act() -> Callable[[float], Acknowledgement]:
    return lambda at: Acknowledgement("ticket", DeviceId(1), ThresholdId(1), AT_UNIX + at, "seen")
