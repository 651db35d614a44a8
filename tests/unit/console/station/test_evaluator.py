from collections.abc import Callable

from console.station.evaluator import Evaluator
from models.records.alert import TransitionKind
from models.records.device import Device
from models.records.reading import Reading
from models.records.threshold import Severity, Threshold, ThresholdId

MakeDevice = Callable[..., Device]
MakeThreshold = Callable[..., Threshold]
MakeReading = Callable[..., Reading]
AT = 1_700_000_000.0


def test_transition_carries_device_threshold_severity_time_and_sentence(
    make_device: MakeDevice, make_threshold: MakeThreshold, make_reading: MakeReading
) -> None:
    threshold = make_threshold(id=7, severity=Severity.CRITICAL)
    (transition,) = Evaluator(make_device(), [threshold], ()).judge(make_reading(80.0, AT))
    assert (transition.kind, transition.device, transition.threshold) == (TransitionKind.RAISED, 1, 7)
    assert (transition.severity, transition.at_unix) == (Severity.CRITICAL, AT)
    assert (transition.value, transition.limit) == (80.0, 70.0)
    assert transition.message == "Temperature 80.0 °C is above the limit of 70 °C"


def test_healthy_reading_makes_no_transition(
    make_device: MakeDevice, make_threshold: MakeThreshold, make_reading: MakeReading
) -> None:
    assert not Evaluator(make_device(), [make_threshold()], ()).judge(make_reading(20.0))


def test_each_threshold_is_judged_by_itself(
    make_device: MakeDevice, make_threshold: MakeThreshold, make_reading: MakeReading
) -> None:
    thresholds = [
        make_threshold(1, max_value=60.0),
        make_threshold(2, max_value=70.0),
        make_threshold(3, max_value=90.0),
    ]
    evaluator = Evaluator(make_device(), thresholds, ())
    assert [one.threshold for one in evaluator.judge(make_reading(80.0))] == [1, 2]
    assert evaluator.standing == {1, 2}


def test_disabled_thresholds_and_those_of_other_devices_are_left_out(
    make_device: MakeDevice, make_threshold: MakeThreshold, make_reading: MakeReading
) -> None:
    thresholds = [make_threshold(1, enabled=False), make_threshold(2, device=99)]
    assert not Evaluator(make_device(), thresholds, ()).judge(make_reading(80.0))


def test_episode_open_from_before_ends_without_beginning_again(
    make_device: MakeDevice, make_threshold: MakeThreshold, make_reading: MakeReading
) -> None:
    evaluator = Evaluator(make_device(), [make_threshold()], [ThresholdId(1)])
    assert not evaluator.judge(make_reading(80.0, AT))
    (ended,) = evaluator.judge(make_reading(60.0, AT + 1))
    assert ended.kind is TransitionKind.CLEARED


def test_reading_without_the_value_changes_nothing(
    make_device: MakeDevice, make_threshold: MakeThreshold, make_reading: MakeReading
) -> None:
    evaluator = Evaluator(make_device(), [make_threshold()], [ThresholdId(1)])
    assert not evaluator.judge(make_reading(None))
    assert evaluator.standing == {1}


def test_gap_of_more_than_three_periods_stops_a_delay(
    make_device: MakeDevice, make_threshold: MakeThreshold, make_reading: MakeReading
) -> None:
    evaluator = Evaluator(make_device(period_s=10.0), [make_threshold(on_delay_s=25.0)], ())
    judged = [bool(evaluator.judge(make_reading(80.0, AT + at))) for at in (0, 10, 20, 51, 61)]
    assert judged == [False, False, False, False, True]


def test_replay_of_the_same_history_judges_the_same(
    make_device: MakeDevice, make_threshold: MakeThreshold, make_reading: MakeReading
) -> None:
    history = [make_reading(60.0 + (index * 7) % 23, AT + index) for index in range(200)]

    def replay() -> list[object]:
        evaluator = Evaluator(make_device(), [make_threshold(deadband=3.0, on_delay_s=1.0)], ())
        return [one for reading in history for one in evaluator.judge(reading)]

    assert replay() == replay() != []
