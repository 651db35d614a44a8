from datetime import UTC, datetime, timedelta, timezone

import pytest

from models.clock_words import moment_in_words

MOMENT = datetime(2026, 3, 1, 8, 14, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        (timezone(timedelta(hours=1)), "2026-03-01 09:14:02 UTC+01:00"),
        (timezone(timedelta(hours=-3, minutes=-30)), "2026-03-01 04:44:02 UTC-03:30"),
        (UTC, "2026-03-01 08:14:02 UTC"),
    ],
)
def test_a_moment_reads_as_on_the_wall_clock_and_says_how_far_from_utc_it_is(zone, words):
    assert moment_in_words(MOMENT, zone) == words


def test_without_a_zone_it_is_this_computers_clock():
    assert moment_in_words(MOMENT) == moment_in_words(MOMENT, MOMENT.astimezone().tzinfo)


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        (timezone(timedelta(hours=1)), "09:14:02"),
        # There it is still the day before.
        (timezone(timedelta(hours=-9)), "2026-02-28 23:14:02 UTC-09:00"),
    ],
)
def test_of_today_the_time_is_enough_as_it_is_on_the_screens(zone, words):
    assert moment_in_words(MOMENT, zone, now=datetime(2026, 3, 1, 20, 0, tzinfo=UTC)) == words
