from dataclasses import replace

import msgspec
import pytest

from console.bridge.link_state import LinkState
from console.frame.rail import Rail, RailEntry, RailItem
from console.frame.station_badge import StationBadge, station_badge
from console.panels.stations.station_rows import station_rows
from console.widgets.flash import FlashClock
from console.widgets.theme import ThemeSource
from models.records.threshold import Severity
from tests.unit.console.panels.plant_scene import NOW
from tests.unit.console.panels.stations.station_parts import FILLING, HALL_A, HALL_B, LOST, report

LIVE = LinkState(is_window_live=True, is_opening=False)
CRITICAL = msgspec.structs.replace(FILLING, severity=Severity.CRITICAL)
FULL = replace(HALL_B, report=report(12, conditions=(CRITICAL, FILLING)))


def badge(*stations, link: LinkState = LIVE) -> StationBadge | None:
    return station_badge(station_rows(stations, link, NOW, NOW))


def test_stations_that_are_well_have_no_badge():
    assert badge(HALL_A, HALL_B) is None


def test_the_badge_counts_stations_not_conditions_and_shows_the_worst():
    shown = badge(HALL_A, FULL, LOST)

    assert (shown.group.severity, shown.group.count) == (Severity.CRITICAL, 2)
    assert shown.words == "2 stations need somebody, worst: critical"


def test_nothing_is_said_of_stations_about_which_the_database_cannot_be_asked():
    assert badge(FULL, LOST, link=replace(LIVE, is_window_live=False)) is None


@pytest.fixture
def entry(qtbot) -> RailEntry:
    rail = Rail([RailItem("stations", "Stations", "mdi6.server-network", "F6")], ThemeSource(), FlashClock())
    qtbot.addWidget(rail)
    shown = badge(LOST)
    rail.show_group("stations", shown.group, shown.words)
    return rail.findChild(RailEntry, "rail-stations")


def test_the_rail_says_it_in_words_that_are_not_about_alerts(entry):
    assert entry.accessibleName() == "Stations, 1 station needs somebody, worst: warning"
    assert entry.toolTip() == "Stations (F6): 1 station needs somebody, worst: warning"


def test_the_rail_forgets_it_once_all_is_well(entry):
    entry.show_group(None)

    assert (entry.accessibleName(), entry.toolTip()) == ("Stations", "Stations (F6)")
