from collections.abc import Iterator

import pytest

from console.bridge import database_watch
from console.bridge.database_watch import CHANNELS, DatabaseWatch
from models.errors import Refusal, SignInRefused
from tests.unit.console.bridge.bridge_parts import FakeDatabase

DISABLED = SignInRefused("This account is disabled.", Refusal.DISABLED)


class Heard:
    def __init__(self, watch: DatabaseWatch) -> None:
        self.links: list[tuple[bool, str]] = []
        self.channels: list[str] = []
        self.refusals: list[str] = []
        watch.link_changed.connect(lambda is_live, text: self.links.append((is_live, text)))
        watch.notified.connect(self.channels.append)
        watch.refused.connect(self.refusals.append)


@pytest.fixture
def watch(qapp, database: FakeDatabase, monkeypatch) -> Iterator[DatabaseWatch]:
    monkeypatch.setattr(database_watch, "_PAUSES_S", (0.02,))
    made = DatabaseWatch(database)
    yield made
    made.stop()
    made.stop()


def test_everything_is_asked_for_when_the_link_stands_and_on_notice(qtbot, watch, database):
    heard = Heard(watch)
    watch.start()
    qtbot.waitUntil(lambda: len(heard.channels) == len(CHANNELS))
    assert heard.links == [(True, "live")]
    database.say("people")
    qtbot.waitUntil(lambda: heard.channels[len(CHANNELS) :] == ["people"])


def test_a_database_that_goes_away_and_returns_is_said_once_each(qtbot, watch, database):
    heard = Heard(watch)
    watch.start()
    qtbot.waitUntil(lambda: bool(heard.links))
    database.away = "The database does not answer."
    qtbot.waitUntil(lambda: len(heard.links) == 2)
    database.away = ""
    qtbot.waitUntil(lambda: len(heard.links) == 3)
    assert heard.links == [(True, "live"), (False, "The database does not answer."), (True, "live")]
    assert heard.channels.count("alerts") >= 2


def test_a_login_that_is_not_let_in_any_more_is_told_apart_from_a_database_that_is_away(
    qtbot, watch, database
):
    heard = Heard(watch)
    watch.start()
    qtbot.waitUntil(lambda: bool(heard.links))
    database.away = "The database does not answer."
    qtbot.waitUntil(lambda: len(heard.links) == 2)
    assert heard.refusals == []
    database.refusal = DISABLED
    qtbot.waitUntil(lambda: heard.refusals[:1] == ["This account is disabled."])


def test_whoever_left_hears_nothing_more_and_the_thread_ends(qtbot, watch, database):
    heard = Heard(watch)
    watch.start()
    qtbot.waitUntil(lambda: len(heard.channels) == len(CHANNELS))
    watch.leave()
    database.say("alerts")
    qtbot.waitUntil(lambda: not watch.is_running)
    assert len(heard.channels) == len(CHANNELS)
