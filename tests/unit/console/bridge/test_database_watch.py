from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from console.bridge import database_watch
from console.bridge.database_watch import CHANNELS, DatabaseWatch
from models.errors import NeedsSetup
from tests.unit.console.bridge.bridge_parts import FakeDatabase


class Door:
    """Opens the fake database; `refusals` sentences come first."""

    def __init__(self, database: FakeDatabase) -> None:
        self.database = database
        self.refusals: list[str] = []
        self.is_open = False

    @contextmanager
    def __call__(self) -> Iterator[FakeDatabase]:
        if self.refusals:
            raise NeedsSetup(self.refusals.pop(0))
        self.is_open = True
        yield self.database
        self.is_open = False


class Heard:
    def __init__(self, watch: DatabaseWatch) -> None:
        self.links: list[tuple[bool, str]] = []
        self.channels: list[str] = []
        self.opened: list = []
        watch.link_changed.connect(lambda is_live, text: self.links.append((is_live, text)))
        watch.notified.connect(self.channels.append)
        watch.opened.connect(self.opened.append)


@pytest.fixture
def door(database: FakeDatabase, monkeypatch) -> Door:
    monkeypatch.setattr(database_watch, "_PAUSES_S", (0.02,))
    return Door(database)


@pytest.fixture
def watch(qapp, door: Door) -> Iterator[DatabaseWatch]:
    made = DatabaseWatch(door)
    yield made
    made.stop()


def test_everything_is_asked_for_when_the_link_stands_and_on_notice(qtbot, watch, door):
    heard = Heard(watch)
    watch.start()
    qtbot.waitUntil(lambda: len(heard.channels) == len(CHANNELS))
    assert heard.opened == [door.database]
    assert heard.links == [(True, "live")]
    door.database.say("alerts")
    qtbot.waitUntil(lambda: heard.channels[-1] == "alerts" and len(heard.channels) == 4)


def test_a_database_that_goes_away_and_returns_is_said_once_each(qtbot, watch, door):
    heard = Heard(watch)
    watch.start()
    qtbot.waitUntil(lambda: bool(heard.links))
    door.database.away = "The database does not answer."
    qtbot.waitUntil(lambda: len(heard.links) == 2)
    door.database.away = ""
    qtbot.waitUntil(lambda: len(heard.links) == 3)
    assert heard.links == [(True, "live"), (False, "The database does not answer."), (True, "live")]
    assert heard.channels.count("alerts") >= 2


def test_a_database_that_cannot_be_opened_says_why_and_is_tried_again(qtbot, watch, door):
    door.refusals = ["Run main.py db upgrade.", "Run main.py db upgrade."]
    heard = Heard(watch)
    watch.start()
    qtbot.waitUntil(lambda: bool(heard.opened))
    qtbot.waitUntil(lambda: len(heard.links) == 2)
    assert heard.links == [(False, "Run main.py db upgrade."), (True, "live")]


def test_stopping_leaves_the_database(qtbot, watch, door):
    watch.start()
    qtbot.waitUntil(lambda: door.is_open)
    watch.stop()
    watch.stop()
    assert not door.is_open
