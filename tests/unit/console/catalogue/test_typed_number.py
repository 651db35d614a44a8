import pytest

from console.catalogue.typed_number import (
    NotANumber,
    number_from_text,
    seconds_from_text,
    text_from_number,
    text_from_seconds,
)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("70", 70.0),
        (" 70.5 ", 70.5),
        ("70,5", 70.5),
        ("\N{MINUS SIGN}3", -3.0),
        ("1 000", 1000.0),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("0,125", 0.125),
    ],
)
def test_numbers_are_read_as_people_type_them(typed, value):
    assert number_from_text(typed) == value


@pytest.mark.parametrize(
    "typed", ["", "x", "7 °C", "nan", "inf", "1,000.5", "1.2.3", "1e999", "٧", "=1+1", "9" * 50]
)
def test_what_is_no_number_is_refused(typed):
    with pytest.raises(NotANumber):
        number_from_text(typed)


def test_a_comma_that_could_part_thousands_is_refused_unless_the_file_says_which():
    with pytest.raises(NotANumber, match=r"could mean 1000 or 1\.000"):
        number_from_text("1,000")
    assert number_from_text("1,000", is_comma_decimal=True) == 1.0


@pytest.mark.parametrize(
    ("typed", "seconds"), [("90", 90), ("90 s", 90), ("1,5 min", 90), ("2h", 7200), ("1 d", 86_400)]
)
def test_lengths_of_time_have_units(typed, seconds):
    assert seconds_from_text(typed) == seconds


@pytest.mark.parametrize(
    ("value", "text"),
    [(70.0, "70"), (0.1, "0.1"), (-2.5, "-2.5"), (1e20, "1e+20"), (100_000.0, "100000"), (None, "")],
)
def test_a_number_is_written_as_it_would_be_typed(value, text):
    assert text_from_number(value) == text


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan"), 10**400])
def test_a_number_that_nobody_could_type_is_written_all_the_same(value):
    assert text_from_number(value) == str(value)


@pytest.mark.parametrize(("seconds", "text"), [(90, "90 s"), (600, "10 min"), (7200, "2 h"), (86_400, "1 d")])
def test_a_length_of_time_is_written_in_its_largest_whole_unit(seconds, text):
    assert text_from_seconds(seconds) == text
