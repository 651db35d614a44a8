from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QTableView

from console.bridge.people_commands import SwitchStation
from console.panels.settings.stations_section import StationsSection
from models.records.account import StationAccount
from tests.unit.console.event_loop import next_turn
from tests.unit.console.panels.settings.account_parts import NOW_AT

HALL_A = StationAccount(
    3, "Hall A", True, "0.2.0", NOW_AT - timedelta(seconds=4), NOW_AT - timedelta(days=3), NOW_AT
)
NEW = StationAccount(4, "Hall B", True, "", None, NOW_AT, NOW_AT)


@pytest.fixture
def stations(settings, empty_bridge) -> StationsSection:
    settings.show_section("stations")
    empty_bridge.asked.pop().on_done([HALL_A, NEW])
    empty_bridge.asked.clear()
    settings.current_section.focus_first()
    return settings.current_section


def row(section: StationsSection, number: int) -> list[str]:
    return [section.table_model.index(number, column).data() for column in range(4)]


def order(section: StationsSection) -> None:
    QTest.keyClick(section.findChild(QTableView, "stations-table"), Qt.Key.Key_D)
    next_turn()
    QTest.keyClick(section.findChild(QPushButton, "station-switch-go"), Qt.Key.Key_Space)


def test_stations_say_when_they_were_heard_of_and_in_which_version(stations):
    assert row(stations, 0) == ["Hall A", "Enabled", "4 s ago", "0.2.0"]
    assert row(stations, 1) == ["Hall B", "Enabled", "never", "–"]


def test_disabling_stays_pending_until_the_list_says_so(stations, empty_bridge):
    order(stations)
    assert empty_bridge.commanded[0].what == SwitchStation(3, is_enabled=False)
    empty_bridge.confirm_next(1)
    assert row(stations, 0)[1] == "Disabling…"

    empty_bridge.answer_next([replace(HALL_A, is_enabled=False), NEW])
    assert row(stations, 0)[1] == "Disabled"
    assert stations.findChild(QLabel, "stations-said").text() == "Hall A is disabled now."
    assert stations.findChild(QPushButton, "stations-switch").text().startswith("Enable…")


def test_a_refusal_is_said_in_the_form_and_nothing_is_pending(stations, empty_bridge):
    order(stations)
    empty_bridge.refuse_next("Only an administrator may do this.")

    assert stations.findChild(QLabel, "station-switch-said").text() == "Only an administrator may do this."
    assert row(stations, 0)[1] == "Enabled"


def test_signs_of_life_are_asked_for_while_somebody_looks(stations, empty_bridge):
    for _ in range(5):
        stations.on_second()

    assert len(empty_bridge.asked) == 1
