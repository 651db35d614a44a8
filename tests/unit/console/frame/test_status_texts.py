from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from msgspec import structs

from console.bridge.link_state import LinkState, database_text
from console.frame.status_texts import (
    bytes_text,
    clock_phrase,
    database_phrase,
    database_phrase_short,
    feed_phrase,
    line_text,
    more_conditions_text,
    room_text,
    spool_share,
    spool_tip,
    station_phrase,
)
from models.records.station import Condition, ConditionKind, StationReport
from models.records.threshold import Severity

REPORT = StationReport(23, 24, 100, 100, 0, 0, 0, 1000, "live", 0.0)
LIVE = LinkState(
    is_station_connected=True,
    station=REPORT,
    station_text="live",
    is_database_live=True,
    database_text="live",
    is_opening=False,
    feed_age_s=0.4,
)


def with_link(**changes) -> LinkState:
    names = (
        "is_station_connected",
        "station",
        "station_text",
        "is_database_live",
        "database_text",
        "is_opening",
    )
    values = {name: getattr(LIVE, name) for name in (*names, "feed_age_s")}
    return LinkState(**{**values, **changes})


def report(**changes) -> StationReport:
    return structs.replace(REPORT, **changes)


def sentence_of(link: LinkState) -> str:
    return line_text(link).sentence


AWAY = report(
    waiting=4210,
    spooled=4000,
    spool_bytes=34_000,
    spool_limit_bytes=2_000_000_000,
    room_s=42_000.0,
    database="The database does not answer.",
)
DRILL = "Drill until 03:12:40: readings are kept on this computer"
BUFFERING = "away: buffering 4,210 readings, room for 11 h 40 min"


def condition(kind: ConditionKind, severity: Severity, sentence: str) -> Condition:
    return Condition(kind, severity, 0.0, sentence)


LOST = condition(ConditionKind.STATION_LOST, Severity.CRITICAL, "The station hall-b gives no sign of life.")
FILLING = condition(ConditionKind.SPOOL_FILLING, Severity.WARNING, "The spool is 85 % full.")
DATABASE = condition(ConditionKind.DATABASE_AWAY, Severity.WARNING, "The database is away.")


def away_link(**changes) -> LinkState:
    text = database_text("live", AWAY)
    return with_link(**{"station": AWAY, "is_database_live": False, "database_text": text, **changes})


def test_a_healthy_plant_says_little():
    assert station_phrase(LIVE) == "collecting 23 of 24 devices"
    assert database_phrase(LIVE) == "live"
    assert feed_phrase(LIVE) == "live"
    assert sentence_of(LIVE) == ""


def test_missed_and_dropped_are_counted():
    missed = report(readings_stored=90, dropped=10, missed_periods=5)
    phrase = station_phrase(with_link(station=missed))
    assert (
        phrase == "collecting 23 of 24 devices, 5 polls missed (0.5\N{NO-BREAK SPACE}%), 10 readings dropped"
    )
    assert "drop 10 readings" in sentence_of(with_link(station=missed))


def test_a_database_that_is_away_shows_what_is_buffered_and_for_how_long_there_is_room():
    assert database_phrase(away_link()) == BUFFERING
    assert database_phrase(with_link(is_database_live=False, database_text="It does not answer.")) == "away"


def test_what_is_still_to_be_delivered_is_said_while_the_database_is_back():
    assert database_phrase(with_link(station=report(spooled=1))) == "live, 1 reading still to deliver"


def test_where_there_is_little_room_the_database_is_said_in_few_words():
    assert database_phrase_short(LIVE) == "live"
    assert database_phrase_short(with_link(station=report(spooled=1234))) == "live, 1,234 wait"
    assert database_phrase_short(away_link()) == "away, 4,210 wait"


def test_the_line_says_what_goes_on_and_what_to_do():
    assert sentence_of(away_link()) == (
        f"The database is {BUFFERING}. Check the database server and the network to it. "
        "Live values, new alerts and acknowledging go on; history waits."
    )


def drill_link(**changes) -> LinkState:
    told = condition(ConditionKind.DRILL, Severity.INFO, f"{DRILL}.")
    station = structs.replace(AWAY, conditions=(told,), **changes)
    return away_link(station=station, is_window_live=True)


def test_a_drill_is_named_and_nobody_is_sent_to_the_database():
    link = drill_link()
    assert database_phrase(link) == DRILL
    assert database_phrase_short(link) == "Drill until 03:12:40"
    assert sentence_of(link) == f"{DRILL}. Live values, new alerts and acknowledging go on."
    assert line_text(link).topics == {"drill"}


def test_a_station_that_gave_its_devices_up_for_a_drill_says_who_polls_them():
    link = drill_link(is_silent=True)
    assert sentence_of(link) == f"{DRILL}. Other stations poll its devices meanwhile."
    assert station_phrase(link) == "polls nothing during the drill"


def test_a_database_that_goes_away_during_a_drill_is_told_beside_it():
    link = replace(drill_link(), is_window_live=False)
    assert sentence_of(link).startswith(f"{DRILL}.")
    assert "Check the database server" in sentence_of(link)
    assert line_text(link).topics == {"drill", "database"}


def test_alerts_of_other_stations_are_called_old():
    link = replace(away_link(), has_devices_elsewhere=True)
    assert "all others, and their alerts, are as last heard." in sentence_of(link)
    deaf = replace(link, is_station_connected=False)
    assert "Alerts of devices polled elsewhere are as last heard." in sentence_of(deaf)


def test_without_station_and_database_this_windows_own_sentence_says_why():
    text = "The database at db:5432 does not answer."
    link = with_link(
        station=None, is_station_connected=False, station_text="None runs.", is_database_live=False,
        database_text=text,
    )  # fmt: skip
    assert sentence_of(link).startswith(
        f"No live values from this computer. None runs.  {text} Check the database server"
    )
    assert "Alerts are as last heard;" in sentence_of(link)


@pytest.mark.parametrize(
    ("room_s", "expected"),
    [
        (None, ""),
        (0.0, "no room left"),
        (40.0, "room for less than a minute"),
        (42_030.0, "room for 11 h 40 min"),
        (300_000.0, "room for 3 days"),
        (1e9, "room for more than 30 days"),
    ],
)
def test_room_is_a_length_of_time(room_s, expected):
    assert room_text(report(room_s=room_s)) == expected


def test_the_gauge_names_bytes_limit_and_room():
    assert spool_share(LIVE) is None
    assert spool_share(away_link()) == pytest.approx(0.000017)
    assert spool_tip(AWAY) == (
        "Kept on this computer until the database is back: 4,000 readings, 34 kB of 2.0 GB; "
        "room for 11 h 40 min."
    )


@pytest.mark.parametrize(
    ("count", "expected"),
    [(0, "0 B"), (999, "999 B"), (1_500, "2 kB"), (999_600, "1 MB"), (2_400_000_000, "2.4 GB")],
)
def test_sizes_are_said_in_fit_units(count, expected):
    assert bytes_text(count) == expected


def test_a_station_that_polls_nothing_now_is_on_standby():
    idle = with_link(station=report(collecting=0, configured=0))
    assert station_phrase(idle) == "standby: polls no device now"


def test_a_silent_station_says_why():
    silent = with_link(station=report(is_silent=True))
    assert station_phrase(silent) == "silent: another station may have taken over its devices"


@pytest.mark.parametrize(
    ("offset_s", "expected"),
    [
        (None, ""),
        (-1.0, ""),
        (3.24, ", clock 3.2 s ahead"),
        (-7200.0, ", clock 2 h behind"),
    ],
)
def test_a_wrong_clock_is_said_above_a_second(offset_s, expected):
    link = with_link(station=report(clock_offset_s=offset_s))
    assert station_phrase(link) == f"collecting 23 of 24 devices{expected}"
    assert ("have it set right" in sentence_of(link)) == bool(expected)


def test_the_worst_condition_is_named_and_the_others_are_counted():
    said = line_text(with_link(station=report(conditions=(LOST, FILLING, DATABASE))))
    assert (said.sentence, said.more) == (LOST.sentence, 2)
    assert more_conditions_text(said.more) == "and 2 more"
    assert more_conditions_text(0) == ""


def test_what_the_line_says_anyway_is_not_said_twice():
    said = line_text(away_link(station=structs.replace(AWAY, conditions=(DATABASE,))))
    assert (said.sentence.count("The database is away"), said.more) == (1, 0)


def test_what_is_critical_comes_first_and_a_warning_last():
    critical = sentence_of(away_link(station=structs.replace(AWAY, conditions=(LOST,))))
    warning = sentence_of(away_link(station=structs.replace(AWAY, conditions=(FILLING,))))
    assert critical.startswith(LOST.sentence)
    assert warning.endswith(FILLING.sentence)


def test_another_figure_is_no_other_topic():
    more = away_link(station=structs.replace(AWAY, waiting=9_999))
    assert line_text(more).topics == line_text(away_link()).topics == {"database"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"feed_age_s": None}, "–"),
        ({"feed_age_s": 42.0}, "42 s old"),
        ({"is_station_connected": False, "feed_age_s": 1.0}, "1 s old"),
    ],
)
def test_an_old_feed_shows_its_age(changes, expected):
    assert feed_phrase(with_link(**changes)) == expected


def test_a_missing_station_is_said_with_what_is_being_done():
    link = with_link(is_station_connected=False, station=None, station_text="Starting the station…")
    assert sentence_of(link) == "No live values from this computer. Starting the station…"


def test_the_first_opening_is_progress_and_no_failure():
    link = with_link(is_opening=True, is_database_live=False, database_text="Creating the database…")
    assert sentence_of(link) == "Creating the database…"


def test_the_clock_shows_the_offset_from_utc():
    moment = datetime(2026, 11, 22, 14, 3, 7, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    assert clock_phrase(moment) == "Sun 22 Nov  14:03:07  UTC+05:30"
