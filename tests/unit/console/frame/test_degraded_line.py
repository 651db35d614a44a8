"""The line below the banner and the gauge of the spool in a whole window."""

import pytest
from msgspec import structs
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QPushButton, QWidget

from console.bridge.sound_files import Sound
from models.records.station import Condition, ConditionKind, StationReport
from models.records.threshold import Severity
from tests.unit.console.frame.frame_parts import NOW

REPORT = StationReport(5, 5, 100, 100, 0, 0, 0, 1000, "live", NOW)
FILLING = Condition(ConditionKind.SPOOL_FILLING, Severity.WARNING, NOW, "The spool is 85 % full. " * 20)
LOST = Condition(ConditionKind.STATION_LOST, Severity.CRITICAL, NOW, "The station hall-b is gone.")


@pytest.fixture
def line(window) -> QWidget:
    return window.workplace.findChild(QWidget, "degraded-line")


@pytest.fixture
def spoken(monkeypatch) -> list[str]:
    """Names of what was told to screen readers as an alert."""
    names: list[str] = []
    monkeypatch.setattr(
        QAccessible, "updateAccessibility", lambda event: names.append(event.object().objectName())
    )
    return names


def conditions(bridge, *wrong: Condition, **figures) -> None:
    bridge.set_link(station=structs.replace(REPORT, conditions=wrong, **figures))


def test_it_is_one_line_high_however_much_it_has_to_say(window, bridge, line):
    conditions(bridge, LOST)
    short = line.height()
    conditions(bridge, FILLING, LOST)
    assert line.height() == short < 40
    assert window.minimumSizeHint().width() <= 1280
    assert line.toolTip() == FILLING.sentence


def test_the_others_are_a_button_that_leads_to_the_stations(qtbot, bridge, line):
    conditions(bridge, LOST, FILLING)
    more = line.findChild(QPushButton, "degraded-more")
    assert (more.isVisible(), more.text()) == (True, "and 1 more")
    with qtbot.waitSignal(line.stations_wanted):
        qtbot.mouseClick(more, Qt.MouseButton.LeftButton)
    conditions(bridge, LOST)
    assert not more.isVisible()


def test_only_something_new_is_said_aloud(bridge, line, spoken):
    conditions(bridge, LOST)
    conditions(bridge, LOST, waiting=7)
    assert spoken.count("degraded-line") == 1
    conditions(bridge, LOST, FILLING)
    assert spoken.count("degraded-line") == 2


def test_what_is_wrong_with_the_station_sounds_until_it_is_silenced(qtbot, window, bridge):
    conditions(bridge, FILLING)
    assert bridge.sounds.wanted is Sound.WARNING
    qtbot.keyClick(window, Qt.Key.Key_F12)
    assert bridge.sounds.wanted is None
    conditions(bridge, FILLING, waiting=7)
    assert bridge.sounds.wanted is None
    conditions(bridge, LOST, FILLING)
    assert bridge.sounds.wanted is Sound.CRITICAL


def test_the_gauge_is_there_while_something_waits_and_takes_colour_when_it_gets_full(window, bridge):
    gauge = window.workplace.findChild(QWidget, "status-spool")
    assert not gauge.isVisible()
    conditions(bridge, spooled=10, spool_bytes=800, spool_limit_bytes=1000)
    assert (gauge.isVisible(), gauge.is_filling) == (True, False)
    conditions(bridge, spooled=10, spool_bytes=801, spool_limit_bytes=1000)
    assert gauge.is_filling
    assert "801 B of 1 kB" in gauge.toolTip()
    assert gauge.accessibleName().startswith("Spool 80% full.")
