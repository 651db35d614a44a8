"""Ticks of the time axis lie on round local times."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from console.widgets.time_axis import duration_text, moment_text, range_text, time_ticks

BERLIN = ZoneInfo("Europe/Berlin")
INDIA = ZoneInfo("Asia/Kolkata")


def unix(*parts: int, zone: ZoneInfo = BERLIN) -> float:
    return datetime(*parts, tzinfo=zone).timestamp()


@given(st.floats(1.5e9, 2e9), st.floats(5.0, 4e7), st.integers(1, 12))
def test_ticks_lie_inside_ascend_and_never_exceed_the_room(since, span, most):
    ticks = time_ticks(since, since + span, most, BERLIN)
    moments = [tick.at_unix for tick in ticks]
    assert len(ticks) <= most
    assert moments == sorted(set(moments))
    assert all(since <= moment <= since + span for moment in moments)


def test_ten_minutes_get_round_minutes():
    labels = [
        tick.label
        for tick in time_ticks(unix(2025, 11, 22, 13, 55, 9), unix(2025, 11, 22, 14, 5, 9), 6, BERLIN)
    ]
    assert labels == ["13:56", "13:58", "14:00", "14:02", "14:04"]


def test_a_minute_shows_seconds():
    labels = [
        tick.label
        for tick in time_ticks(unix(2025, 11, 22, 14, 0, 1), unix(2025, 11, 22, 14, 0, 31), 3, BERLIN)
    ]
    assert labels == ["14:00:10", "14:00:20", "14:00:30"]


def test_midnight_names_the_day():
    labels = [tick.label for tick in time_ticks(unix(2025, 11, 22, 21), unix(2025, 11, 23, 3), 6, BERLIN)]
    assert "23 Nov" in labels


def test_days_begin_at_local_midnight_across_the_end_of_summer_time():
    ticks = time_ticks(unix(2025, 10, 24, 12), unix(2025, 10, 29, 12), 6, BERLIN)
    hours = {datetime.fromtimestamp(tick.at_unix, BERLIN).hour for tick in ticks}
    assert hours == {0}
    assert [tick.label for tick in ticks] == ["25 Oct", "26 Oct", "27 Oct", "28 Oct", "29 Oct"]


def test_half_hour_zones_have_round_times_too():
    ticks = time_ticks(unix(2025, 5, 1, 9, 10, zone=INDIA), unix(2025, 5, 1, 15, 10, zone=INDIA), 6, INDIA)
    assert all(tick.label.endswith(":00") for tick in ticks)


def test_moments_and_ranges_are_told_with_their_day():
    assert moment_text(unix(2025, 11, 22, 14, 5, 9) + 0.34, BERLIN) == "22 Nov 14:05:09.3"
    since, until = unix(2025, 11, 22, 23, 55), unix(2025, 11, 23, 0, 5)
    assert range_text(since, since + 60, BERLIN) == "22 Nov 23:55:00 – 23:56:00"
    assert range_text(since, until, BERLIN) == "22 Nov 23:55:00 – 23 Nov 00:05:00"


def test_lengths_of_time_grow_their_units():
    told = [duration_text(seconds) for seconds in (0.4, 200, 7500, 273_600)]
    assert told == ["0.4 s", "3 min 20 s", "2 h 05 min", "3 d 4 h"]


def test_the_zone_of_the_computer_is_used_without_another():
    now = datetime(2025, 11, 22, 14, 0, tzinfo=UTC).timestamp()
    assert time_ticks(now - 600, now, 6)
