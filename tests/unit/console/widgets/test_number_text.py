"""Numbers and ages read the same everywhere."""

import pytest

from console.widgets.number_text import number_text, quantity_text
from console.widgets.stale_hatching import age_text


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (71.34, 1, "71.3"),
        (-20.0, 1, "−20.0"),
        (12345.6, 0, "12,346"),
        (-0.04, 1, "0.0"),
        (None, 1, "–"),
        (float("nan"), 2, "–"),
        (float("inf"), 2, "–"),
    ],
)
def test_a_number_is_written_for_people(value, decimals, text):
    assert number_text(value, decimals) == text


def test_a_unit_never_leaves_its_number():
    assert quantity_text(1013.25, 1, "kPa") == "1,013.2\N{NO-BREAK SPACE}kPa"


@pytest.mark.parametrize(
    ("age_s", "text"),
    [
        (None, "no reading yet"),
        (-3.0, "0 s"),
        (4.9, "4 s"),
        (720.0, "12 min"),
        (11_100.0, "3 h 05 min"),
        (200_000.0, "2 d"),
    ],
)
def test_an_age_is_told_as_people_tell_it(age_s, text):
    assert age_text(age_s) == text
