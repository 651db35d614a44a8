"""Figures of a connection in words."""

import pytest

from console.health_export import kinds_text
from console.panels.devices.health.health_words import (
    bytes_text,
    errors_tip,
    good_age_s,
    lease_text,
    ms_text,
    rate_text,
    round_trip_text,
    state_sentence,
)
from models.records.device import DeviceId
from models.records.device_health import DeviceHealth, TagRead

NOW = 1_800_000_000.0


def health(**changes) -> DeviceHealth:
    base = {"as_of_unix": NOW - 2.0, "polls_answered": 10, "good_read_unix": NOW - 9.0}
    return DeviceHealth(DeviceId(1), **{**base, **changes})


@pytest.mark.parametrize(
    ("ms", "words"),
    [(None, "–"), (0.84, "0.8 ms"), (9.94, "9.9 ms"), (9.96, "10 ms"), (31.4, "31 ms"), (1234.0, "1.2 s")],
)
def test_times_have_as_many_digits_as_say_something(ms, words) -> None:
    assert ms_text(ms).replace("\N{NO-BREAK SPACE}", " ") == words


@pytest.mark.parametrize(("count", "words"), [(720, "720 B"), (1400, "1.4 kB"), (3_100_000, "3.1 MB")])
def test_bytes_have_as_many_digits_as_say_something(count, words) -> None:
    assert bytes_text(count).replace("\N{NO-BREAK SPACE}", " ") == words


def test_what_nobody_tells_is_a_dash_never_a_zero() -> None:
    assert (round_trip_text(None), rate_text(None), rate_text(health())) == ("–", "–", "–")


def test_errors_are_told_by_kind_the_most_first() -> None:
    assert kinds_text(health(errors={"refusal": 2, "timeout": 7})) == "7 × timeout, 2 × refusal"
    assert errors_tip(health(errors={"timeout": 7}, recent_errors=b"\x01"), NOW).startswith("1 error in the")


@pytest.mark.parametrize(("live", "age_s"), [(None, 9.0), (4.0, 4.0), (40.0, 9.0)])
def test_last_good_read_is_by_whichever_tells_of_later(live, age_s) -> None:
    assert good_age_s(health(), live, NOW) == age_s
    assert good_age_s(None, live, NOW) == live


def test_lease_is_told_by_the_station_s_name() -> None:
    assert lease_text(health(station=3), {3: "Hall A"}) == "Hall A"
    assert lease_text(health(), {}) == "this computer"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"failure": "No answer from 10.0.0.7:502."}, "No answer from 10.0.0.7:502."),
        ({"as_of_unix": NOW - 300.0}, "Nothing was told of this connection for 5 min"),
        ({"polls_answered": 0}, "It has not answered yet."),
        ({"tags": (TagRead("rpm", None, "bad"),)}, "It answers, and 1 of 1 value cannot be used."),
        ({"recent_errors": b"\x02"}, "It answers; 2 errors in the last 10 min."),
        ({}, "The connection does well."),
    ],
)
def test_state_is_one_sentence(changes, words) -> None:
    assert state_sentence(health(**changes), NOW).startswith(words)
