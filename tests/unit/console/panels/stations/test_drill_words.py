from dataclasses import replace
from datetime import timedelta

from console.panels.stations.drill_words import (
    drain_consequence,
    drill_consequence,
    hand_over_consequence,
    order_line,
    order_outcome,
    progress_of,
)
from console.panels.stations.station_rows import station_rows
from tests.unit.console.panels.plant_scene import NOW
from tests.unit.console.panels.stations.station_parts import HALL_A, HALL_B, NOW_AT, drill, report, station
from tests.unit.console.panels.stations.test_station_rows import LIVE

A, B, C = station_rows([HALL_A, HALL_B, station(3, "Hall C")], LIVE, NOW, NOW)
ASKED = drill(7, HALL_A, 40, begun_at=None, ended_at=None, outcome="")


def test_a_drill_says_first_what_it_does_and_who_polls_meanwhile():
    assert drill_consequence(A, [B], 60.0) == (
        "Hall A will be cut off the database for 1 min. What it reads is kept on its disk and delivered "
        "after; Hall B takes its devices over after some seconds."
    )
    assert drill_consequence(A, [], 60.0).endswith(
        "no other station works now, so it goes on polling by itself."
    )


def test_giving_everything_away_says_who_takes_it_or_that_nobody_can():
    assert drain_consequence(A, [B, C]).startswith(
        "12 devices of Hall A will be polled by Hall B and Hall C;"
    )
    assert drain_consequence(A, []).startswith("No other station works now: Hall A keeps 12 devices")


def test_a_hand_over_counts_what_moves_apart_from_what_is_there_already():
    assert hand_over_consequence(12, 3, "Hall B") == (
        "12 devices will be polled by Hall B; each pauses for at most one second. 3 more are there already. "
        "While Hall B is down, others poll them."
    )
    assert (
        hand_over_consequence(0, 2, "Hall B") == "Hall B polls these 2 devices already, and will keep them."
    )


def test_a_drill_tells_what_it_waits_for_and_how_much_time_is_left():
    begun = replace(ASKED, begun_at=NOW_AT - timedelta(seconds=18))
    over = replace(ASKED, begun_at=NOW_AT - timedelta(seconds=70))

    assert progress_of(ASKED, None, NOW_AT).words == "Waiting for the station to begin; asked 40 s ago."
    running = progress_of(begun, report(12, waiting=216), NOW_AT)
    assert (running.words, running.done, running.total) == (
        "Cut off the database, 42 s left; 216 readings kept so far.",
        18,
        60,
    )
    assert progress_of(over, report(12, waiting=99), NOW_AT).words == (
        "Connected again; waiting until everything kept is delivered: 99 readings left."
    )


def test_a_past_drill_is_listed_with_who_and_when_and_its_report():
    past = drill(1, HALL_A, 4000)

    assert order_line(past, NOW_AT).startswith("Drill of 1 min, asked by Eva Lind, ")
    assert "none was lost" in order_outcome(past)
    assert order_outcome(ASKED) == "Under way."
