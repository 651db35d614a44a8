"""Two real stations on one real database, each behind a network of its own that can be cut."""

import asyncio
import itertools
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from sqlalchemy import text

from console.bench.faults_proxy import Proxy
from console.catalogue.binding import Binding
from console.settings import Settings
from console.station import assignment
from console.station.pipeline import Station
from console.station.tuning import Tuning
from drivers.driver import DriverSpec
from drivers.values import Quality, RawValue
from models.database import Database
from models.queries.catalogue import import_devices
from models.records.device import DeviceId
from models.records.device_entry import DeviceEntry
from models.records.lease import LEASE_S
from models.records.station import ConditionKind

DEVICES = 4
PERIOD_S = 0.1
WITHIN_S = 20.0


class Wire(BaseModel):
    """Settings of the fake protocol."""

    host: str
    unit: int


class Plant:
    """Devices that note by whom they are polled, and when."""

    def __init__(self) -> None:
        self.polls: dict[int, list[tuple[float, int]]] = defaultdict(list)
        self.stations = 0

    def hub(self) -> "Hub":
        self.stations += 1
        return Hub(self, self.stations)

    def pollers(self, within_s: float = 3 * PERIOD_S) -> set[int]:
        """By whom any device was polled just now."""
        since = time.monotonic() - within_s
        return {who for polls in self.polls.values() for at, who in polls if at > since}

    def longest_pause_s(self, unit: int, since: float) -> float:
        moments = [since, *(at for at, _ in self.polls[unit] if at > since), time.monotonic()]
        return max(later - earlier for earlier, later in itertools.pairwise(moments))

    def turns(self) -> int:
        """How often, at most, a device went from one station to another; each in between polled it alone."""
        most = 0
        for polls in self.polls.values():
            whose = [who for _, who in polls]
            most = max(most, sum(before != after for before, after in itertools.pairwise(whose)))
        return most


class Hub:
    """One station's way to the devices."""

    def __init__(self, plant: Plant, who: int) -> None:
        self.plant, self.who = plant, who

    def driver(self, settings: Wire, _addresses: object) -> "Driver":
        return Driver(self, settings.unit)

    async def close(self) -> None:
        pass


class Driver:
    """One device as one station sees it."""

    def __init__(self, hub: Hub, unit: int) -> None:
        self.hub, self.unit = hub, unit

    async def open(self) -> None:
        pass

    async def read(self) -> list[RawValue]:
        self.hub.plant.polls[self.unit].append((time.monotonic(), self.hub.who))
        return [RawValue(42.0, Quality.GOOD, time.time())]

    async def close(self) -> None:
        pass


class Site:
    """A database with devices, and stations that come to it through a network each."""

    def __init__(self, owner: Database, folder: Path) -> None:
        self.owner, self.folder = owner, folder
        self.stations: list[Station] = []
        self.networks: list[Proxy] = []
        self._opened: list[tuple[Database, str]] = []

    async def add(self) -> Station:
        number = len(self.stations) + 1
        login = f"st_two_{time.monotonic_ns()}"
        address = self.owner.address
        with self.owner.transaction() as connection:
            connection.exec_driver_sql(f"CREATE ROLE {login} LOGIN PASSWORD 'hands' IN ROLE console_station")
            connection.execute(
                text("INSERT INTO app.stations (name, db_role) VALUES (:name, :login)"),
                {"name": f"Station {number}", "login": login},
            )
        network = Proxy(Path(address.hosts[0][0]) / f".s.PGSQL.{address.hosts[0][1] or 5432}")
        network.start()
        self.networks.append(network)
        url = f"postgresql://{login}:hands@127.0.0.1:{network.port}/{address.database}"
        database = Database(url, f"station {number}", pool_size=5, limit_s=2.0)
        self._opened.append((database, login))
        station = self._made(number)
        self.stations.append(station)
        await station.start()
        return station

    async def start_again(self, station: Station) -> Station:
        """End a station's program, and start it in the same folder."""
        place = self.stations.index(station)
        await station.stop()
        again = self.stations[place] = self._made(place + 1)
        await again.start()
        return again

    def _made(self, number: int) -> Station:
        tuning = replace(Tuning(), flush_limit_s=1.0)
        return Station(Settings(self.folder / str(number)), self._opened[number - 1][0], tuning=tuning)

    def stored(self) -> int:
        with self.owner.transaction() as connection:
            return connection.execute(text("SELECT count(*) FROM app.sensor_readings")).scalar_one()

    async def close(self) -> None:
        for network in self.networks:
            network.heal()
        for station in self.stations:
            await station.stop()
        for network in self.networks:
            network.stop()
        for database, login in self._opened:
            database.close()
            with self.owner.transaction() as connection:
                connection.exec_driver_sql(f"DROP OWNED BY {login}; DROP ROLE {login}")


@pytest.fixture
def plant(monkeypatch: pytest.MonkeyPatch) -> Plant:
    plant = Plant()
    spec: Any = DriverSpec("fake", "Fake", Wire, str, "", plant.hub, lambda *_: None)  # type: ignore[arg-type]
    monkeypatch.setattr(
        assignment, "bind", lambda device, _: Binding(spec, Wire(**device.connection), ("a",))
    )
    return plant


@pytest.fixture
async def site(database: Database, plant: Plant, make_device, tmp_path: Path) -> AsyncIterator[Site]:
    with database.transaction() as connection:
        entries = [
            DeviceEntry(make_device(number, period_s=PERIOD_S), ()) for number in range(1, DEVICES + 1)
        ]
        import_devices(connection, entries)
    site = Site(database, tmp_path)
    yield site
    await site.close()


@pytest.fixture
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A database that goes away is what these tests are about."""
    yield
    caplog.clear()


async def until(condition: Callable[[], bool], within_s: float = WITHIN_S) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "the condition never came true"
        await asyncio.sleep(0.02)


def held(station: Station) -> int:
    return station.figures().configured


async def both_at_work(site: Site, plant: Plant) -> tuple[Station, Station]:
    """Start two stations, and let them share the devices."""
    first = await site.add()
    await until(lambda: held(first) == DEVICES and plant.pollers() == {1})
    second = await site.add()
    await until(lambda: held(first) == held(second) == DEVICES // 2 and plant.pollers() == {1, 2})
    return first, second


async def test_station_that_is_cut_off_is_silent_before_another_takes_over(
    site: Site, plant: Plant, quiet: None
) -> None:
    first, second = await both_at_work(site, plant)
    site.networks[0].stall()
    await until(lambda: first.figures().is_silent)
    assert plant.pollers() == {1, 2}
    assert [one.kind for one in first.figures().conditions if one.kind is ConditionKind.SILENT]
    await until(lambda: held(second) == DEVICES and plant.pollers() == {2})
    assert plant.turns() == 1
    site.networks[0].heal()
    await until(lambda: not first.figures().is_silent and held(first) == held(second) == DEVICES // 2)
    await until(lambda: plant.pollers() == {1, 2})


@pytest.mark.faults_long
async def test_database_that_is_away_for_all_silences_nobody_and_loses_nothing(
    site: Site, plant: Plant, quiet: None
) -> None:
    first, second = await both_at_work(site, plant)
    began = time.monotonic()
    for network in site.networks:
        network.cut(is_refusing=True)
    await until(lambda: time.monotonic() - began > 2 * LEASE_S)
    assert not first.figures().is_silent
    assert not second.figures().is_silent
    for network in site.networks:
        network.heal()
    for station in (first, second):
        await until(lambda station=station: station.figures().database == "live")
    await until(lambda: time.monotonic() - began > 3 * LEASE_S)
    pauses = [plant.longest_pause_s(unit, began) for unit in plant.polls]
    assert max(pauses) < 1.0
    for station in (first, second):
        await station.stop()
    assert site.stored() == sum(len(polls) for polls in plant.polls.values())


@pytest.mark.faults_long
async def test_station_without_neighbours_goes_on_while_it_is_cut_off_and_keeps_everything(
    site: Site, plant: Plant, quiet: None
) -> None:
    station = await site.add()
    await until(lambda: held(station) == DEVICES and plant.pollers() == {1})
    began = time.monotonic()
    site.networks[0].stall()
    await until(lambda: time.monotonic() - began > 2 * LEASE_S)
    assert not station.figures().is_silent
    site.networks[0].heal()
    await until(lambda: station.figures().database == "live")
    assert max(plant.longest_pause_s(unit, began) for unit in plant.polls) < 1.0
    await station.stop()
    assert site.stored() == sum(len(polls) for polls in plant.polls.values())


async def test_devices_that_another_station_should_have_go_over_without_a_double_poll(
    site: Site, plant: Plant
) -> None:
    first, second = await both_at_work(site, plant)
    assert plant.turns() == 1
    with site.owner.transaction() as connection:
        spans = connection.execute(
            text(
                "SELECT count(*) FROM app.lease_history AS a JOIN app.lease_history AS b USING (device_id) "
                "WHERE a.epoch < b.epoch AND a.ended_at > b.began_at"
            )
        ).scalar_one()
    assert spans == 0
    assert {DeviceId(id) for id in first._rota.epochs}.isdisjoint(second._rota.epochs)


async def drilled(site: Site, seconds: float) -> str:
    """Order a drill of the first station, and return what it says came of it."""
    with site.owner.transaction() as connection:
        connection.execute(
            text(
                "SELECT app.order_station(min(id), 'drill', :seconds) FROM app.stations "
                "WHERE db_role LIKE 'st_two_%'"
            ),
            {"seconds": seconds},
        )

    def outcome() -> str:
        with site.owner.transaction() as connection:
            return connection.execute(text("SELECT outcome FROM app.station_orders")).scalar_one()

    await until(lambda: bool(outcome()), 40.0)
    return outcome()


async def test_drill_of_a_lone_station_loses_nothing_and_says_so(
    site: Site, plant: Plant, quiet: None
) -> None:
    station = await site.add()
    await until(lambda: held(station) == DEVICES and plant.pollers() == {1})
    outcome = await drilled(site, 5.0)
    assert outcome.startswith("Cut off for 5 s. ")
    assert "Lost: 0. Doubled: 0. It polled on throughout. No other station took any" in outcome
    assert "everything was back" in outcome


@pytest.mark.faults_long
async def test_drill_among_others_tells_who_took_over(site: Site, plant: Plant, quiet: None) -> None:
    await both_at_work(site, plant)
    outcome = await drilled(site, 9.0)
    assert "Lost: 0. Doubled: 0." in outcome
    assert "Station 2 took 2 of its devices over" in outcome
    assert "It polled nothing for" in outcome
    assert plant.turns() <= 2


@pytest.mark.faults_long
async def test_stations_started_without_the_database_each_poll_what_they_held(
    site: Site, plant: Plant, quiet: None
) -> None:
    first, second = await both_at_work(site, plant)
    for network in site.networks:
        network.cut(is_refusing=True)
    await until(lambda: first.figures().database != "live" != second.figures().database)
    first = await site.start_again(first)
    second = await site.start_again(second)
    await until(lambda: len(plant.pollers()) == 2 and held(first) == held(second) == DEVICES // 2)
    began = time.monotonic()
    await until(lambda: time.monotonic() - began > LEASE_S)
    assert plant.turns() <= 2
    assert len(plant.pollers()) == 2
    for network in site.networks:
        network.heal()
    for station in (first, second):
        await until(lambda station=station: station.figures().database == "live")
        await until(lambda station=station: station.figures().waiting < 100)
    for station in (first, second):
        await station.stop()
    assert site.stored() == sum(len(polls) for polls in plant.polls.values())


@pytest.mark.faults_long
async def test_station_started_without_the_database_is_silent_where_another_sees_it(
    site: Site, plant: Plant, quiet: None
) -> None:
    first, second = await both_at_work(site, plant)
    site.networks[0].cut(is_refusing=True)
    await until(lambda: first.figures().database != "live")
    first = await site.start_again(first)
    await until(lambda: held(second) == DEVICES and plant.pollers() == {2})
    assert first.figures().is_silent
    assert plant.stations == 2  # it never even made a way to the devices
