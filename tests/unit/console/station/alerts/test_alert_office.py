"""The list of alerts between the database's news and the windows: what is believed, and what is told when."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from console.station.alerts.alert_list import AlertKey, AlertList
from console.station.alerts.alert_office import AlertOffice
from console.station.alerts.unsettled import Unsettled
from console.station.feed import NoFeed
from console.station.health import LoopHealth
from console.station.tuning import Tuning
from models.errors import DatabaseAway
from models.records.device import DeviceId
from models.records.station_alert import StationAlert, StationAlerts
from tests.unit.console.station.alert_parts import FIRST, ONE, TWO, alert, raised

Until = Callable[[Callable[[], bool]], Awaitable[None]]


class AlertFeed(NoFeed):
    """Remembers the alerts it was told of."""

    def __init__(self) -> None:
        self.alerts: dict[AlertKey, StationAlert] = {}

    def publish_alerts(self, changes, gone) -> None:
        self.alerts.update({(one.device, one.threshold): one for one in changes})
        for key in gone:
            del self.alerts[key]


@dataclass
class Database:
    """Says what the test tells it to."""

    alerts: StationAlerts = field(default_factory=StationAlerts)
    is_away: bool = False
    asked: list[frozenset[DeviceId]] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)

    def load(self, devices) -> StationAlerts:
        self.asked.append(devices)
        self.gate.wait(5.0)
        if self.is_away:
            raise DatabaseAway("The database does not answer.")
        return self.alerts


class Bench:
    """An office on such a database."""

    def __init__(self, clock, tuning: Tuning) -> None:
        self.alerts, self.feed, self.database = AlertList(), AlertFeed(), Database()
        self.database.gate.set()
        self.waiting = 0
        self.kept: list[StationAlerts] = []
        self.health = LoopHealth()
        self.unsettled = Unsettled(lambda: self.waiting)
        self.office = AlertOffice(
            *(self.alerts, self.unsettled, self.database.load, lambda *_: None, self.feed, clock, tuning),
            *(self.health, self.kept.append),
        )

    def find(self, device: DeviceId, *, is_stored: bool) -> None:
        """A finding, as the judgement tells it."""
        self.alerts.admit([raised(device)])
        self.waiting += not is_stored
        self.unsettled.note([(device, FIRST)])
        self.office.publish()


@pytest.fixture
async def bench(clock, tuning: Tuning, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    monkeypatch.setattr("console.station.alerts.alert_news._PAUSE_S", 0.02)
    bench = Bench(clock, tuning)
    bench.office.start()
    yield bench
    bench.database.gate.set()
    await bench.office.stop()


async def test_alerts_of_own_devices_are_asked_for_and_told(bench: Bench, until: Until) -> None:
    bench.database.alerts = StationAlerts((alert(1), alert(2)))
    bench.office.set_devices({ONE})
    await until(lambda: bool(bench.feed.alerts))
    assert bench.database.asked == [{ONE}]
    assert bench.feed.alerts == {(ONE, FIRST): alert(1)}


async def test_what_somebody_acknowledged_elsewhere_is_told(bench: Bench, until: Until) -> None:
    bench.database.alerts = StationAlerts((alert(),))
    bench.office.set_devices({ONE})
    await until(lambda: bool(bench.feed.alerts))
    bench.database.alerts = StationAlerts((alert(acknowledged_unix=20.0, acknowledged_by="Otto"),))
    bench.office.ask()
    await until(lambda: bench.feed.alerts[ONE, FIRST].acknowledged_by == "Otto")


async def test_finding_that_the_database_has_not_heard_stays_until_it_has(bench: Bench, until: Until) -> None:
    bench.office.set_devices({ONE, TWO})
    bench.find(ONE, is_stored=False)
    bench.office.ask()
    await until(lambda: len(bench.database.asked) >= 4)
    assert (ONE, FIRST) in bench.feed.alerts
    bench.waiting = 0
    await until(lambda: not bench.feed.alerts)


async def test_finding_made_while_the_database_answers_stays(bench: Bench, until: Until) -> None:
    heard = bench.feed.alerts
    bench.database.gate.clear()
    bench.office.set_devices({ONE})
    await until(lambda: bool(bench.database.asked))
    bench.find(
        ONE, is_stored=True
    )  # within the time of the question: nobody can say whether it is in the answer
    bench.database.gate.set()
    await until(lambda: bench.health.passes == 1)
    assert (ONE, FIRST) in heard
    await until(lambda: not heard)


async def test_alerts_go_on_as_they_are_while_the_database_is_away(bench: Bench, until: Until) -> None:
    bench.database.is_away = True
    bench.office.set_devices({ONE})
    bench.find(ONE, is_stored=False)
    await until(lambda: bench.health.failures >= 3)
    assert (ONE, FIRST) in bench.feed.alerts
    bench.database.alerts = StationAlerts((alert(message="as stored"),))
    bench.database.is_away, bench.waiting = False, 0
    await until(lambda: bench.feed.alerts[ONE, FIRST].message == "as stored")


async def test_flood_of_announcements_is_a_question_now_and_then(bench: Bench, until: Until) -> None:
    bench.office.set_devices({ONE})
    until_s = time.monotonic() + 0.2
    while time.monotonic() < until_s:
        bench.office.ask()
        await asyncio.sleep(0.001)
    assert len(bench.database.asked) <= 0.3 / 0.02


async def test_devices_that_are_polled_again_have_their_alerts_told_again(bench: Bench, until: Until) -> None:
    bench.database.is_away = True
    bench.office.set_devices({ONE})
    bench.find(ONE, is_stored=False)
    bench.office.set_devices(set())
    bench.feed.alerts.clear()  # as after `Feed.release`
    bench.office.publish()
    assert bench.feed.alerts == {}
    bench.office.set_devices({ONE})
    assert (ONE, FIRST) in bench.feed.alerts


async def test_what_changed_is_kept_at_most_once_a_second_and_at_the_end(bench: Bench) -> None:
    bench.database.is_away = True
    bench.office.set_devices({ONE, TWO})
    for device in (ONE, TWO):
        bench.find(device, is_stored=False)
    bench.office.pass_time()
    bench.office.pass_time()
    assert [len(kept.alerts) for kept in bench.kept] == [2]
    bench.alerts.release({TWO})
    bench.office.publish()
    await bench.office.stop()
    assert [len(kept.alerts) for kept in bench.kept] == [2, 1]


async def test_remembered_alerts_are_told_once_it_is_known_whose_they_are(bench: Bench) -> None:
    bench.database.is_away = True
    bench.office.recall(StationAlerts((alert(1), alert(2))))
    bench.office.publish()
    assert bench.feed.alerts == {}
    bench.office.set_devices({TWO})
    assert bench.feed.alerts == {(TWO, FIRST): alert(2)}
