"""A station and a database that the test holds in its hands, and a bridge between them."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.bridge.bridge import Bridge
from console.bridge.live_feed import LiveFeed
from console.bridge.session_keeper import Entrant, SessionKeeper
from tests.unit.console.bridge.bridge_parts import GREETING, FakeDatabase, FakeStation
from tests.unit.console.bridge.running_parts import Book, fake_queries, let_in
from tests.unit.console.bridge.session_parts import EVA, PASSWORD, FakeDoor, FakeSite


@pytest.fixture
def station(qapp, tmp_path: Path) -> Iterator[FakeStation]:
    made = FakeStation(tmp_path / "s.sock")
    made.open()
    yield made
    made.close()


@pytest.fixture
def database() -> FakeDatabase:
    return FakeDatabase()


@pytest.fixture
def book(monkeypatch) -> Book:
    made = Book()
    fake_queries(made, monkeypatch)
    return made


@pytest.fixture
def site(database: FakeDatabase) -> FakeSite:
    return FakeSite(database)


@pytest.fixture
def bridge(book: Book, station: FakeStation, site: FakeSite, tmp_path: Path) -> Iterator[Bridge]:
    """Eva comes in without being asked."""
    session = SessionKeeper(lambda: FakeDoor(site), "window", Entrant(EVA.email, PASSWORD))
    made = Bridge(
        LiveFeed(station.address, GREETING, time.monotonic), session, None, catalogues=tmp_path / "catalogues"
    )
    yield made
    made.stop()
    made.stop()


@pytest.fixture
def running(qtbot, bridge: Bridge, station: FakeStation) -> Bridge:
    bridge.start()
    let_in(qtbot, bridge, station)
    qtbot.waitUntil(lambda: len(bridge.catalogue.devices) == 2)
    return bridge
