import sys
import time
import types
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import QObject

from console.bridge.bridge import Bridge
from console.bridge.commands import AcknowledgeAlerts
from console.bridge.live_feed import LiveFeed
from console.link.messages import StateChange, States
from models.records.alert import AlertId, AlertOutcome
from models.records.device import DeviceId, DeviceOverview, DeviceStatus
from models.records.person import Person, Role
from models.records.reading import Reading
from models.records.station import StationReport
from tests.unit.console.bridge.bridge_parts import GREETING, FakeDatabase, FakeStation, batch, device

EVA = Person(1, "Eva", "eva@example.org", Role.OPERATOR)


class Book:
    """What the faked queries answer."""

    def __init__(self) -> None:
        self.devices = [device(1), device(2)]
        self.overview: list[DeviceOverview] = []
        self.recent: list[Reading] = []
        self.acknowledged: list = []


@pytest.fixture
def book(monkeypatch) -> Book:
    """Put fakes in place of the query modules, so that no SQL and no database is needed here."""
    made = Book()

    def acknowledge(_connection, ids, person, comment):
        made.acknowledged.append((ids, person, comment))
        return [AlertOutcome(id, True, "Acknowledged.") for id in ids]

    modules = {
        "models.queries.catalogue": {
            "load_devices": lambda _connection: made.devices,
            "load_thresholds": lambda _connection: [],
            "current_person": lambda _connection: EVA,
        },
        "models.queries.alerts": {"open_alerts": lambda _connection: [], "acknowledge": acknowledge},
        "models.queries.overview": {"device_overview": lambda _connection: made.overview},
        "models.queries.readings": {"recent_window": lambda _connection, _devices, _since: made.recent},
    }
    for name, functions in modules.items():
        module = types.ModuleType(name)
        vars(module).update(functions)
        monkeypatch.setitem(sys.modules, name, module)
    return made


@pytest.fixture
def bridge(book: Book, station: FakeStation, database: FakeDatabase) -> Iterator[Bridge]:
    @contextmanager
    def opened() -> Iterator[FakeDatabase]:
        yield database

    made = Bridge(LiveFeed(station.address, GREETING, time.monotonic), opened, None)
    yield made
    made.stop()
    made.stop()


@pytest.fixture
def running(qtbot, bridge: Bridge, station: FakeStation) -> Bridge:
    bridge.start()
    qtbot.waitUntil(lambda: bool(station.heard))
    station.send(GREETING)
    qtbot.waitUntil(lambda: bridge.link.is_station_connected and len(bridge.catalogue.devices) == 2)
    return bridge


def report(**changes) -> StationReport:
    base = {
        "collecting": 2,
        "configured": 2,
        "readings_taken": 10,
        "readings_stored": 10,
        "waiting": 0,
        "dropped": 0,
        "missed_periods": 0,
        "due_periods": 10,
        "database": "live",
        "sent_unix": time.time(),
    }
    return StationReport(**{**base, **changes})


def overview(number: int, at_unix: float, value: float) -> DeviceOverview:
    return DeviceOverview(
        DeviceId(number),
        f"Drive {number}",
        DeviceStatus.ERROR,
        "Exception 2.",
        None,
        0,
        0,
        datetime.fromtimestamp(at_unix, UTC),
        (value, *[None] * 5),
        0,
    )


def test_values_from_the_station_reach_the_store_and_are_announced(qtbot, running, station):
    with qtbot.waitSignal(running.values_arrived, check_params_cb=lambda ids: ids == {1}):
        station.send(batch([1], time.time(), 42.0))
    latest = running.live.latest(DeviceId(1))
    assert latest is not None
    assert latest.values[0] == 42.0


def test_who_is_at_the_window_comes_from_the_database(qtbot, running):
    qtbot.waitUntil(lambda: running.person == EVA)


def test_states_told_before_the_devices_were_known_are_not_lost(qtbot, bridge, station, book):
    bridge._watch.start = lambda: None
    bridge.start()
    qtbot.waitUntil(lambda: bool(station.heard))
    station.send(GREETING, States([StateChange(1, "online", "", time.time())]))
    qtbot.waitUntil(lambda: bridge.link.is_station_connected)
    type(bridge._watch).start(bridge._watch)
    qtbot.waitUntil(lambda: bridge.live.state(DeviceId(1)).status is DeviceStatus.ONLINE)


def test_devices_of_other_stations_come_from_the_database_and_local_ones_keep_their_station(
    qtbot, running, station, book, database
):
    station.send(States([StateChange(1, "online", "", time.time())]))
    qtbot.waitUntil(lambda: running.live.state(DeviceId(1)).status is DeviceStatus.ONLINE)
    book.overview = [overview(1, time.time() - 50, 1.0), overview(2, time.time(), 2.0)]
    database.say("readings")
    qtbot.waitUntil(lambda: running.live.latest(DeviceId(2)) is not None, timeout=3000)
    assert running.live.state(DeviceId(2)).detail == "Exception 2."
    assert running.live.state(DeviceId(1)).status is DeviceStatus.ONLINE


def test_the_last_minutes_fill_the_rings_of_new_devices(qtbot, book, bridge, station):
    book.recent = [Reading(DeviceId(1), time.time() - 30, (1.0, *[None] * 5))]
    bridge.start()
    qtbot.waitUntil(lambda: len(bridge.live.series(DeviceId(1), 0, 0.0)[0]) == 1)


def test_another_configuration_is_announced_and_the_same_one_is_not(qtbot, running, book, database):
    seen: list[int] = []
    running.catalogue_changed.connect(lambda: seen.append(len(running.catalogue.devices)))
    database.say("catalogue")
    book.devices = [device(1), device(2), device(3)]
    database.say("catalogue")
    qtbot.waitUntil(lambda: seen == [3], timeout=3000)


def test_the_link_tells_what_the_station_buffers_while_its_database_is_away(qtbot, running, station):
    station.send(report(database="The database does not answer.", waiting=4210))
    qtbot.waitUntil(lambda: running.link.database_text == "away: buffering 4,210 readings")
    assert not running.link.is_database_live


def test_the_link_is_live_when_both_ways_are(qtbot, running, station):
    station.send(report())
    qtbot.waitUntil(lambda: running.link.station is not None and running.link.is_database_live)
    assert running.link.database_text == "live"
    assert running.link.feed_age_s < 5


def test_a_lost_station_takes_its_report_along_and_says_so(qtbot, running, station):
    station.send(report())
    qtbot.waitUntil(lambda: running.link.station is not None)
    station.close()
    qtbot.waitUntil(lambda: not running.link.is_station_connected)
    assert running.link.station is None
    assert "station" in running.link.station_text


def test_a_command_is_carried_out_under_the_windows_person(qtbot, running, book):
    owner, outcomes = QObject(), []
    running.command(AcknowledgeAlerts((AlertId(7),), "seen"), outcomes.extend, outcomes.append, owner)
    qtbot.waitUntil(lambda: bool(outcomes))
    assert outcomes[0].is_changed
    assert book.acknowledged == [((7,), EVA, "seen")]


def test_a_question_while_the_database_is_away_fails_with_its_sentence(qtbot, running, database):
    owner, said = QObject(), []
    database.away = "The database does not answer."
    running.ask(lambda _connection: 1, said.append, said.append, owner)
    qtbot.waitUntil(lambda: said == ["The database does not answer."])
