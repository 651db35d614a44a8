"""Every rule that a threshold can name is judged, and keeps the contract of rules."""

import pytest

from console.station.rules.registry import RULES, sentence_of_unjudged
from console.station.rules.rule import LOST, CannotJudge, Phase, Subject
from models.records.threshold import RuleKind
from tests.unit.console.station.rules.parts import Told, made, threshold_of

SETTINGS = {
    RuleKind.LIMIT: {"max_value": 70.0},
    RuleKind.RATE_OF_CHANGE: {"amount": 5.0},
    RuleKind.FROZEN: {"on_delay_s": 2.0},
    RuleKind.NO_DATA: {"amount": 2.0},
    RuleKind.BAD_QUALITY: {},
    RuleKind.OFFLINE: {},
    RuleKind.CLOCK: {"amount": 5.0},
    RuleKind.DEVICE_EVENT: {},
}
EVERY = pytest.mark.parametrize("kind", list(RuleKind), ids=str)


def test_each_kind_stands_in_the_registry_once() -> None:
    assert [kind for kind, _, _ in RULES] == list(RuleKind)


@EVERY
def test_a_missing_sign_neither_raises_nor_clears_but_for_the_rule_on_missing_data(kind: RuleKind) -> None:
    rule = made(kind, **SETTINGS[kind])
    quiet = Told(rule).every_second([None] * 50)
    standing = Told(rule, is_standing=True).every_second([None] * 50)
    expected = {Subject.DATA: [("raised", 2.0)]}.get(rule.subject, [])
    assert (quiet.moments, standing.moments) == (expected, [])


@EVERY
def test_a_clock_that_runs_backwards_raises_nothing_twice(kind: RuleKind) -> None:
    rule = made(kind, **SETTINGS[kind])
    bad = {Subject.CONTACT: LOST}.get(rule.subject, 90.0)
    told = Told(rule).hear(*((1000.0 - second, bad) for second in range(50)))
    assert [kind for kind, _ in told.moments] in ([], ["raised"])


@EVERY
def test_rules_made_alike_are_equal_so_that_delays_survive_a_reload(kind: RuleKind) -> None:
    assert made(kind, **SETTINGS[kind]) == made(kind, **SETTINGS[kind])


@EVERY
def test_an_open_episode_begins_as_standing(kind: RuleKind) -> None:
    rule = made(kind, **SETTINGS[kind])
    assert rule.start(is_standing=True).is_standing
    assert rule.start(is_standing=False).phase is Phase.NORMAL


def test_what_cannot_be_judged_is_told_with_rule_and_metric() -> None:
    text = sentence_of_unjudged(threshold_of(RuleKind.FROZEN), CannotJudge("it says nothing"))
    assert text == "The warning alert (frozen value of Temperature) cannot be judged: it says nothing."
    clock = sentence_of_unjudged(threshold_of(RuleKind.CLOCK), CannotJudge("it says nothing"))
    assert clock == "The warning alert (clock) cannot be judged: it says nothing."
