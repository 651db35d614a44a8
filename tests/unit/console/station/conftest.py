"""Fakes at the station's seams: a clock turned by hand, obedient drivers, a store that comes and goes."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pytest

from console.station.polling.channel import PollTarget
from console.station.store import Change, Load, Plan, Written
from console.station.tuning import Tuning
from drivers.values import Quality, RawValue
from models.errors import DatabaseAway, Rejected
from models.metrics import METRIC_COUNT
from models.records.device import Device, DeviceId, Tag
from models.records.device_health import DeviceHealth
from models.records.key import KeyId
from models.records.reading import Reading
from models.records.station_alert import StationAlerts
from models.records.threshold import Severity, Threshold, ThresholdId
from models.records.ticket import TicketHolder, TicketState
from models.secrets import NO_KEYS, SecretBox

DEADLINE_S = 5.0


class FakeClock:
    """Both hands are turned by the test."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self.now_unix = 1_700_000_000.0

    def monotonic(self) -> float:
        return self.now_s

    def unix(self) -> float:
        return self.now_unix

    def turn(self, seconds: float) -> None:
        self.now_s += seconds
        self.now_unix += seconds


def _good() -> list[RawValue]:
    return [RawValue(42.0, Quality.GOOD, 1_700_000_000.0)]


@dataclass
class FakeDriver:
    """Answers with `values`, or fails with `error`; waits while `gate` is closed, cancellation or not."""

    values: Callable[[], list[RawValue]] = _good
    error: Exception | None = None
    open_error: Exception | None = None
    gate: asyncio.Event | None = None
    is_deaf: bool = False
    opened: int = 0
    read_count: int = 0
    closed: int = 0
    cancelled: int = 0

    async def open(self) -> None:
        self.opened += 1
        if self.open_error is not None:
            raise self.open_error

    async def read(self) -> list[RawValue]:
        self.read_count += 1
        gate = self.gate
        while gate is not None and not gate.is_set():
            try:
                await gate.wait()
            except asyncio.CancelledError:
                self.cancelled += 1
                if not self.is_deaf:
                    raise
        if self.error is not None:
            raise self.error
        return self.values()

    async def close(self) -> None:
        self.closed += 1


@dataclass
class FakePushingDriver(FakeDriver):
    """Says that values came when the test calls `tell`."""

    tell: Callable[[], None] = lambda: None

    def on_news(self, tell: Callable[[], None]) -> None:
        self.tell = tell


@dataclass
class FakeStore:
    """Keeps what it is given; is away, or declines, as told. Thread-safe enough: one writer."""

    plan: Plan = field(default_factory=lambda: Plan((), (), ()))
    is_away: bool = False
    declines: Callable[[object], bool] = lambda _: False
    loads: list[Load] = field(default_factory=list)
    partitions_made: int = 0
    rollups_made: int = 0
    times_passed: int = 0
    in_the_way: list[int] = field(default_factory=list)
    attempts: int = 0
    changes: int = 0
    changed: Change = Change.CATALOGUE
    frozen: threading.Event | None = None
    alerts: StationAlerts = field(default_factory=StationAlerts)
    tickets: dict[bytes, TicketHolder | TicketState] = field(default_factory=dict)
    asked: list[tuple[bytes, ...]] = field(default_factory=list)
    health: dict[DeviceId, DeviceHealth] = field(default_factory=dict)
    noted: list[tuple[bytes, DeviceId, str, float]] = field(default_factory=list)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def _require(self) -> None:
        self.attempts += 1
        if self.frozen is not None:
            self.frozen.wait(DEADLINE_S)
        if self.is_away:
            raise DatabaseAway("The database does not answer.")

    def load_plan(self) -> Plan:
        self._require()
        return self.plan

    def load_alerts(self, devices: Collection[DeviceId]) -> StationAlerts:
        self._require()
        here = [alert for alert in self.alerts.alerts if alert.device in devices]
        return StationAlerts(tuple(here), self.alerts.hidings)

    def enter(self) -> None:
        """As for whoever set the server up: everything is polled, without leases."""
        self._require()

    def leave(self, incarnation: int) -> None:
        self._require()

    def read_clock(self) -> float:
        self._require()
        return time.time()

    def recall_box(self, names: Collection[KeyId]) -> SecretBox:
        del names
        return NO_KEYS

    def check_tickets(self, digests: Sequence[bytes]) -> Mapping[bytes, TicketHolder | TicketState]:
        self.asked.append(tuple(digests))
        self._require()
        return {digest: self.tickets[digest] for digest in digests if digest in self.tickets}

    def watch(self, stop: threading.Event) -> Iterator[Change]:
        self._require()
        yield from Change
        seen = 0
        while not stop.is_set():
            with self._changed:
                self._changed.wait(0.005)
                is_new, seen = self.changes > seen, self.changes
            if self.is_away:
                raise DatabaseAway("The connection was cut.")
            if is_new:
                yield self.changed

    def announce(self, plan: Plan) -> None:
        self.plan = plan
        self.announce_change(Change.CATALOGUE)

    def announce_change(self, change: Change) -> None:
        with self._changed:
            self.changed = change
            self.changes += 1
            self._changed.notify_all()

    def note_write(self, digest: bytes, device: DeviceId, address: str, value: float) -> None:
        self._require()
        self.noted.append((digest, device, address, value))

    def write(self, load: Load) -> Written:
        self._require()
        for item in (*load.readings, *load.transitions, *load.states):
            if self.declines(item):
                raise Rejected(f"The database declined: {item}.")
        self.loads.append(load)
        return Written()

    def ensure_partitions(self) -> int:
        self._require()
        self.partitions_made += 1
        return 1

    def clear_the_way(self) -> int:
        self._require()
        return self.in_the_way.pop() if self.in_the_way else 0

    def record_health(self, records: Sequence[DeviceHealth]) -> int:
        self._require()
        self.health.update((record.device, record) for record in records)
        return len(records)

    def pass_time(self) -> int:
        self.times_passed += 1
        if self.is_away:
            raise DatabaseAway("The database does not answer.")
        return 0

    def refresh_rollups(self) -> int:
        self._require()
        self.rollups_made += 1
        return 0

    @property
    def readings(self) -> list[Reading]:
        return [reading for load in self.loads for reading in load.readings]

    @property
    def transitions(self) -> list[object]:
        return [transition for load in self.loads for transition in load.transitions]

    @property
    def states(self) -> list[object]:
        return [state for load in self.loads for state in load.states]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store() -> FakeStore:
    return FakeStore()


@pytest.fixture
def tuning() -> Tuning:
    """The real figures, with waits short enough for tests that use real time."""
    quick = replace(Tuning().retry, first_s=0.01, longest_s=0.05)
    return replace(
        Tuning(), flush_s=0.01, retry=quick, flush_limit_s=0.2, close_limit_s=0.1, thread_limit_s=0.1
    )


@pytest.fixture
def make_driver() -> Callable[..., FakeDriver]:
    return FakeDriver


@pytest.fixture
def make_pushing_driver() -> Callable[..., FakePushingDriver]:
    return FakePushingDriver


@pytest.fixture
def make_device() -> Callable[..., Device]:
    def make(id: int = 1, **changes: object) -> Device:
        device = Device(
            id=DeviceId(id),
            device_id=f"DRIVE-{id:02}",
            name=f"Drive {id}",
            type="drive",
            location="Hall A",
            driver="modbus-tcp",
            connection={"host": "127.0.0.1", "unit": id},
            period_s=1.0,
            tags=(Tag("temperature", "holding:0:uint16"),),
        )
        return replace(device, **changes)

    return make


@pytest.fixture
def make_threshold() -> Callable[..., Threshold]:
    def make(id: int = 1, device: int = 1, **changes: object) -> Threshold:
        threshold = Threshold(
            id=ThresholdId(id),
            device=DeviceId(device),
            metric="temperature",
            min_value=None,
            max_value=70.0,
            severity=Severity.WARNING,
        )
        return replace(threshold, **changes)

    return make


@pytest.fixture
def make_reading() -> Callable[..., Reading]:
    def make(temperature: float | None = 20.0, at_unix: float = 1_700_000_000.0, device: int = 1) -> Reading:
        values = (temperature,) + (None,) * (METRIC_COUNT - 1)
        return Reading(DeviceId(device), at_unix, values, 0 if temperature is not None else 1)

    return make


@pytest.fixture
def make_target() -> Callable[..., PollTarget]:
    def make(driver: FakeDriver | Sequence[FakeDriver], id: int = 1, period_s: float = 1.0) -> PollTarget:
        drivers = iter([driver] if isinstance(driver, FakeDriver) else driver)
        return PollTarget(DeviceId(id), f"Drive {id}", period_s, 10.0, "as configured", lambda: next(drivers))

    return make


@pytest.fixture
def wait_until() -> Callable[[Callable[[], bool]], None]:
    """Wait for another thread to make a condition true."""

    def wait(condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + DEADLINE_S
        while not condition():
            assert time.monotonic() < deadline, "the condition never came true"
            time.sleep(0.002)

    return wait


@pytest.fixture
def until() -> Callable[[Callable[[], bool]], Awaitable[None]]:
    """Let the event loop run until a condition is true."""

    async def wait(condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + DEADLINE_S
        while not condition():
            assert time.monotonic() < deadline, "the condition never came true"
            await asyncio.sleep(0.002)

    return wait
