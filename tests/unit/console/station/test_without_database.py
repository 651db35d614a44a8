"""A whole station and a window on a real socket while the database is away, and through a new start."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import pytest
from pydantic import BaseModel

from console.catalogue.binding import Binding
from console.link.frames import frame_from_message
from console.link.messages import (
    Acknowledge,
    Acknowledged,
    AlertChanges,
    LiveBatch,
    Message,
    Refused,
    Welcome,
)
from console.link.server import LinkServer
from console.settings import Settings
from console.station import assignment
from console.station.alerts.alert_list import AlertList
from console.station.memory.plan_memory import FOLDER
from console.station.pipeline import Station
from console.station.store import Load, Plan, Written
from console.station.tuning import Tuning
from drivers.driver import DriverSpec
from drivers.values import Quality, RawValue
from models.records.alert import OpenEpisode, Transition
from models.records.device import Device, DeviceId
from models.records.lease import Lease, Tenure
from models.records.station import StationIdentity, StationReport
from models.records.station_alert import StationAlert, StationAlerts
from models.records.ticket import TicketState, digest_of
from tests.unit.console.link.link_parts import ADMIN, FakeWindow
from tests.unit.console.station.conftest import FakeDriver, FakeStore

Until = Callable[[Callable[[], bool]], Awaitable[None]]
Heard = TypeVar("Heard", bound=Message)
TICKET = "64 hexadecimal digits"


@dataclass
class LeasingStore(FakeStore):
    """Lends every device to the one station there is, and counts what it is told of alerts."""

    entered: int = 0
    machine: AlertList = field(default_factory=AlertList)

    def enter(self) -> StationIdentity:
        self._require()
        self.entered += 1
        return StationIdentity(1, "A", self.entered)

    def renew(
        self,
        incarnation: int,
        released: Sequence[DeviceId],
        report: StationReport | None,
        witness: str,
        known: Collection[DeviceId],
    ) -> Tenure:
        del released, report, witness
        self._require()
        leases = tuple(Lease(device.id, incarnation) for device in self.plan.devices)
        episodes = tuple(
            OpenEpisode(one.threshold, one.device, one.triggered_unix, one.cleared_unix is not None)
            for one in self.machine.remembered().alerts
            if one.device not in known
        )
        return Tenure(leases, episodes, (), b"key", time.time())

    def write(self, load: Load) -> Written:
        written = super().write(load)
        self.machine.describe(self.plan.thresholds)
        self.machine.admit(load.transitions)
        for act in load.acts:
            self.machine.acknowledge((act.device, act.threshold), act.at_unix, "Ada")
        return written

    def load_alerts(self, devices: Collection[DeviceId]) -> StationAlerts:
        del devices
        self._require()
        return self.machine.remembered()

    @property
    def findings(self) -> list[str]:
        """What was told of alerts, in the order in which it arrived; told again, it is the same."""
        found = dict.fromkeys(one for load in self.loads for one in (*load.transitions, *load.acts))
        return [one.kind.value if isinstance(one, Transition) else "acknowledged" for one in found]


class Wire(BaseModel):
    """Settings of the fake protocol."""

    host: str
    unit: int


@pytest.fixture
def level(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the device measures."""
    level = [80.0]

    class Hub:
        def driver(self, *_: object) -> FakeDriver:
            return FakeDriver(lambda: [RawValue(level[0], Quality.GOOD, time.time())])

        async def close(self) -> None:
            """Nothing to do."""

    def bind(device: Device, _open_secret: object) -> Binding:
        spec = DriverSpec("fake", "Fake", Wire, str, "", Hub, lambda *_: None)  # type: ignore[arg-type]
        return Binding(spec, Wire(**device.connection), ("a",))  # type: ignore[arg-type]

    monkeypatch.setattr(assignment, "bind", bind)
    return level


@pytest.fixture
def store(make_device, make_threshold) -> LeasingStore:
    store = LeasingStore(plan=Plan((make_device(period_s=0.04),), (make_threshold(),), ()))
    store.tickets[digest_of(TICKET)] = ADMIN
    return store


@dataclass
class Site:
    """One data folder and one database, on which stations run one after the other."""

    folder: Path
    store: LeasingStore
    tuning: Tuning

    @asynccontextmanager
    async def station(self) -> AsyncIterator[Station]:
        link = LinkServer(str(self.folder / "s.sock"), "A", "0.1")
        station = Station(Settings(self.folder), None, link, store=self.store, tuning=self.tuning)  # type: ignore[arg-type]
        await station.start()
        try:
            yield station
        finally:
            await station.stop()

    @asynccontextmanager
    async def window(self, ticket: str = TICKET) -> AsyncIterator["Screen"]:
        window = FakeWindow(*await asyncio.open_unix_connection(str(self.folder / "s.sock")))
        window.greet(ticket)
        try:
            yield Screen(window)
        finally:
            await window.close()


@pytest.fixture
def site(store: LeasingStore, tuning: Tuning, tmp_path: Path, level: list[float]) -> Site:
    quick = replace(tuning, report_s=0.05, judge_s=0.05, renew_s=0.1, spill_s=0.1)
    return Site(tmp_path, store, quick)


class Screen:
    """What a window has been told so far."""

    def __init__(self, window: FakeWindow) -> None:
        self.window = window
        self.said: list[Message] = []
        self.alerts: dict[tuple[int, int], StationAlert] = {}

    async def until(self, is_it: Callable[[], object]) -> None:
        """Read until something has become true."""
        async with asyncio.timeout(10.0):
            while not is_it():
                self.hear(await self.window.next())

    def hear(self, message: Message) -> None:
        self.said.append(message)
        changes = message if isinstance(message, AlertChanges) else AlertChanges([])
        self.alerts = {} if changes.is_all else self.alerts
        self.alerts |= {(one.device, one.threshold): one for one in changes.changes}
        for key in changes.gone:
            del self.alerts[key]

    def heard(self, kind: type[Heard]) -> list[Heard]:
        return [message for message in self.said if isinstance(message, kind)]

    @property
    def standing(self) -> list[bool]:
        return [alert.cleared_unix is None for alert in self.alerts.values()]

    @property
    def acknowledged_by(self) -> list[str]:
        return [alert.acknowledged_by for alert in self.alerts.values()]

    async def acknowledge(self) -> Acknowledged:
        said = frame_from_message(Acknowledge(5, [(1, 1)], "Pump restarted"))
        self.window.writer.write(said)
        await self.until(lambda: self.heard(Acknowledged))
        return self.heard(Acknowledged)[-1]


async def test_acknowledgement_is_kept_while_the_database_is_away_and_delivered_in_order(
    site: Site, level: list[float], until: Until
) -> None:
    async with site.station() as station, site.window() as window:
        await window.until(lambda: window.acknowledged_by == [""])
        await until(lambda: site.store.findings == ["raised"])
        site.store.is_away = True
        assert (await window.acknowledge()).outcomes == [(1, 1, True, "Acknowledged.")]
        await window.until(lambda: window.acknowledged_by == ["Ada"])
        assert site.store.findings == ["raised"]
        level[0] = 20.0
        await window.until(lambda: not window.alerts)
        site.store.is_away = False
        await until(lambda: len(site.store.findings) == 3)
        assert site.store.findings == ["raised", "acknowledged", "cleared"]
        await until(lambda: station.figures().database == "live")


async def test_station_that_starts_without_the_database_goes_on_where_it_was(
    site: Site, level: list[float], until: Until
) -> None:
    async with site.station(), site.window() as window:
        await window.until(lambda: window.alerts)
        await until(lambda: site.store.findings == ["raised"])
        site.store.is_away = True
        await window.acknowledge()
    async with site.station() as station, site.window() as window:
        await window.until(lambda: window.heard(LiveBatch) and window.alerts)
        assert ([one.name for one in window.heard(Welcome)], window.acknowledged_by) == (["Ada"], ["Ada"])
        assert "The station works by what it knew at " in station.figures().database
        level[0] = 20.0
        await window.until(lambda: not window.alerts)
        site.store.is_away = False
        await until(lambda: len(site.store.findings) == 3 and site.store.entered == 2)
    assert site.store.findings == ["raised", "acknowledged", "cleared"]


@pytest.mark.parametrize("is_away", [True, False])
async def test_an_alert_that_a_crash_left_on_the_disk_alone_still_comes_to_its_end(
    site: Site, level: list[float], until: Until, *, is_away: bool
) -> None:
    level[0] = 20.0
    async with site.station() as station, site.window() as window:
        # Whose ticket was never checked is let go once the database is away.
        await window.until(lambda: window.heard(Welcome))
        await until(lambda: station.figures().readings_stored > 0)
        site.store.is_away = True
        level[0] = 80.0
        await window.until(lambda: window.alerts)
    (site.folder / FOLDER / "alerts").unlink()  # as if it had died before this was written
    level[0] = 20.0
    site.store.is_away = is_away
    async with site.station() as station:
        await until(lambda: station.figures().collecting == 1)
        site.store.is_away = False
        await until(lambda: site.store.findings == ["raised", "cleared"])


async def test_a_value_that_left_its_limit_again_while_its_end_lay_on_the_disk_is_a_new_alert(
    site: Site, level: list[float], until: Until
) -> None:
    async with site.station(), site.window() as window:
        await window.until(lambda: window.standing == [True])
        await until(lambda: site.store.findings == ["raised"])
        site.store.is_away = True
        level[0] = 20.0
        await window.until(lambda: window.standing == [False])
    level[0] = 80.0
    site.store.is_away = False
    async with site.station():
        await until(lambda: len(site.store.findings) == 3)
    assert site.store.findings == ["raised", "cleared", "raised"]


# The memory is written once a second, so a station that dies leaves one that the database may be ahead of.
async def test_an_alert_that_ended_after_it_was_remembered_begins_again(
    site: Site, level: list[float], until: Until
) -> None:
    kept = site.folder / FOLDER / "alerts"
    async with site.station():
        await until(lambda: site.store.findings == ["raised"] and kept.exists())
        remembered = kept.read_bytes()
        level[0] = 20.0
        await until(lambda: site.store.findings == ["raised", "cleared"])
    kept.write_bytes(remembered)  # as if it had died before this was written
    level[0] = 80.0
    site.store.is_away = True
    async with site.station() as station:
        await until(lambda: station.figures().collecting == 1)
        site.store.is_away = False
        await until(lambda: len(site.store.findings) == 3)
    assert site.store.findings == ["raised", "cleared", "raised"]


async def test_an_alert_that_was_not_remembered_ends(site: Site, level: list[float], until: Until) -> None:
    async with site.station():
        await until(lambda: site.store.findings == ["raised"])
    (site.folder / FOLDER / "alerts").unlink()
    level[0] = 20.0
    site.store.is_away = True
    async with site.station() as station:
        await until(lambda: station.figures().collecting == 1)
        site.store.is_away = False
        await until(lambda: len(site.store.findings) == 2)
    assert site.store.findings == ["raised", "cleared"]


async def test_nobody_unknown_is_let_in_by_a_station_that_remembers(site: Site, until: Until) -> None:
    async with site.station(), site.window() as window:
        await window.until(lambda: window.alerts)
    site.store.is_away = True
    async with site.station(), site.window("another ticket") as window:
        await window.until(lambda: window.heard(Refused))
    assert [one.is_final for one in window.heard(Refused)] == [False]


async def test_person_disabled_meanwhile_is_not_let_in_once_the_database_is_there(site: Site) -> None:
    async with site.station(), site.window() as window:
        await window.until(lambda: window.alerts)
    site.store.tickets[digest_of(TICKET)] = TicketState.DISABLED
    async with site.station(), site.window() as window:
        said = await window.window.until_closed()
    assert [type(one) for one in said if isinstance(one, Welcome | Refused)] == [Refused]


async def test_nothing_that_is_remembered_names_a_ticket_or_is_anybodys_to_read(
    site: Site, until: Until
) -> None:
    async with site.station(), site.window() as window:
        await window.until(lambda: window.alerts)
        await until(lambda: len(list((site.folder / FOLDER).glob("*"))) == 4)
    kept = sorted((site.folder / FOLDER).iterdir())
    assert [path.name for path in kept] == ["alerts", "plan", "tenure", "tickets"]
    assert {path.stat().st_mode & 0o777 for path in kept} == {0o600}
    assert not [path for path in kept if TICKET.encode() in path.read_bytes()]
