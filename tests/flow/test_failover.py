"""The leading database dies, its standby takes over: a station and a window go on, and nothing is lost."""

import asyncio
import itertools
import logging
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from pydantic import BaseModel
from sqlalchemy import text

from console.catalogue.binding import Binding
from console.settings import Settings
from console.station import assignment
from console.station.pipeline import Station
from drivers.driver import DriverSpec
from drivers.values import Quality, RawValue
from models.database import HURRIED_S, Database
from models.errors import DatabaseAway
from models.queries.catalogue import import_devices
from models.records.device import Device, DeviceId, Tag
from models.records.device_entry import DeviceEntry
from models.schema_guard import upgrade_schema
from tests.system_postgres import FOLLOWED, SystemPostgres, needs_system_postgres, system_postgres

pytestmark = needs_system_postgres

_log = logging.getLogger(__name__)

DEVICES = 3
PERIOD_S = 0.1
DEADLINE_S = 20.0
SERVICE_WITHIN_S = 5.0  # two seconds on a computer that does nothing else
PASSWORD = "a long enough word"


class Wire(BaseModel):
    """Settings of the fake protocol."""

    unit: int


class Counting:
    """A device whose value is the number of times it was read."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    async def open(self) -> None:
        pass

    async def read(self) -> list[RawValue]:
        return [RawValue(float(next(self._numbers)), Quality.GOOD, time.time())]

    async def close(self) -> None:
        pass


class Hub:
    """All devices by unit."""

    def __init__(self) -> None:
        self._devices: dict[int, Counting] = {}

    def driver(self, settings: Wire, _addresses: object) -> Counting:
        return self._devices.setdefault(settings.unit, Counting())

    async def close(self) -> None:
        pass


class Pair:
    """A leader with its standby, filled and in step."""

    def __init__(self, leader: SystemPostgres, standby: SystemPostgres) -> None:
        self.leader = leader
        self.standby = standby

    def url(self, login: str) -> str:
        hosts = f"127.0.0.1:{self.leader.port},127.0.0.1:{self.standby.port}"
        return f"postgresql://{login}:{PASSWORD.replace(' ', '%20')}@{hosts}/plant"


@pytest.fixture
def pair() -> Iterator[Pair]:
    with ExitStack() as stack:
        leader = stack.enter_context(system_postgres(FOLLOWED))
        leader.start({"synchronous_commit": "on"})
        leader.run("CREATE DATABASE plant")
        owner = Database(leader.url_of("plant"), "tests")
        upgrade_schema(owner)
        with owner.transaction() as connection:
            for role, group in (("line_1", "console_station"), ("ada", "console_admin")):
                connection.exec_driver_sql(f"CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}' IN ROLE {group}")
            connection.exec_driver_sql("INSERT INTO app.stations (name, db_role) VALUES ('A', 'line_1')")
            import_devices(connection, [DeviceEntry(_device(number), ()) for number in range(1, DEVICES + 1)])
        owner.close()
        standby = stack.enter_context(system_postgres(FOLLOWED, leader))
        standby.follow(leader)
        yield Pair(leader, standby)


def _device(number: int) -> Device:
    tags = (Tag("temperature", "holding:0:uint16"),)
    name = f"DRIVE-{number}"
    return Device(DeviceId(0), name, name, "drive", "Hall A", "modbus-tcp", {"unit": number}, PERIOD_S, tags)


@pytest.fixture
async def station(pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Station]:
    hub = Hub()

    def bind(device: Device, _open_secret: object) -> Binding:
        spec = DriverSpec("fake", "Fake", Wire, str, "", lambda: hub, lambda *_: None)  # type: ignore[arg-type]
        return Binding(spec, Wire(**device.connection), ("a",))  # type: ignore[arg-type]

    monkeypatch.setattr(assignment, "bind", bind)
    database = Database(pair.url("line_1"), "station", pool_size=3, limit_s=HURRIED_S)
    station = Station(Settings(tmp_path), database)
    await station.start()
    yield station
    await station.stop()
    database.close()


async def until(condition: Callable[[], bool], within_s: float = DEADLINE_S) -> float:
    """Wait for a condition and return how long it took, in seconds."""
    began_s = time.monotonic()
    while not condition():
        assert time.monotonic() - began_s < within_s, "the condition never came true"
        await asyncio.sleep(0.01)
    return time.monotonic() - began_s


class Window:
    """What a window does all the time: listen, and ask again when it was cut."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.heard_at_s = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="window")

    def __enter__(self) -> "Window":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self.database.close()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                for _ in self.database.listen(("readings",), self._stop):
                    self.heard_at_s = time.monotonic()
            except DatabaseAway:
                self._stop.wait(0.2)


def _rows(server: SystemPostgres) -> list[tuple[int, float]]:
    own = Database(server.url_of("plant"), "tests")
    with closing(own), own.transaction() as connection:
        rows = connection.execute(text("SELECT device_id, temperature FROM app.sensor_readings"))
        return [(row[0], row[1]) for row in rows]


@pytest.mark.quiet
async def test_station_and_window_go_on_with_the_standby_and_nothing_is_lost_or_doubled(
    pair: Pair, station: Station
) -> None:
    with Window(Database(pair.url("ada"), "window")) as window:
        await until(lambda: station.figures().readings_stored > 10 * DEVICES and window.heard_at_s > 0)
        await asyncio.to_thread(pair.leader.kill)
        await until(lambda: station.figures().database != "live")
        await asyncio.to_thread(pair.standby.promote)
        promoted_s, before = time.monotonic(), station.figures().readings_stored
        service_s = await until(lambda: station.figures().readings_stored > before)
        await until(lambda: window.heard_at_s > promoted_s)
        _log.info("The promoted standby was written to %.2f s later", service_s)
        await until(lambda: station.figures().waiting < 3 * DEVICES)
    await station.stop()
    figures, rows = station.figures(), await asyncio.to_thread(_rows, pair.standby)
    assert (figures.waiting, figures.dropped) == (0, 0)
    assert figures.readings_taken == len(rows) == len(set(rows))
    # Each device counts how often it was read: all of it is there, from the first to the last.
    assert sum(max(value for device, value in rows if device == one) for one in {d for d, _ in rows}) == len(
        rows
    )
    assert service_s < SERVICE_WITHIN_S
