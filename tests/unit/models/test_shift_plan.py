"""Shifts over midnight, over the change of the clock, and on sites without shifts."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from models.records.shelf import AlarmSettings, Shift
from models.shift_plan import shift_at, shift_before

BERLIN = ZoneInfo("Europe/Berlin")
THREE = AlarmSettings(
    shifts=(Shift("Early", "06:00"), Shift("Late", "14:00"), Shift("Night", "22:00")),
    time_zone="Europe/Berlin",
)


def berlin(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("moment", "name", "began", "ends"),
    [
        (berlin(2026, 3, 10, 6), "Early", berlin(2026, 3, 10, 6), berlin(2026, 3, 10, 14)),
        (berlin(2026, 3, 10, 13, 59), "Early", berlin(2026, 3, 10, 6), berlin(2026, 3, 10, 14)),
        (berlin(2026, 3, 10, 23), "Night", berlin(2026, 3, 10, 22), berlin(2026, 3, 11, 6)),
        (berlin(2026, 3, 11, 3), "Night", berlin(2026, 3, 10, 22), berlin(2026, 3, 11, 6)),
    ],
)
def test_a_moment_lies_in_the_shift_that_began_last(moment, name, began, ends):
    span = shift_at(THREE, moment)
    assert (span.name, span.began_at, span.ends_at) == (name, began, ends)


@pytest.mark.parametrize(
    ("night", "hours"),
    [(berlin(2026, 3, 28, 23), 7), (berlin(2026, 10, 24, 23), 9), (berlin(2026, 6, 1, 23), 8)],
    ids=["clocks go on", "clocks go back", "an ordinary night"],
)
def test_the_night_of_the_change_is_an_hour_shorter_or_longer(night, hours):
    span = shift_at(THREE, night)
    assert span.ends_at - span.began_at == timedelta(hours=hours)


def test_a_shift_that_would_begin_in_the_hour_left_out_begins_when_the_clocks_go_on():
    plan = AlarmSettings(shifts=(Shift("A", "02:30"), Shift("B", "14:00")), time_zone="Europe/Berlin")
    span = shift_at(plan, berlin(2026, 3, 29, 12))
    assert span.began_at == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_one_shift_a_day_lasts_until_the_next_day():
    plan = AlarmSettings(shifts=(Shift("Day and night", "07:00"),), time_zone="UTC")
    span = shift_at(plan, datetime(2026, 3, 10, 3, tzinfo=UTC))
    assert (span.began_at.day, span.ends_at.day) == (9, 10)


def test_without_shifts_a_day_is_the_sites_calendar_day():
    span = shift_at(AlarmSettings(time_zone="Europe/Berlin"), berlin(2026, 3, 10, 0, 30))
    assert (span.name, span.began_at) == ("Day", berlin(2026, 3, 10))


def test_shifts_follow_each_other_without_a_gap():
    span = shift_at(THREE, berlin(2026, 10, 25, 12))
    before = shift_before(THREE, span)
    assert (before.name, before.ends_at) == ("Night", span.began_at)
    assert shift_at(THREE, before.ends_at) == span
