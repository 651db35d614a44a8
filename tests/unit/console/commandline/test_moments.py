from datetime import UTC, datetime, timedelta

import pytest

from console.commandline.command import CommandError
from console.commandline.moments import age_from_moment, moment_from_text, text_from_moment

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("now", timedelta(0)),
        ("90s", timedelta(seconds=90)),
        ("15min", timedelta(minutes=15)),
        ("1.5h", timedelta(minutes=90)),
        ("7d", timedelta(days=7)),
        ("2026-03-01T11:00Z", timedelta(hours=1)),
        ("2026-03-01T12:00+01:00", timedelta(hours=1)),
    ],
)
def test_moments_are_read_as_iso_8601_or_as_an_age(text: str, age: timedelta) -> None:
    assert moment_from_text(text, NOW) == NOW - age


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "5 parsecs",
        "-1h",
        "2026-13-01",
        "9999999d",
        "9" * 400 + "d",
        "0001-01-01T00:00+14:00",
    ],
)
def test_what_is_no_moment_is_refused_with_examples(text: str) -> None:
    with pytest.raises(CommandError, match="15min"):
        moment_from_text(text, NOW)


def test_moments_are_written_in_utc_with_microseconds() -> None:
    assert text_from_moment(NOW + timedelta(microseconds=5)) == "2026-03-01T12:00:00.000005Z"
    assert text_from_moment(None) == ""


@pytest.mark.parametrize(
    ("age", "text"),
    [(4, "4 s"), (119, "119 s"), (600, "10 min"), (7200, "2 h"), (3 * 86400, "3 d"), (-5, "0 s")],
)
def test_ages_are_told_in_one_unit(age: float, text: str) -> None:
    assert age_from_moment(NOW - timedelta(seconds=age), NOW) == text
