from models.records.threshold import RuleKind
from tests.unit.console.station.rules.parts import Told, made, refusal

FROZEN = RuleKind.FROZEN


def test_a_value_that_stands_still_for_the_on_delay_raises_and_clears_when_it_moves():
    told = Told(made(FROZEN, on_delay_s=5.0)).every_second([20.0] * 7 + [20.1, 20.2])
    assert told.moments == [("raised", 5.0), ("cleared", 7.0)]
    assert told.sentences == [
        "Temperature 20.0 °C has not moved for 5 s",
        "Temperature 20.1 °C moves again",
    ]


def test_a_value_that_moves_now_and_then_is_alive():
    assert not Told(made(FROZEN, on_delay_s=5.0)).every_second([20.0] * 5 + [20.1] * 5 + [20.0] * 5).moments


def test_movement_within_the_amount_is_none():
    told = Told(made(FROZEN, on_delay_s=3.0, amount=0.5)).every_second([20.0, 20.3, 19.8, 20.5, 20.6])
    assert told.moments == [("raised", 3.0), ("cleared", 4.0)]
    assert told.sentences[0] == "Temperature 20.5 °C has not moved by more than 0.5 °C for 3 s"


def test_a_slow_drift_is_movement_as_soon_as_it_leaves_where_it_came_to_rest():
    values = [20.0 + 0.2 * second for second in range(100)]
    assert not Told(made(FROZEN, on_delay_s=5.0, amount=0.5)).every_second(values).moments


def test_missing_values_and_gaps_are_no_time_at_rest():
    missing = Told(made(FROZEN, on_delay_s=5.0)).every_second([20.0, 20.0, *[None] * 20, 20.0, 20.0])
    gap = Told(made(FROZEN, on_delay_s=5.0)).hear((0.0, 20.0), (1.0, 20.0), (600.0, 20.0))
    assert (missing.moments, gap.moments) == ([], [])


def test_missing_values_do_not_end_it():
    told = Told(made(FROZEN, on_delay_s=2.0)).every_second([20.0, 20.0, 20.0, None, None, 20.0, 21.0])
    assert told.moments == [("raised", 2.0), ("cleared", 6.0)]


def test_an_open_alert_ends_only_once_the_value_was_seen_to_move():
    told = Told(made(FROZEN, on_delay_s=2.0), is_standing=True).every_second([20.0, 20.0, 20.5])
    assert told.moments == [("cleared", 2.0)]


def test_a_value_that_jumps_once_and_stops_again_is_found_again_after_the_on_delay():
    told = Told(made(FROZEN, on_delay_s=3.0)).every_second([20.0] * 5 + [21.0] * 4)
    assert told.moments == [("raised", 3.0), ("cleared", 5.0), ("raised", 8.0)]


def test_without_an_on_delay_it_cannot_be_judged():
    assert refusal(FROZEN) == "its on-delay does not say for how long the value may rest"
