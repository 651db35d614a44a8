import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.station.rules.rule import Circumstances
from models.records.threshold import RuleKind
from tests.unit.console.station.rules.parts import Told, made, refusal

RATE = RuleKind.RATE_OF_CHANGE


def test_a_value_that_moved_further_than_a_minute_allows_raises_at_once_and_clears_a_minute_after_it_rests():
    ramp = [20.0 + 0.2 * second for second in range(31)] + [26.0] * 100
    told = Told(made(RATE, amount=5.0)).every_second(ramp)
    assert told.moments == [("raised", 26.0), ("cleared", 65.0)]
    assert told.sentences == [
        "Temperature 25.2 °C moves faster than 5 °C a minute",
        "Temperature 26.0 °C no longer moves faster than 5 °C a minute",
    ]


def test_a_falling_value_raises_as_well():
    assert Told(made(RATE, amount=5.0)).every_second([30.0, 24.9]).moments == [("raised", 1.0)]


def test_noise_that_would_be_fast_from_reading_to_reading_is_none_over_a_minute():
    assert not Told(made(RATE, amount=5.0)).every_second([20.0, 21.0] * 200).moments


def test_a_slow_ramp_never_raises_however_far_it_goes():
    assert not Told(made(RATE, amount=5.0)).every_second(0.08 * second for second in range(2000)).moments


def test_missing_values_and_gaps_hide_no_jump_within_the_minute():
    assert Told(made(RATE, amount=5.0)).hear((0.0, 20.0), (1.0, None), (40.0, 30.0)).moments == [
        ("raised", 40.0)
    ]


def test_a_jump_across_more_than_a_minute_says_nothing_about_the_rate():
    assert not Told(made(RATE, amount=5.0)).hear((0.0, 20.0), (61.0, 90.0)).moments


def test_a_clock_set_back_begins_anew_and_clears_nothing():
    told = Told(made(RATE, amount=5.0)).hear((1000.0, 20.0), (1001.0, 40.0), (10.0, 40.0), (11.0, 40.0))
    assert told.moments == [("raised", 1001.0)]


def test_an_open_alert_does_not_clear_before_a_whole_minute_is_known_again():
    told = Told(made(RATE, amount=5.0), is_standing=True).every_second([20.0] * 70)
    assert told.moments == [("cleared", 60.0)]


def test_a_device_read_every_five_minutes_is_judged_from_reading_to_reading():
    rule = made(RATE, Circumstances(300.0, frozenset({"temperature"})), amount=1.0)
    assert Told(rule).hear((0.0, 20.0), (300.0, 22.0), (600.0, 30.0)).moments == [("raised", 600.0)]


def test_the_on_delay_asks_for_fast_movement_all_the_while():
    told = Told(made(RATE, amount=5.0, on_delay_s=10.0)).every_second([20.0, 26.0, *[26.0] * 20])
    assert told.moments == [("raised", 11.0)]


@pytest.mark.parametrize("amount", [None, 0.0, -1.0])
def test_a_rate_without_an_amount_cannot_be_judged(amount: float | None):
    assert refusal(RATE, amount=amount) == "it does not say how fast is too fast"


@settings(max_examples=30)
@given(st.lists(st.one_of(st.none(), st.floats(-100, 100)), max_size=150), st.floats(0.1, 50))
def test_what_it_remembers_is_bounded_by_the_minute(values: list[float | None], amount: float):
    told = Told(made(RATE, amount=amount)).every_second(values)
    assert len(told.state.kept) <= 2 + 2 * 2 * 61
