from collections.abc import Callable, Sequence

from console.station.alerts.alert_book import AlertBook
from console.station.evaluator import Evaluator
from console.station.outbox import Outbox
from models.metrics import METRIC_COUNT
from models.records.alert import Transition, TransitionKind
from models.records.device import Device
from models.records.reading import Reading
from models.records.threshold import DEVICE_METRIC, RuleKind, Severity, Threshold, ThresholdId

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


def offline(make_threshold: MakeThreshold, **changes: object) -> Threshold:
    facts = {
        "id": 9,
        "metric": DEVICE_METRIC,
        "max_value": None,
        "rule": RuleKind.OFFLINE,
        "on_delay_s": 10.0,
    }
    return make_threshold(**(facts | changes))


def kinds(*found: Sequence[Transition]) -> list[str]:
    return [one.kind.value for transitions in found for one in transitions]


def test_lost_device_is_raised_as_time_passes_and_cleared_by_an_answer(
    make_device: MakeDevice, make_threshold: MakeThreshold, make_reading: MakeReading
) -> None:
    evaluator = Evaluator(make_device(), [offline(make_threshold)], ())
    evaluator.judge_failure(AT, is_error=False)
    passed = [evaluator.pass_time(AT + second) for second in range(1, 12)]
    assert [bool(found) for found in passed] == [False] * 9 + [True, False]
    assert kinds(evaluator.judge(make_reading(20.0, AT + 12))) == ["cleared"]


def test_device_that_answers_is_not_raised_however_much_time_passes(
    make_device: MakeDevice, make_threshold: MakeThreshold, make_reading: MakeReading
) -> None:
    evaluator = Evaluator(make_device(), [offline(make_threshold)], ())
    evaluator.judge(make_reading(20.0, AT))
    assert not kinds(*(evaluator.pass_time(AT + second) for second in range(1, 60)))


def test_lost_device_of_before_a_restart_is_not_cleared_before_it_answers(
    make_device: MakeDevice, make_threshold: MakeThreshold, make_reading: MakeReading
) -> None:
    evaluator = Evaluator(make_device(), [offline(make_threshold)], [ThresholdId(9)])
    assert not kinds(*(evaluator.pass_time(AT + second) for second in range(60)))
    assert kinds(evaluator.judge(make_reading(20.0, AT + 60))) == ["cleared"]


def test_silence_of_a_metric_is_heard_without_any_reading(
    make_device: MakeDevice, make_threshold: MakeThreshold, make_reading: MakeReading
) -> None:
    missing = make_threshold(rule=RuleKind.NO_DATA, max_value=None, amount=3.0)
    evaluator = Evaluator(make_device(), [missing], ())
    evaluator.judge(make_reading(20.0, AT))
    assert kinds(*(evaluator.pass_time(AT + second) for second in range(1, 10))) == ["raised"]


def test_bad_quality_is_told_from_a_metric_that_is_not_in_the_reading(
    make_device: MakeDevice, make_threshold: MakeThreshold, make_reading: MakeReading
) -> None:
    bad = make_threshold(rule=RuleKind.BAD_QUALITY, max_value=None)
    evaluator = Evaluator(make_device(), [bad], ())
    nothing = Reading(make_device().id, AT, (None,) * METRIC_COUNT, 0)
    assert not evaluator.judge(nothing)
    assert kinds(evaluator.judge(make_reading(None, AT + 1))) == ["raised"]


def test_clock_is_judged_by_how_far_it_is_ahead(
    make_device: MakeDevice, make_threshold: MakeThreshold
) -> None:
    clock = offline(make_threshold, rule=RuleKind.CLOCK, amount=5.0, on_delay_s=0.0)
    (raised,) = Evaluator(make_device(), [clock], ()).judge_clock(8.0, AT)
    assert (raised.value, raised.limit) == (8.0, 5.0)


def test_threshold_that_cannot_be_judged_is_named_and_stops_nothing(
    make_device: MakeDevice, make_threshold: MakeThreshold, make_reading: MakeReading
) -> None:
    crossed = make_threshold(1, min_value=90.0, max_value=70.0)
    absent = make_threshold(2, metric="humidity", rule=RuleKind.NO_DATA, max_value=None, amount=3.0)
    evaluator = Evaluator(make_device(), [crossed, absent, make_threshold(3)], ())
    assert evaluator.unjudged == (
        "The warning alert (limit of Temperature) cannot be judged: its minimum 90 is above its maximum 70.",
        "The warning alert (missing data of Humidity) cannot be judged: no tag is bound to it.",
    )
    assert [one.threshold for one in evaluator.judge(make_reading(80.0, AT))] == [3]
    assert not kinds(*(evaluator.pass_time(AT + second) for second in range(600)))


def test_delay_of_an_unchanged_threshold_goes_on_where_its_neighbour_is_edited(
    make_device: MakeDevice, make_threshold: MakeThreshold, make_reading: MakeReading
) -> None:
    delayed, neighbour = make_threshold(1, on_delay_s=3.0), make_threshold(2, max_value=95.0)
    before = Evaluator(make_device(), [delayed, neighbour], ())
    for second in range(3):
        before.judge(make_reading(80.0, AT + second))
    after = Evaluator(make_device(), [delayed, make_threshold(2, max_value=90.0)], (), before)
    assert [one.threshold for one in after.judge(make_reading(80.0, AT + 3))] == [1]


def test_delay_of_an_edited_threshold_begins_anew(
    make_device: MakeDevice, make_threshold: MakeThreshold, make_reading: MakeReading
) -> None:
    before = Evaluator(make_device(), [make_threshold(on_delay_s=3.0)], ())
    for second in range(3):
        before.judge(make_reading(80.0, AT + second))
    after = Evaluator(make_device(), [make_threshold(on_delay_s=3.0, max_value=71.0)], (), before)
    assert not after.judge(make_reading(80.0, AT + 3))


def test_lost_contact_survives_an_edit_of_the_device(
    make_device: MakeDevice, make_threshold: MakeThreshold
) -> None:
    before = Evaluator(make_device(), [offline(make_threshold)], ())
    before.judge_failure(AT, is_error=False)
    after = Evaluator(make_device(name="Renamed"), [offline(make_threshold)], (), before)
    assert kinds(*(after.pass_time(AT + second) for second in range(1, 12))) == ["raised"]


DAY_S = 86_400


def test_day_on_the_limit_with_deadband_and_delay_is_one_alert(
    make_device: MakeDevice, make_threshold: MakeThreshold, make_reading: MakeReading
) -> None:
    calm = make_threshold(deadband=1.0, on_delay_s=5.0, off_delay_s=5.0)
    evaluator = Evaluator(make_device(), [calm], ())
    found = [evaluator.judge(make_reading(70.4, AT + second)) for second in range(10)]
    found += [
        evaluator.judge(make_reading(69.6 + 0.8 * (second % 2), AT + second)) for second in range(10, DAY_S)
    ]
    assert kinds(*found) == ["raised"]


def test_day_on_the_bare_limit_leaves_nothing_behind_that_grows(
    make_device: MakeDevice, make_threshold: MakeThreshold, make_reading: MakeReading
) -> None:
    evaluator, book, outbox = (
        Evaluator(make_device(), [make_threshold()], ()),
        AlertBook(),
        Outbox(1_000, 100),
    )
    for second in range(DAY_S):
        outbox.put_transitions(
            book.admit(evaluator.judge(make_reading(69.6 + 0.8 * (second % 2), AT + second)))
        )
    waiting = outbox.take()
    assert waiting is not None
    assert [one.at_unix for one in waiting.transitions] == [
        AT + DAY_S - 1_000 + place for place in range(100)
    ]
    assert outbox.counts().dropped_findings == DAY_S - 1 - 1_000
    assert [len(watch.state.kept) for watch in evaluator.watches] == [0]
