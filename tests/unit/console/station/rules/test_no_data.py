from console.station.rules.rule import Circumstances
from models.records.threshold import RuleKind
from tests.unit.console.station.rules.parts import Told, made, refusal

NO_DATA = RuleKind.NO_DATA
EVERY_FIVE = Circumstances(5.0, frozenset({"temperature"}))


def test_silence_of_so_many_periods_raises_and_only_a_good_value_ends_it():
    told = Told(made(NO_DATA, EVERY_FIVE, amount=2.0)).hear(
        (0.0, 20.0), *((float(tick), None) for tick in range(1, 30)), (30.0, 21.0)
    )
    assert told.moments == [("raised", 10.0), ("cleared", 30.0)]
    assert told.sentences == [
        "Temperature has had no good value for 10 s",
        "Temperature 21.0 °C is read again",
    ]


def test_bad_values_are_as_good_as_none():
    told = Told(made(NO_DATA, amount=3.0)).every_second([20.0, None, None, None, 20.0])
    assert told.moments == [("raised", 3.0), ("cleared", 4.0)]


def test_a_device_that_never_sent_a_value_is_found():
    assert Told(made(NO_DATA, amount=3.0)).every_second([None] * 10).moments == [("raised", 3.0)]


def test_a_clock_set_forward_is_no_silence():
    assert not Told(made(NO_DATA, amount=3.0)).hear((0.0, 20.0), (3600.0, None), (3601.0, 20.0)).moments


def test_a_clock_set_back_raises_nothing_and_silence_goes_on_being_counted():
    told = Told(made(NO_DATA, amount=3.0)).hear((5000.0, 20.0), (5001.0, None), (100.0, None), (101.0, None))
    assert not told.moments
    assert told.hear((102.0, None)).moments == [("raised", 102.0)]


def test_the_off_delay_ends_with_a_good_value_never_with_silence():
    told = Told(made(NO_DATA, amount=5.0, off_delay_s=2.0), is_standing=True)
    told.hear((0.0, 20.0), (1.0, None), (2.0, None), (3.0, None))
    assert not told.moments
    assert told.hear((4.0, 20.0)).moments == [("cleared", 4.0)]


def test_silence_during_the_off_delay_takes_the_end_back():
    told = Told(made(NO_DATA, amount=2.0, off_delay_s=5.0), is_standing=True)
    told.every_second([20.0, None, None, None, None, None, None, None])
    assert not told.moments
    assert told.state.is_standing


def test_the_on_delay_is_counted_on_top():
    told = Told(made(NO_DATA, amount=2.0, on_delay_s=3.0)).every_second([20.0, *[None] * 10])
    assert told.moments == [("raised", 5.0)]
    assert told.sentences == ["Temperature has had no good value for 5 s"]


def test_a_metric_without_a_tag_cannot_be_judged_instead_of_missing_for_ever():
    assert refusal(NO_DATA, metric="humidity", amount=3.0) == "no tag is bound to it"
    assert refusal(NO_DATA, metric="smell", amount=3.0) == "nothing measured here is called 'smell'"
