"""Versions as devices write them, and patterns that may not be used because they might never end."""

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.firmware.version_text import LONGEST_TEXT, SIMPLE, checked_pattern, from_numbers, normalised


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("2.1.0", "2.1.0"),
        ("V02.10 (build 77)", "2.10.0"),
        ("2.1.0-rc.1", "2.1.0-rc.1"),
        ("  fw 3.0.12\x00", "3.0.12"),
        ("unknown", "unknown"),
        ("", ""),
        ("9999999999.1", "9999999999.1"),
        ("²·³", "²·³"),
    ],
)
def test_what_names_a_version_becomes_semantic_and_all_else_stays(text: str, version: str) -> None:
    assert normalised(text.strip("\x00")) == version


def test_a_product_reads_its_own_way() -> None:
    pattern = checked_pattern(r"SW(?P<major>\d)(?P<minor>\d\d)(?P<patch>\d\d)")

    assert normalised("HW3 SW20104", pattern) == "2.1.4"


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        (r"(?P<major>\d+)+", "may try more than"),
        (r"(?P<major>a{1,9}(?:b+)*)", "may try more than"),
        (r"(?=x)(?P<major>1)", "may try more than"),
        (r"(?P<major>\d(?P=major))", "no regular expression"),
        (r"(?P<major>\d)\1", "may try more than"),
        (r"(?P<major>a*b*c*d*e*)", "may try more than"),
        (r"(?P<major>[[a])", "holds \\["),
        (r"\d+", "needs a group"),
        (r"(?P<major>.)(?P<build>.)", "build is none"),
        (r"(?P<major>", "no regular expression"),
    ],
)
def test_a_pattern_that_may_never_end_is_none(pattern: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        checked_pattern(pattern)


def test_the_worst_pattern_there_is_ends_soon_enough() -> None:
    pattern = checked_pattern(r"\d*\d*\d*\d*(?P<major>x)")
    began = time.process_time()

    normalised("1" * 10_000, pattern)
    assert time.process_time() - began < 2.0


@given(st.text())
def test_any_text_becomes_a_short_one(text: str) -> None:
    assert len(normalised(text, SIMPLE)) <= LONGEST_TEXT


@given(st.text(alphabet="(?P<major>)[]{}\\d+*?|.1,^$-"))
def test_any_pattern_is_taken_or_refused_and_nothing_else_happens(pattern: str) -> None:
    with contextlib.suppress(ValueError):
        normalised("1.2.3", checked_pattern(pattern))


def test_three_zeros_are_no_version() -> None:
    assert from_numbers(0, 0, 0) == ""
    assert from_numbers(0, 1, 0) == "0.1.0"
