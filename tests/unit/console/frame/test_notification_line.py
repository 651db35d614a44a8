"""The line that says that nobody off the console is told: to whom, when, and what of it."""

from datetime import timedelta

import pytest
from PySide6.QtWidgets import QLabel, QPushButton

from console.frame.notification_line import NotificationLine, ask_troubles, sentence_of
from console.panels.wording import moment_from_unix
from models.records.notification import ChannelTrouble
from models.records.person import Person, Role
from tests.unit.console.frame.frame_parts import NOW

NOW_AT = moment_from_unix(NOW)
HUNG = ChannelTrouble(
    "Plant mail", NOW_AT - timedelta(minutes=12), 3, "The server did not answer within 15 s."
)
OPERATOR = Person(3, "Ben Lund", "ben@example.org", Role.OPERATOR)
ENGINEER = Person(4, "Kim Falk", "kim@example.org", Role.USER)


@pytest.fixture
def shown():
    return []


@pytest.fixture
def line(qtbot, bridge, themes, shown):
    made = NotificationLine(bridge, themes, lambda: shown.append("settings"), lambda: NOW)
    qtbot.addWidget(made)
    made.start()
    yield made
    made.stop()


def test_it_is_hidden_while_all_is_well_and_says_what_is_wrong(line, bridge):
    assert bridge.asked[0].what is ask_troubles
    bridge.answer_next([])
    assert line.isHidden()
    line._ask()
    bridge.answer_next([HUNG])
    assert not line.isHidden()
    text = line.findChild(QLabel, "notification-text").text()
    assert "Nobody off the console has been told by “Plant mail” since" in text
    assert "3 messages waiting. The server did not answer within 15 s." in text


def test_an_administrator_is_led_to_what_can_mend_it(line, bridge, shown):
    bridge.answer_next([HUNG])
    line.findChild(QPushButton, "notification-show").click()
    assert shown == ["settings"]


def test_an_operator_is_told_that_they_are_alone_and_whom_to_ask(line, bridge):
    bridge.set_person(OPERATOR)
    bridge.answer_next([ChannelTrouble("Plant mail", HUNG.since, 3, "")])
    assert "An administrator finds the reason" in line.findChild(QLabel, "notification-text").text()
    assert line.findChild(QPushButton, "notification-show").isHidden()


def test_an_engineer_is_not_asked_about_it(line, bridge):
    bridge.asked.clear()
    bridge.set_person(ENGINEER)
    line._ask()
    assert bridge.asked == []


def test_several_channels_are_counted():
    other = ChannelTrouble("Paging", NOW_AT, 0, "")
    told = sentence_of([HUNG, other], NOW_AT, is_admin=True)
    assert "by “Plant mail”, nor by 1 other channel since" in told


def test_messages_that_no_station_tries_ask_whether_one_runs():
    told = sentence_of([ChannelTrouble("Paging", NOW_AT, 1, "")], NOW_AT, is_admin=True)
    assert told.endswith("No station has tried: is one running?")


def test_news_that_come_in_dozens_are_one_question(line, bridge, qtbot):
    bridge.answer_next([])
    line._soon.setInterval(10)
    for _ in range(12):
        bridge.notifications_changed.emit()
    qtbot.waitUntil(lambda: bool(bridge.asked))
    assert len(bridge.asked) == 1
