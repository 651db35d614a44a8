from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QPushButton, QSpinBox, QTableView

from console.bridge.station_commands import AssignDevices, DrainStation, OrderStation, WithdrawOrder
from console.panels.stations.history_dialog import HistoryDialog
from console.panels.stations.station_questions import AskHistory, AskLeases, LeasesNow
from console.panels.stations.stations_panel import StationsPanel
from models.records.device import DeviceId
from models.records.person import Person, Role
from models.records.station import OrderKind
from tests.unit.console.event_loop import next_turn
from tests.unit.console.fake_bridge import FakeBridge
from tests.unit.console.panels.plant_scene import NOW, fill
from tests.unit.console.panels.stations.station_parts import (
    FILLING,
    HALL_A,
    HALL_B,
    LOST,
    NOW_AT,
    drill,
    go_live,
    leases,
    report,
    span,
    station,
)

Opened = Callable[..., StationsPanel]


@pytest.fixture
def bridge(qtbot) -> FakeBridge:
    made = FakeBridge(NOW)
    fill(made, 4, seconds=2, has_alerts=False)
    return made


@pytest.fixture
def opened(show, bridge) -> Opened:
    """Show the screen with these stations; devices are shared out in turn."""

    def build(*stations, orders=(), among=()) -> StationsPanel:
        go_live(bridge, *stations)
        panel = show(StationsPanel, bridge)
        bridge.asked.pop().on_done(leases(bridge, *(among or stations), orders=orders))
        bridge.asked.clear()
        panel.activateWindow()
        assert QTest.qWaitForWindowActive(panel)
        return panel

    return build


def text(panel, name: str) -> str:
    return panel.findChild(QLabel, name).text()


def button(panel, name: str) -> QPushButton:
    return panel.findChild(QPushButton, name)


def cells(panel, name: str, column: int) -> list[str]:
    model = panel.findChild(QTableView, name).model()
    return [model.index(row, column).data() for row in range(model.rowCount())]


def key(panel, table: str, pressed: Qt.Key, *modifiers: Qt.KeyboardModifier) -> None:
    """Press a key on a table that has the keyboard."""
    found = panel.findChild(QTableView, table)
    found.setFocus()
    QTest.keyClick(found, pressed, *modifiers)
    next_turn()


def press(panel, name: str) -> None:
    next_turn()
    QTest.keyClick(button(panel, name), Qt.Key.Key_Space)


def test_every_station_is_told_with_its_devices_clock_and_disk(opened):
    panel = opened(
        HALL_A, replace(HALL_B, report=report(12, clock_offset_s=-1.42)), LOST, among=(HALL_A, HALL_B)
    )

    assert cells(panel, "stations-now", 0) == ["Hall A", "Hall B", "Paint shop"]
    assert cells(panel, "stations-now", 1)[:2] == ["collecting", "collecting"]
    assert cells(panel, "stations-now", 1)[2].startswith("lost since ")
    assert cells(panel, "stations-now", 2) == ["12 of 12", "12 of 12", "–"]
    assert cells(panel, "stations-now", 3) == ["+12 ms", "−1.4 s", "–"]
    assert text(panel, "stations-now-summary") == "3 stations · 4 devices, all polled"


def test_the_selected_station_says_what_is_wrong_and_what_to_do(opened):
    panel = opened(HALL_A, replace(HALL_B, report=report(12, conditions=(FILLING,))))
    panel.findChild(QTableView, "stations-now").selectRow(1)

    assert text(panel, "station-condition-0").startswith("The disk's share for readings is 82 % full; bring")


def test_a_single_station_says_what_a_second_would_bring_and_how(opened):
    assert "main.py station enroll" in text(opened(HALL_A), "stations-now-alone")


def test_two_stations_need_no_such_advice(opened):
    assert not opened(HALL_A, HALL_B).findChild(QLabel, "stations-now-alone").isVisible()


def test_while_the_database_is_away_the_age_of_what_is_shown_is_told(opened, bridge):
    panel = opened(HALL_A, HALL_B)
    bridge.now_unix += 45
    bridge.set_link(
        is_database_live=False, is_window_live=False, database_text="away: buffering 4,210 readings"
    )

    assert "as they were 45 s ago" in text(panel, "stations-now-old")
    assert cells(panel, "stations-now", 1) == ["collecting", "last known: collecting"]
    assert not button(panel, "station-do-drill").isEnabled()


def test_a_station_that_is_cut_off_alone_makes_nothing_old_for_a_window_that_asks_the_database(
    opened, bridge
):
    panel = opened(HALL_A, HALL_B)
    bridge.set_link(is_database_live=False, database_text="away: buffering 4,210 readings")

    assert cells(panel, "stations-now", 1) == ["collecting", "collecting"]
    assert not panel.findChild(QLabel, "stations-now-old").isVisible()


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.USER])
def test_who_is_no_administrator_sees_everything_and_is_offered_nothing(opened, bridge, role):
    bridge.set_person(Person(7, "Mara Olsen", "mara@example.org", role))
    panel = opened(HALL_A, HALL_B, orders=(drill(1, HALL_A, 400),))
    acting = ("station-do-drill", "station-do-drain", "station-devices-assign", "station-devices-balance")

    assert [name for name in acting if button(panel, name).isVisible()] == []
    assert button(panel, "station-devices-history").isVisible()
    assert "asked by Eva Lind" in text(panel, "station-orders")


def test_engineers_do_not_ask_for_what_they_may_not_read(show, bridge):
    bridge.set_person(Person(7, "Mara Olsen", "mara@example.org", Role.USER))
    show(StationsPanel, bridge)

    assert bridge.asked[0].what == AskLeases(with_orders=False)


def test_a_hand_over_says_its_consequence_and_is_pending_until_the_database_shows_it(opened, bridge):
    panel = opened(HALL_A, HALL_B)
    table = panel.findChild(QTableView, "station-devices")
    table.selectAll()
    key(panel, "station-devices", Qt.Key.Key_O)
    panel.findChild(QComboBox, "station-hand-over-to").setCurrentIndex(1)
    assert text(panel, "station-hand-over-consequence").startswith(
        "2 devices will be polled by Hall B; each pauses for at most one second. 2 more are there already."
    )
    press(panel, "station-hand-over-go")
    order = bridge.commanded[0].what
    assert (sorted(order.devices), order.station) == ([1, 2, 3, 4], HALL_B.id)
    bridge.confirm_next(2)
    assert sorted(cells(panel, "station-devices", 2)) == ["Hall B", "Hall B", "→ Hall B…", "→ Hall B…"]

    panel.on_second()
    panel.on_second()
    chosen = {device.id: HALL_B.id for device in bridge.catalogue.devices}
    bridge.answer_next(LeasesNow(leases(bridge, HALL_B).leases, chosen))
    assert set(cells(panel, "station-devices", 2)) == {"Hall B"}
    assert set(cells(panel, "station-devices", 4)) == {"for Hall B"}


def test_a_cancelled_hand_over_orders_nothing(opened, bridge):
    panel = opened(HALL_A, HALL_B)
    key(panel, "station-devices", Qt.Key.Key_O)
    assert panel.findChild(QComboBox, "station-hand-over-to").isVisible()
    press(panel, "station-hand-over-cancel")

    assert bridge.commanded == []


def test_what_was_chosen_goes_back_to_the_balance(opened, bridge):
    panel = opened(HALL_A, HALL_B)
    panel.on_second()
    panel.on_second()
    bridge.answer_next(replace(leases(bridge, HALL_A), chosen={DeviceId(1): HALL_A.id}))
    table = panel.findChild(QTableView, "station-devices")
    table.selectAll()
    key(panel, "station-devices", Qt.Key.Key_B)
    press(panel, "station-balance-go")

    assert bridge.commanded[0].what == AssignDevices((DeviceId(1),), None)


def test_giving_everything_away_is_pending_until_it_shows_and_can_be_undone(opened, bridge):
    panel = opened(HALL_A, HALL_B)
    key(panel, "stations-now", Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
    assert "will be polled by Hall B" in text(panel, "station-drain-title")
    press(panel, "station-drain-go")
    assert bridge.commanded[0].what == DrainStation(HALL_A.id, is_draining=True)
    bridge.confirm_next(HALL_A.id)
    assert cells(panel, "stations-now", 1)[0] == "will give everything away…"

    bridge.set_stations(replace(HALL_A, is_draining=True, devices=3), HALL_B)
    assert cells(panel, "stations-now", 1)[0] == "giving devices away"
    assert button(panel, "station-do-drain").text().startswith("Take devices again")


def test_a_drill_is_ordered_watched_and_reported(opened, bridge):
    panel = opened(HALL_A, HALL_B)
    press(panel, "station-do-drill")
    panel.findChild(QSpinBox, "station-drill-seconds").setValue(30)
    assert "cut off the database for 30 s" in text(panel, "station-drill-consequence")
    press(panel, "station-drill-go")
    assert bridge.commanded[0].what == OrderStation(HALL_A.id, OrderKind.DRILL, 30.0)
    bridge.confirm_next(8)
    assert not button(panel, "station-do-drill").isEnabled()

    running = drill(8, HALL_A, 11, amount_s=30.0, ended_at=None, outcome="")
    bridge.set_stations(replace(HALL_A, order="drill"), HALL_B)
    bridge.answer_next(leases(bridge, HALL_A, HALL_B, orders=(running,)))
    assert text(panel, "station-under-way") == "Cut off the database, 20 s left."

    bridge.set_stations(HALL_A, HALL_B)
    done = replace(running, ended_at=NOW_AT, outcome="Kept 360 readings; none was lost.")
    bridge.answer_next(leases(bridge, HALL_A, HALL_B, orders=(done,)))
    assert "none was lost" in text(panel, "station-orders")
    assert not panel.findChild(QLabel, "station-under-way").isVisible()


def test_what_no_station_has_begun_can_be_withdrawn(opened, bridge):
    waiting = drill(8, HALL_A, 11, begun_at=None, ended_at=None, outcome="")
    panel = opened(replace(HALL_A, order="drill"), HALL_B, orders=(waiting,))
    key(panel, "stations-now", Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert text(panel, "station-withdraw-title") == (
        "Hall A has not begun yet, and will not be cut off for a drill."
    )
    press(panel, "station-withdraw-go")
    assert bridge.commanded[0].what == WithdrawOrder(8)

    begun = replace(waiting, begun_at=NOW_AT)
    bridge.set_stations(replace(HALL_A, order="drill"), HALL_B)
    bridge.answer_next(leases(bridge, HALL_A, HALL_B, orders=(begun,)))
    assert not button(panel, "station-do-withdraw").isVisible()


def test_a_refusal_is_said_in_the_form_and_nothing_is_pending(opened, bridge):
    panel = opened(HALL_A, HALL_B)
    press(panel, "station-do-drill")
    press(panel, "station-drill-go")
    bridge.refuse_next("The station is still busy with what it was asked before.")

    assert text(panel, "station-drill-said") == "The station is still busy with what it was asked before."
    assert cells(panel, "stations-now", 1) == ["collecting", "collecting"]


def test_who_polled_a_device_is_one_key_away(opened, bridge):
    panel = opened(HALL_A, HALL_B)
    key(panel, "station-devices", Qt.Key.Key_W)
    asked = bridge.asked.pop()
    assert isinstance(asked.what, AskHistory)
    took = NOW_AT - timedelta(seconds=500)
    before = span(1, HALL_B, 4000.0, epoch=2, ended_at=took, last_reading_at=took - timedelta(seconds=5.1))
    asked.on_done([span(1, HALL_A, 500.0), before])
    dialog = panel.findChild(HistoryDialog)

    assert cells(dialog, "station-history-table", 0) == ["Hall A", "Hall B"]
    assert cells(dialog, "station-history-table", 4) == [
        "taken over from Hall B, 5.1 s after its last reading",
        "first on record",
    ]
    assert text(dialog, "station-history-said").startswith("1 takeover on record")


def test_typing_narrows_the_devices_and_escape_shows_all_again(opened):
    panel = opened(HALL_A, HALL_B)
    search = panel.findChild(QLineEdit, "station-devices-search")
    QTest.keyClicks(search, "press 4")
    assert cells(panel, "station-devices", 0) == ["Press 4"]
    QTest.keyClick(search, Qt.Key.Key_Escape)
    assert len(cells(panel, "station-devices", 0)) == 4


def test_eight_stations_are_all_seen_without_scrolling(opened):
    panel = opened(*(station(number, f"Hall {number}", 1) for number in range(1, 9)))
    table = panel.findChild(QTableView, "stations-now")

    assert not table.verticalScrollBar().isVisible()
    assert not table.horizontalScrollBar().isVisible()
