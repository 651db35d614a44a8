"""The site's rules about alerts, as an administrator sets them."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QPushButton

from console.bridge.alert_commands import SaveAlarmSettings
from console.panels.settings.alarm_checks import (
    clock_from_text,
    day_text,
    length_error,
    length_from_text,
    positions_error,
    shifts_error,
    shifts_from_typed,
    zone_error,
)
from console.panels.settings.alarm_section import AlarmSection
from console.panels.settings.section import Surroundings
from console.widgets.theme import LIGHT, ThemeSource
from models.records.shelf import AlarmSettings, Shift
from tests.unit.console.fake_bridge import FakeBridge

SHIFTS = (Shift("Early", "06:00"), Shift("Late", "14:00"), Shift("Night", "22:00"))
STORED = AlarmSettings(shifts=SHIFTS, time_zone="Europe/Berlin")


@pytest.fixture
def bridge(qtbot) -> FakeBridge:
    made = FakeBridge()
    made.set_alarm_settings(STORED)
    return made


@pytest.fixture
def section(qtbot, bridge) -> AlarmSection:
    themes = ThemeSource()
    themes.use(LIGHT)
    made = AlarmSection(Surroundings(bridge, themes, lambda: 0.0))
    qtbot.addWidget(made)
    made.resize(950, 600)
    made.show()
    return made


@pytest.fixture
def find(section) -> Callable:
    return lambda kind, name: section.findChild(kind, f"alarm-{name}")


def test_what_is_stored_is_shown_and_there_is_nothing_to_save(find):
    assert [find(QLineEdit, name).text() for name in ("shelf", "maintenance", "positions")] == [
        "12 h",
        "7 d",
        "1",
    ]
    assert find(QComboBox, "zone").currentText() == "Europe/Berlin"
    assert find(QLineEdit, "shift-name-2").text() == "Late"
    assert find(QLabel, "shifts-below").text() == "Early 06:00–14:00, Late 14:00–22:00, Night 22:00–06:00"
    assert find(QPushButton, "save").isEnabled() is False


def test_what_is_typed_is_stored_for_everybody(bridge, find):
    find(QLineEdit, "shelf").setText("90 min")
    find(QLineEdit, "positions").setText("2")
    QTest.keyClick(find(QPushButton, "save"), Qt.Key.Key_Space)
    (asked,) = bridge.commanded
    assert asked.what == SaveAlarmSettings(replace(STORED, max_shelf_s=5400.0, operator_positions=2))
    assert find(QPushButton, "save").isEnabled() is False
    bridge.confirm_next(None)
    assert find(QLabel, "said").text() == "Saved; it holds for everybody from now on."


def test_shifts_are_added_and_taken_out_and_stored_in_the_order_of_the_day(bridge, find):
    find(QPushButton, "shift-remove-2").click()
    find(QPushButton, "shift-add").click()
    find(QLineEdit, "shift-name-4").setText("Dawn")
    find(QLineEdit, "shift-starts-4").setText("4.30")
    find(QPushButton, "save").click()
    (asked,) = bridge.commanded
    assert asked.what.settings.shifts == (Shift("Dawn", "04:30"), SHIFTS[0], SHIFTS[2])


@pytest.mark.parametrize(
    ("name", "typed", "sentence"),
    [
        ("shelf", "31 d", "Between 1 min and 30 d."),
        ("maintenance", "soon", "is no length of time"),
        ("positions", "0", "A whole number from 1 to 100."),
        ("shift-starts-1", "25:00", "Say when Early begins"),
    ],
)
def test_what_cannot_be_is_said_beside_it_and_not_stored(find, name, typed, sentence):
    find(QLineEdit, name).setText(typed)
    below = find(QLabel, f"{name.partition('-')[0].replace('shift', 'shifts')}-below")
    assert sentence in below.text()
    assert find(QPushButton, "save").isEnabled() is False


def test_an_unknown_time_zone_is_said(find):
    find(QComboBox, "zone").setEditText("Mars/Base")
    assert "No such time zone" in find(QLabel, "zone-below").text()


def test_undo_shows_what_is_stored(find):
    find(QLineEdit, "shelf").setText("1 h")
    find(QPushButton, "undo").click()
    assert find(QLineEdit, "shelf").text() == "12 h"


def test_a_change_elsewhere_is_shown_and_does_not_take_away_what_is_typed(bridge, find):
    bridge.set_alarm_settings(replace(STORED, operator_positions=3))
    assert find(QLineEdit, "positions").text() == "3"
    find(QLineEdit, "shelf").setText("1 h")
    bridge.set_alarm_settings(replace(STORED, operator_positions=4))
    assert "Somebody else changed these settings" in find(QLabel, "said").text()
    assert find(QLineEdit, "shelf").text() == "1 h"
    find(QPushButton, "undo").click()
    assert find(QLineEdit, "positions").text() == "4"


def test_a_refusal_is_said_and_everything_typed_stays(bridge, find):
    find(QLineEdit, "shelf").setText("1 h")
    find(QPushButton, "save").click()
    bridge.refuse_next("Only an administrator may change this.")
    assert find(QLabel, "said").text() == "Only an administrator may change this."
    assert (find(QLineEdit, "shelf").text(), find(QPushButton, "save").isEnabled()) == ("1 h", True)


@pytest.mark.parametrize(
    ("typed", "seconds"), [("90", 5400.0), ("90 s", 90.0), ("1,5 h", 5400.0), ("7 d", 604_800.0)]
)
def test_a_bare_number_is_minutes(typed, seconds):
    assert (length_from_text(typed), length_error(typed, 1e9)) == (seconds, "")


@pytest.mark.parametrize("typed", ["", "1.5", "-1", "x", "101", "²"])
def test_positions_are_whole_numbers(typed):
    assert positions_error(typed)


def test_time_zones_are_those_this_computer_knows():
    assert (zone_error("Europe/Berlin"), zone_error("UTC")) == ("", "")
    assert zone_error("../etc/passwd")


@pytest.mark.parametrize(
    ("typed", "clock"), [("6:00", "06:00"), ("06.30", "06:30"), ("24:00", None), ("6", None)]
)
def test_times_of_day_are_read_as_people_write_them(typed, clock):
    assert clock_from_text(typed) == clock


@pytest.mark.parametrize(
    ("shifts", "sentence"),
    [
        ([("", "06:00")], "Every shift needs a name."),
        ([("A", "06:00"), ("A", "07:00")], "Two shifts have the same name."),
        ([("A", "06:00"), ("B", "6.00")], "Two shifts begin at the same time."),
        ([("x" * 61, "06:00")], "at most 60 characters"),
        ([], ""),
    ],
)
def test_shifts_that_cannot_be_are_named(shifts, sentence):
    assert sentence in shifts_error(shifts)


def test_a_site_may_work_without_shifts():
    assert day_text(shifts_from_typed([])).startswith("The site works without shifts")
