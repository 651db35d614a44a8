from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from console.bridge.link_state import LinkState
from console.panels.stations.station_rows import StationRow, StationState, others_alive, station_rows
from console.panels.stations.station_words import (
    clock_words,
    devices_words,
    room_words,
    spool_sentence,
    spool_words,
    state_sentence,
    state_words,
    summary,
)
from console.widgets.status_lamp import LampState
from models.records.lease import LEASE_S
from models.records.station import Condition, ConditionKind
from models.records.threshold import Severity
from tests.unit.console.panels.plant_scene import NOW
from tests.unit.console.panels.stations.station_parts import (
    FILLING,
    HALL_A,
    HALL_B,
    LOST,
    MIB,
    NOW_AT,
    report,
    station,
)

LIVE = LinkState(is_database_live=True, is_window_live=True, database_text="live", is_opening=False)
DRILL = Condition(ConditionKind.DRILL, Severity.INFO, NOW, "Drill until 03:12:40: readings are kept here.")
DRILLING = report(0, is_silent=True, conditions=(DRILL,))
HERE = replace(
    LIVE,
    is_station_connected=True,
    station=report(11, configured=12),
    station_name="Hall A",
    station_version="0.3.1",
    feed_age_s=0.2,
)
AWAY = replace(HERE, is_database_live=False, is_window_live=False)


def row(of, link=LIVE, told_ago_s: float = 1.0) -> StationRow:
    return station_rows([of], link, NOW, NOW - told_ago_s)[0]


@pytest.mark.parametrize(
    ("of", "state"),
    [
        (HALL_A, StationState.COLLECTING),
        (station(1, "Hall A", 0), StationState.STANDBY),
        (LOST, StationState.LOST),
        (replace(LOST, order="drill"), StationState.LOST),
        (replace(LOST, order="drill", is_in_drill=True), StationState.DRILL),
        (replace(LOST, seen_at=None), StationState.NEW),
        (replace(HALL_A, is_enabled=False, is_alive=False), StationState.DISABLED),
        (replace(HALL_A, is_draining=True), StationState.DRAINING),
        (replace(HALL_A, is_draining=True, devices=0), StationState.DRAINED),
        (replace(HALL_A, report=report(0, is_silent=True)), StationState.SILENT),
        (replace(HALL_A, order="drill", is_in_drill=True), StationState.DRILL),
    ],
    ids=lambda value: str(value) if isinstance(value, StationState) else "",
)
def test_a_station_is_in_one_state(of, state):
    assert row(of).state is state


def test_the_station_of_this_computer_comes_first_with_its_live_figures():
    rows = station_rows([station(2, "Annex"), HALL_A], HERE, NOW, NOW)

    assert [(each.name, each.is_here) for each in rows] == [("Hall A", True), ("Annex", False)]
    assert (rows[0].collecting, rows[0].held, rows[0].version, rows[0].age_s) == (11, 12, "0.3.1", 0.2)


def test_while_the_database_is_away_others_are_as_last_known_and_the_one_here_is_live():
    here, other = station_rows([HALL_A, HALL_B], AWAY, NOW, NOW - 45)

    assert (here.is_old, here.lamp) == (False, LampState.ONLINE)
    assert (other.is_old, other.lamp) == (True, LampState.STALE)
    assert state_words(other, NOW_AT) == "last known: collecting"


def test_an_answer_that_nobody_renewed_is_old_although_the_database_is_said_to_live():
    assert [row(HALL_B, told_ago_s=age).is_old for age in (14.0, 16.0)] == [False, True]


def test_a_station_without_a_row_of_its_own_is_shown_by_what_it_tells_here():
    (only,) = station_rows([], HERE, NOW, NOW)

    assert (only.id, only.name, only.state, only.may_take) == (0, "Hall A", StationState.COLLECTING, False)


def test_two_clocks_that_differ_make_no_living_station_old():
    behind = replace(HALL_B, seen_at=NOW_AT - timedelta(seconds=300))
    ahead = replace(HALL_B, seen_at=NOW_AT + timedelta(seconds=300))

    assert row(behind).age_s == 1.0 + LEASE_S
    assert row(ahead).age_s == 0.0


def test_what_is_worst_is_shown_and_a_lost_station_is_a_warning_by_itself():
    critical = msgspec.structs.replace(FILLING, severity=Severity.CRITICAL)
    assert row(replace(HALL_A, report=report(12, conditions=(FILLING, critical)))).worst is Severity.CRITICAL
    assert row(LOST).worst is Severity.WARNING
    assert row(HALL_A).worst is None


def test_only_stations_that_work_now_can_take_devices():
    rows = station_rows([HALL_A, HALL_B, LOST, replace(HALL_B, id=9, is_draining=True)], LIVE, NOW, NOW)

    assert [each.id for each in others_alive(rows, rows[0])] == [HALL_B.id]


def test_clock_offsets_have_sign_and_unit():
    words = [clock_words(offset) for offset in (None, 0.0001, 0.012, -1.42, 240.0)]
    assert words == ["–", "0 ms", "+12 ms", "−1.4 s", "+4 min"]


def test_room_is_told_in_hours_until_days_say_more():
    words = [room_words(seconds) for seconds in (None, 90.0, 5400.0, 41_000.0, 11 * 86_400.0, 1e9)]
    assert words == ["–", "90 s", "1.5 h", "11 h", "11 d", "> 99 d"]


def test_what_waits_on_disk_is_told_in_readings_bytes_and_hours():
    full = report(12, spooled=4210, waiting=4210, spool_bytes=1700 * MIB, room_s=41_000.0)

    assert spool_words(full) == "4,210 · room 11 h"
    assert spool_sentence(full) == (
        "4,210 readings waiting, 1.7 GB of 2.0 GB in use; room for 11 h at the present pace"
    )
    assert spool_words(report(12)) == "empty · room 73 h"
    assert spool_words(report(12, spool_limit_bytes=0)) == "–"


def test_a_drill_is_nothing_wrong_with_a_station():
    drilled = row(replace(HALL_A, order="drill", report=DRILLING), replace(HERE, station=DRILLING))
    assert (drilled.conditions, drilled.worst) == ((), None)
    assert state_sentence(drilled) == DRILL.sentence


def test_a_station_that_gives_no_sign_of_life_does_not_say_how_many_devices_answer():
    assert devices_words(row(replace(HALL_A, is_alive=False))) == "– of 12"
    assert devices_words(row(station(1, "Hall A", 0))) == "0"


@pytest.mark.parametrize(
    ("unpolled", "words"),
    [(0, "24 devices, all polled"), (3, "24 devices, 3 not polled now"), (24, "24 devices, none polled now")],
)
def test_the_headline_says_whether_everything_is_polled(unpolled, words):
    assert summary([row(HALL_A)], 24, unpolled) == f"1 station · {words}"


def test_this_computers_station_is_known_by_its_number_whatever_people_call_it():
    renamed = replace(HALL_A, name="Control room")
    link = replace(HERE, station_name="plant-pc", station_id=HALL_A.id)
    rows = station_rows([HALL_B, renamed], link, NOW, NOW - 1)
    assert [(row.name, row.is_here) for row in rows] == [("Control room", True), ("Hall B", False)]
