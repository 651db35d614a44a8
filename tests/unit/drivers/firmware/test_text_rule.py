"""Texts of devices become the words of the manifest, and no pattern of a manifest can hold the station up."""

import time

import pytest
from pydantic import ValidationError

from drivers.firmware.text_rule import LONGEST_TEXT, TextRule, normalised

VERSION = TextRule(match=r"FW V(\d{1,3})\.(\d{1,3}).*", becomes="{1:d}.{2:d}.0")


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("FW V02.01 build 17", "2.1.0"),
        ("FW V2.0\0\0\0", "2.0.0"),
        ("  FW V1.2", "1.2.0"),
        ("Rev C", "Rev C"),
        ("", ""),
        ("x" * 500, "x" * LONGEST_TEXT),
        ("two\nlines", "twolines"),
    ],
)
def test_a_text_becomes_what_its_rule_says_or_stays_itself(text: str, becomes: str) -> None:
    assert normalised(text, (VERSION,)) == becomes


def test_the_first_rule_that_matches_counts() -> None:
    rules = (TextRule(match="Rev. ([A-Z])", becomes="{1}"), TextRule(match=".*", becomes="old"))
    assert normalised("Rev. C", rules) == "C"
    assert normalised("anything", rules) == "old"


@pytest.mark.parametrize(
    ("match", "becomes", "says"),
    [
        ("(", "{0}", "no regular expression"),
        (r"(a+)+b", "{0}", "may try more than"),
        (r"(a|a)*b", "{0}", "may try more than"),
        (r"(?:a?){30}a{30}", "{0}", "may try more than"),
        (r".*.*.*.*x", "{0}", "may try more than"),
        (r"(?:x?[ab]*)*c", "{0}", "may try more than"),
        (r"(?:a|ab|abc){9,}d", "{0}", "may try more than"),
        (r"[[a]", "{0}", "holds \\["),
        (r"(a)\1", "{0}", "may try more than"),
        (r"(?=a)a", "{0}", "may try more than"),
        (r"a(b)", "{2}", "names group 2, but match has 1"),
        (r"a", "{0!r}", "a brace that is no group"),
        (r"a", "{", "a brace that is no group"),
    ],
)
def test_a_rule_that_could_do_harm_is_refused_when_it_is_read(match: str, becomes: str, says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        TextRule(match=match, becomes=becomes)


@pytest.mark.parametrize(
    "match", [r"a*a*a*", r"(\d+)\.(\d+)\.(\d+)", r"(?:\.\d{1,3}){0,3}", r"(?:ab|cd){0,9}"]
)
def test_what_is_allowed_is_quick_on_the_worst_text(match: str) -> None:
    rule = TextRule(match=match)
    began = time.process_time()
    for text in ("a" * 99 + "x", "1" * 33 + "." + "1" * 33 + "." + "1" * 31 + "x", ".1.1" * 25):
        assert rule.applied(text) is None
    assert time.process_time() - began < 0.25
