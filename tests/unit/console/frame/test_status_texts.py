from datetime import datetime, timedelta, timezone

import pytest

from console.bridge.link_state import LinkState, database_text
from console.frame.degraded_line import sentence_of
from console.frame.status_texts import clock_phrase, database_phrase, feed_phrase, station_phrase
from models.records.station import StationReport

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


def test_a_healthy_plant_says_little():
    assert station_phrase(LIVE) == "collecting 23 of 24 devices"
    assert database_phrase(LIVE) == "live"
    assert feed_phrase(LIVE) == "live"
    assert sentence_of(LIVE) == ""


def test_missed_and_dropped_are_counted():
    report = StationReport(23, 24, 100, 90, 0, 10, 5, 1000, "live", 0.0)
    phrase = station_phrase(with_link(station=report))
    assert phrase == "collecting 23 of 24 devices, 5 polls missed (0.5%), 10 readings dropped"
    assert "drop 10 readings" in sentence_of(with_link(station=report))


def test_a_database_that_is_away_shows_what_is_buffered():
    report = StationReport(23, 24, 100, 90, 4210, 0, 0, 1000, "The database does not answer.", 0.0)
    text = database_text("live", report)
    assert text == "away: buffering 4,210 readings"
    assert database_phrase(with_link(is_database_live=False, database_text=text)) == text


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
    assert sentence_of(link) == "No live values. Starting the station…"


def test_the_first_opening_is_progress_and_no_failure():
    link = with_link(is_opening=True, is_database_live=False, database_text="Creating the database…")
    assert sentence_of(link) == "Creating the database…"


def test_the_clock_shows_the_offset_from_utc():
    moment = datetime(2026, 11, 22, 14, 3, 7, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    assert clock_phrase(moment) == "Sun 22 Nov  14:03:07  UTC+05:30"
