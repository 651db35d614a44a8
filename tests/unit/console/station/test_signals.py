"""Signals on their way through the station: judged, told in their own words, kept, and sent to windows."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from console.link.audience import batch_from_readings
from console.link.frames import frame_from_message
from console.station.assignment import assignment_from_plan
from console.station.clocks.receive_times import ReceiveTimes
from console.station.evaluator import Evaluator
from console.station.line import Line
from console.station.memory.plan_memory import PlanMemory
from console.station.store import Plan
from drivers.values import Quality, RawValue
from models.metrics import METRIC_COUNT
from models.quantities import Quantities
from models.records.device import Device, DeviceId, Tag
from models.records.reading import Reading
from models.records.signal import Signal, SignalId, SignalSample
from models.records.threshold import RuleKind, Threshold
from models.secrets import NO_KEYS

AT = 1_700_000_000.0
FLOW = Signal("flow", "Flow", "m³/h", 1, (0.0, 500.0), (0.0, 50.0), SignalId(7))
PUMP = Signal("pump", "Pump", "", 0, (0.0, 3.0), (0.0, 3.0), SignalId(3), ((0, "Stopped"), (1, "Running")))
SITE = Quantities([FLOW, PUMP])
MakeDevice = Callable[..., Device]
MakeThreshold = Callable[..., Threshold]


@pytest.fixture
def device(make_device: MakeDevice) -> Device:
    return make_device(tags=(Tag("temperature", "a"), Tag("pump", "b"), Tag("flow", "c")))


def reading(flow: float | None = 5.0, pump: float | None = 1.0, at_unix: float = AT) -> Reading:
    signals = (SignalSample(PUMP.id, pump), SignalSample(FLOW.id, flow))
    return Reading(DeviceId(1), at_unix, (20.0, *(None,) * (METRIC_COUNT - 1)), signals=signals)


def told(device: Device, threshold: Threshold, *readings: Reading) -> list[str]:
    evaluator = Evaluator(device, [threshold], (), quantities=SITE)
    assert evaluator.unjudged == ()
    return [one.message for each in readings for one in evaluator.judge(each)]


def test_a_limit_of_a_signal_is_judged_and_told_in_its_unit_and_decimals(
    device: Device, make_threshold: MakeThreshold
) -> None:
    limit = make_threshold(metric="flow", max_value=10.0)
    assert told(
        device, limit, reading(9.0), reading(12.34, at_unix=AT + 1), reading(9.5, at_unix=AT + 2)
    ) == [
        "Flow 12.3 m³/h is above the limit of 10 m³/h",
        "Flow 9.5 m³/h is back below 10 m³/h",
    ]


def test_a_state_is_compared_as_a_number_and_told_by_its_name(
    device: Device, make_threshold: MakeThreshold
) -> None:
    limit = make_threshold(metric="pump", min_value=0.5, max_value=None)
    assert told(device, limit, reading(pump=0.0), reading(pump=1.0, at_unix=AT + 1)) == [
        "Pump Stopped (0) is below the limit of 0.5",
        "Pump Running (1) is back above 0.5",
    ]


@pytest.mark.parametrize(
    ("rule", "facts", "values", "sentence"),
    [
        (
            RuleKind.RATE_OF_CHANGE,
            {"amount": 3.0},
            [5.0, 9.0],
            "Flow 9.0 m³/h moves faster than 3 m³/h a minute",
        ),
        (RuleKind.FROZEN, {"on_delay_s": 2.0}, [5.0] * 4, "Flow 5.0 m³/h has not moved for 2 s"),
        (RuleKind.BAD_QUALITY, {}, [5.0, None], "Flow has no usable value, although the device answers"),
    ],
)
def test_every_rule_of_values_judges_a_signal(
    device: Device,
    make_threshold: MakeThreshold,
    rule: RuleKind,
    facts: dict[str, float],
    values: list[float | None],
    sentence: str,
) -> None:
    threshold = make_threshold(metric="flow", max_value=None, rule=rule, **facts)
    readings = [reading(value, at_unix=AT + place) for place, value in enumerate(values)]
    assert told(device, threshold, *readings) == [sentence]


def test_missing_values_of_a_signal_are_heard_as_time_passes(
    device: Device, make_threshold: MakeThreshold
) -> None:
    threshold = make_threshold(metric="flow", max_value=None, rule=RuleKind.NO_DATA, amount=3.0)
    evaluator = Evaluator(device, [threshold], (), quantities=SITE)
    assert not evaluator.judge(reading(5.0))
    found = [one.message for second in range(1, 6) for one in evaluator.pass_time(AT + second)]
    assert found == ["Flow has had no good value for 3 s"]


def test_a_limit_of_what_is_not_measured_says_so(device: Device, make_threshold: MakeThreshold) -> None:
    level, unbound = make_threshold(1, metric="level"), make_threshold(2, metric="flow")
    evaluator = Evaluator(device, [level], (), quantities=SITE)
    assert evaluator.unjudged == (
        "The warning alert (limit of level) cannot be judged: nothing measured here is called 'level'.",
    )
    bare = replace(device, tags=(Tag("pump", "b"),))
    assert Evaluator(bare, [unbound], (), quantities=SITE).unjudged == (
        "The warning alert (limit of Flow) cannot be judged: no tag is bound to it.",
    )


def test_a_line_is_made_anew_when_its_signal_means_something_else(device: Device) -> None:
    line = Line(device, (), (), 60.0, None, SITE)
    raw = [RawValue(1, Quality.GOOD, AT)] * 3
    assert line.sampler.reading_from(raw, ReceiveTimes(AT)).signals == (
        SignalSample(PUMP.id, 1.0),
        SignalSample(FLOW.id, 1.0),
    )
    assert line.fits(device, (), SITE)
    assert not line.fits(device, (), Quantities([PUMP]))


def test_limits_of_known_signals_count_as_judged(device: Device, make_threshold: MakeThreshold) -> None:
    thresholds = (make_threshold(1, metric="flow"), make_threshold(2, metric="level"))
    assert assignment_from_plan(Plan((device,), thresholds, (), NO_KEYS, SITE)).unjudged == {2}


def test_a_station_remembers_its_signals(tmp_path, device: Device) -> None:
    memory = PlanMemory(tmp_path, "here")
    memory.keep_plan(Plan((device,), (), (), quantities=SITE), AT)
    recalled = memory.load(lambda _keys: NO_KEYS)
    assert recalled is not None
    assert recalled.plan.quantities == SITE


def test_a_batch_for_windows_carries_signals_and_nothing_more_where_there_are_none() -> None:
    batch = batch_from_readings([reading(None), Reading(DeviceId(2), AT, (None,) * METRIC_COUNT), reading()])
    assert np.frombuffer(batch.signal_rows, "<i4").tolist() == [0, 0, 2, 2]
    assert np.frombuffer(batch.signals, "<i4").tolist() == [3, 7, 3, 7]
    np.testing.assert_array_equal(np.frombuffer(batch.signal_values, "<f8"), [1.0, np.nan, 1.0, 5.0])
    plain = batch_from_readings([Reading(DeviceId(2), AT, (None,) * METRIC_COUNT)])
    assert (plain.signal_rows, plain.signals, plain.signal_values) == (b"", b"", b"")
    assert len(frame_from_message(plain)) < len(frame_from_message(batch))
