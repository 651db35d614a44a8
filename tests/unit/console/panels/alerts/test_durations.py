from datetime import UTC, datetime

import pytest

from console.panels.alerts.durations import SHELF_LENGTHS_S, lengths, seconds_to_shift_end
from console.panels.alerts.time_words import countdown_text, left_text, until_text
from console.panels.wording import length_text
from models.records.shelf import AlarmSettings, Shift

SHIFTS = (Shift("Early", "06:00"), Shift("Late", "14:00"), Shift("Night", "22:00"))
NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


def words(longest_s: float, settings: AlarmSettings) -> list[str]:
    return [length.words for length in lengths(SHELF_LENGTHS_S, longest_s, settings, NOON)]


def test_nothing_longer_than_the_site_allows_is_offered():
    assert words(5400.0, AlarmSettings()) == ["15 min", "30 min", "1 h", "1 h 30 min"]
    assert words(43_200.0, AlarmSettings())[-1] == "12 h"


def test_the_end_of_the_shift_is_offered_where_it_may_last_so_long():
    settings = AlarmSettings(shifts=SHIFTS)

    assert words(43_200.0, settings)[-1] == "Shift end"
    assert "Shift end" not in words(3600.0, settings)


@pytest.mark.parametrize(
    ("at", "zone", "expected_h"),
    [
        (NOON, "UTC", 2.0),
        (NOON.replace(hour=23), "UTC", 7.0),
        (NOON, "Europe/Berlin", 1.0),
        # On 29 March 2026 clocks there go from 02:00 to 03:00: the night is an hour shorter.
        (datetime(2026, 3, 28, 23, 0, tzinfo=UTC), "Europe/Berlin", 5.0),
    ],
)
def test_a_shift_ends_by_the_clock_on_the_wall(at, zone, expected_h):
    settings = AlarmSettings(shifts=SHIFTS, time_zone=zone)

    assert seconds_to_shift_end(settings, at) == expected_h * 3600


def test_without_shifts_there_is_no_end():
    assert seconds_to_shift_end(AlarmSettings(), NOON) is None


def test_shifts_of_a_zone_that_this_computer_does_not_know_end_by_utc():
    settings = AlarmSettings(shifts=SHIFTS, time_zone="Nowhere/Land")

    assert seconds_to_shift_end(settings, NOON) == 2.0 * 3600


def test_moments_to_come_are_said_as_people_say_them():
    assert until_text(NOON.replace(hour=14, minute=30), NOON, UTC) == "14:30"
    assert until_text(NOON.replace(day=11, hour=6), NOON, UTC) == "tomorrow 06:00"
    assert until_text(NOON.replace(day=28, hour=6), NOON, UTC) == "28 Mar 06:00"
    assert until_text(NOON.replace(year=2027, hour=6), NOON, UTC) == "2027-03-10 06:00"


def test_lengths_and_count_downs_are_said_as_people_say_them():
    assert [length_text(s) for s in (60, 5400, 86_400, 259_200)] == ["1 min", "1 h 30 min", "24 h", "3 days"]
    assert [length_text(s) for s in (0, 45, 90, 3629)] == ["0 s", "45 s", "1 min 30 s", "1 h"]
    assert countdown_text(425) == "7:05 left"
    assert countdown_text(3720) == "1:02:00 left"
    assert countdown_text(-190) == "3:10 too late"
    assert left_text(NOON, NOON) == "over"
