"""The rules on quality, contact and clocks."""

from console.station.rules.rule import ANSWERS, ERRORS, LOST
from models.records.threshold import RuleKind
from tests.unit.console.station.rules.parts import Told, made, refusal


def test_bad_quality_raises_after_its_delay_and_clears_with_a_good_value():
    told = Told(made(RuleKind.BAD_QUALITY, on_delay_s=2.0)).every_second([0.0, 1.0, 1.0, 1.0, 0.0])
    assert told.moments == [("raised", 3.0), ("cleared", 4.0)]
    assert told.sentences == [
        "Temperature has no usable value, although the device answers",
        "Temperature has a usable value again",
    ]


def test_a_device_that_does_not_answer_says_nothing_of_quality():
    told = Told(made(RuleKind.BAD_QUALITY)).every_second([1.0, None, None, 0.0])
    assert told.moments == [("raised", 0.0), ("cleared", 3.0)]


def test_a_device_is_offline_after_its_delay_and_back_with_the_first_answer():
    told = Told(made(RuleKind.OFFLINE, on_delay_s=10.0)).every_second([LOST] * 15 + [ANSWERS])
    assert told.moments == [("raised", 10.0), ("cleared", 15.0)]
    assert told.sentences == ["The device does not answer", "The device answers again"]


def test_errors_only_are_no_answer_either():
    assert Told(made(RuleKind.OFFLINE)).hear((0.0, ERRORS)).sentences == [
        "The device cannot be read; its status says why"
    ]


def test_one_answer_in_between_starts_the_delay_anew():
    told = Told(made(RuleKind.OFFLINE, on_delay_s=10.0)).every_second([LOST] * 9 + [ANSWERS] + [LOST] * 9)
    assert not told.moments


def test_a_clock_too_far_ahead_or_behind_raises():
    told = Told(made(RuleKind.CLOCK, amount=5.0, deadband=1.0))
    told.hear((0.0, 0.2), (10.0, 7.5), (20.0, 4.5), (30.0, 0.0), (40.0, -3600.0))
    assert told.moments == [("raised", 10.0), ("cleared", 30.0), ("raised", 40.0)]
    assert told.sentences == [
        "The device's clock is 7.5 s ahead of ours; 5 s are allowed",
        "The device's clock is right again, to 0.0 s",
        "The device's clock is 3,600.0 s behind ours; 5 s are allowed",
    ]


def test_a_clock_without_an_allowance_cannot_be_judged():
    assert refusal(RuleKind.CLOCK) == "it does not say how many seconds are allowed"
