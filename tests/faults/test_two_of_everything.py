"""Two stations and two windows on one database: a shift of them, with a station that dies in between."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from console.bench.faults_scene import Scene
from console.bench.faults_site import FaultSite, fault_site
from console.bench.faults_station import StationProcess
from console.bridge.bridge import Bridge
from console.bridge.commands import AcknowledgeAlerts
from console.bridge.live_feed import LiveFeed
from console.bridge.questions import load_statements
from console.bridge.session_keeper import Entrant, SessionKeeper
from console.link.messages import PROTOCOL, Hello
from console.settings import Settings
from console.sign_in import SignIn
from models.credentials import MemoryStore
from models.queries.people import create_person
from models.records.person import Role
from tests.account_parts import PASSWORD, stored

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="signals that Windows lacks"),
    pytest.mark.timeout(240),
]

WITHIN_MS = 60_000
FRESH_S = 2.0
EXCITED = 1
LONG_S = 600.0


@pytest.fixture
def site(short: Scene) -> Iterator[FaultSite]:
    with fault_site(short, "two") as made:
        for name in ("A", "B"):
            made.add_station(name)
        yield made


@contextmanager
def window_beside(site: FaultSite, station: StationProcess, email: str) -> Iterator[Bridge]:
    """What stands behind a window on a station's computer, with an operator signed in."""
    with site.database.owner.transaction() as connection:
        create_person(connection, email, f"Operator {email[0]}", Role.OPERATOR, stored())
    url = f"postgresql:///{site.database.name}?host={site.database.socket.parent}"
    settings = Settings(station.settings.data_dir, database_url=url)
    session = SessionKeeper(
        lambda: SignIn(settings, MemoryStore()),
        f"window {email[0]}",
        Entrant(email, PASSWORD),
        load=(load_statements,),
    )
    feed = LiveFeed(station.settings.socket_name("station"), Hello(PROTOCOL, "w", "0", 1), time.monotonic)
    bridge = Bridge(feed, session, None)
    bridge.start()
    try:
        yield bridge
    finally:
        bridge.stop()


@pytest.fixture
def windows(qapp, site: FaultSite) -> Iterator[tuple[Bridge, Bridge]]:
    one, other = site.stations
    with window_beside(site, one, "a@example.com") as first, window_beside(site, other, "b@example.com") as b:
        yield first, b


@pytest.fixture
def wait(qtbot) -> Callable[[Callable[[], bool]], None]:
    return lambda condition: qtbot.waitUntil(condition, timeout=WITHIN_MS)


def is_live(bridge: Bridge, count: int) -> bool:
    """Whether a window shows every device, and each with a value of just now."""
    ages = [bridge.live.age_s(device.id, time.time()) for device in bridge.catalogue.devices]
    return len(ages) == count and all(age is not None and age < FRESH_S for age in ages)


def shares(bridge: Bridge) -> dict[str, tuple[bool, int]]:
    """What a window shows of the stations: is it alive, and how many devices has it."""
    return {station.name: (station.is_alive, station.devices) for station in bridge.stations}


def standing(bridge: Bridge) -> list[bool]:
    """Of each open alert of the device that is too loud: is it acknowledged."""
    name = f"Witness {EXCITED}"
    return [alert.acknowledged_at is not None for alert in bridge.alerts if alert.device_name == name]


@pytest.mark.quiet
def test_two_stations_and_two_windows_pass_a_whole_shift(
    site: FaultSite, windows: tuple[Bridge, Bridge], wait
) -> None:
    first, _ = windows
    one, other = site.stations
    half = site.count // 2

    wait(lambda: site.is_fair(site.stations))
    wait(lambda: all(shares(bridge) == {"A": (True, half), "B": (True, half)} for bridge in windows))
    wait(lambda: all(is_live(bridge, site.count) for bridge in windows))

    site.excite(EXCITED, LONG_S)
    wait(lambda: all(standing(bridge) == [False] for bridge in windows))
    refused: list[str] = []
    alerts = tuple(alert.id for alert in first.alerts if alert.device_name == f"Witness {EXCITED}")
    first.command(AcknowledgeAlerts(alerts), lambda _: None, refused.append, first)
    wait(lambda: all(standing(bridge) == [True] for bridge in windows))
    assert refused == []

    killed = one.kill()
    wait(lambda: site.is_polled(killed, {other.pid}))
    wait(lambda: all(shares(bridge) == {"A": (False, 0), "B": (True, site.count)} for bridge in windows))
    wait(lambda: all(is_live(bridge, site.count) for bridge in windows))
    assert [standing(bridge) for bridge in windows] == [[True], [True]]

    one.start()
    wait(lambda: site.is_fair(site.stations))
    wait(lambda: all(shares(bridge) == {"A": (True, half), "B": (True, half)} for bridge in windows))
    wait(lambda: all(is_live(bridge, site.count) for bridge in windows))
    assert [standing(bridge) for bridge in windows] == [[True], [True]]

    site.calm(EXCITED)
    wait(lambda: all(alert.cleared_at is not None for bridge in windows for alert in bridge.alerts))
    readings, alarms = site.settled()
    assert (readings.lost, readings.doubled, readings.wrong, readings.overlaps) == ((), 0, 0, 0)
    assert (alarms.missing, alarms.doubled, alarms.unended) == ((), 0, 0)
