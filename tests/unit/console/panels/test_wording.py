from datetime import UTC, datetime, timedelta, timezone

import pytest

from console.panels.wording import (
    count_text,
    limit_text,
    moment_text,
    natural,
    percent_text,
    threshold_text,
    value_text,
)
from models.metrics import metric_of
from models.records.device import DeviceId
from models.records.threshold import Severity, Threshold, ThresholdId

TEMPERATURE = metric_of("temperature")
NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def limit(low: float | None, high: float | None) -> Threshold:
    return Threshold(ThresholdId(1), DeviceId(1), "temperature", low, high, Severity.WARNING)


def test_value_carries_its_unit_and_no_value_is_a_dash():
    assert value_text(TEMPERATURE, 71.25) == "71.2\N{NO-BREAK SPACE}°C"
    assert value_text(TEMPERATURE, None) == "–"


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (None, 70.0, "above 70 °C"),
        (-4.5, None, "below −4.5 °C"),
        (2.0, 8.25, "below 2 °C or above 8.25 °C"),
    ],
)
def test_threshold_reads_as_it_was_typed(low, high, words):
    assert threshold_text(limit(low, high)).replace("\N{NO-BREAK SPACE}", " ") == words


def test_limit_keeps_trailing_zeros_of_whole_numbers():
    assert limit_text(TEMPERATURE, 100.0) == "100\N{NO-BREAK SPACE}°C"


def test_moment_of_another_day_shows_its_date_in_the_zone_asked_for():
    zone = timezone(timedelta(hours=2))

    assert moment_text(NOW - timedelta(hours=1), NOW, zone) == "13:00:00"
    assert moment_text(NOW - timedelta(days=2), NOW, zone) == "2 May 14:00:00"
    assert moment_text(NOW - timedelta(days=400), NOW, zone) == "2025-03-30 14:00:00"


def test_names_are_sorted_as_people_count():
    assert sorted(["Press 24", "press 4", "Press"], key=natural) == ["Press", "press 4", "Press 24"]


def test_counts_take_the_right_noun():
    assert (count_text(1, "device"), count_text(1000, "device")) == ("1 device", "1,000 devices")


@pytest.mark.parametrize(
    ("share", "decimals", "text"),
    [
        (0.125, 1, "12.5"),
        (0.0, 1, "0.0"),
        (0.0001, 1, "< 0.1"),
        (0.99999, 1, "99.9"),
        (1.0, 1, "100"),
        (0.39, 0, "39"),
    ],
)
def test_shares_are_percent_and_never_round_to_none_or_all(share, decimals, text):
    assert percent_text(share, decimals) == f"{text}\N{NO-BREAK SPACE}%"
