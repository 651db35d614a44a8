from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.station.clocks.receive_times import ReceiveTimes
from console.station.sampler import Sampler
from drivers.errors import DriverBug
from drivers.values import Quality, RawValue, bad
from models.metrics import METRICS
from models.quantities import Quantities
from models.records.device import Device, Tag
from models.records.signal import Signal, SignalId, SignalSample

AT = 1_700_000_000.0
MakeDevice = Callable[..., Device]


def good(value: bool | int | float, at: float = AT) -> RawValue:
    return RawValue(value, Quality.GOOD, at)


def sampler_of(make_device: MakeDevice, *tags: Tag) -> Sampler:
    return Sampler(make_device(tags=tags), clock_step_s=60.0)


def test_value_is_scaled_then_offset(make_device: MakeDevice) -> None:
    sampler = sampler_of(make_device, Tag("temperature", "a", scale=0.1, offset=-40.0))
    reading = sampler.reading_from([good(650)], ReceiveTimes(AT))
    assert reading.values == (25.0, None, None, None, None, None)
    assert reading.quality == 0


def test_bool_becomes_zero_or_one(make_device: MakeDevice) -> None:
    sampler = sampler_of(make_device, Tag("humidity", "a"), Tag("rpm", "b"))
    values = sampler.reading_from([good(True), good(False)], ReceiveTimes(AT)).values
    assert (values[1], values[5]) == (1.0, 0.0)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (bad("not a number", AT), "not a number"),
        (RawValue(5.0, Quality.UNCERTAIN, AT, None, "sensor not accurate"), "sensor not accurate"),
        (good(99_999), "outside the plausible -200 to 1,400 °C; check scale, wiring and sensor"),
    ],
)
def test_value_without_good_quality_is_absent_marked_and_named(
    make_device: MakeDevice, raw: RawValue, reason: str
) -> None:
    sampler = sampler_of(make_device, Tag("temperature", "a"), Tag("rpm", "b"))
    reading = sampler.reading_from([raw, good(3)], ReceiveTimes(AT))
    assert reading.values[0] is None
    assert reading.quality == 1
    assert sampler.faults([raw, good(3)]) == (f"Temperature ({reason})",)


@pytest.mark.parametrize("limit", METRICS[0].plausible)
def test_plausible_bounds_are_plausible_themselves(make_device: MakeDevice, limit: float) -> None:
    reading = sampler_of(make_device, Tag("temperature", "a")).reading_from([good(limit)], ReceiveTimes(AT))
    assert reading.values[0] == limit


def test_device_that_answers_without_a_good_value_still_makes_a_reading(make_device: MakeDevice) -> None:
    reading = sampler_of(make_device, Tag("rpm", "a")).reading_from([bad("x", AT)], ReceiveTimes(AT))
    assert reading.values == (None,) * 6
    assert reading.quality == 0b100000


def test_good_tag_makes_up_for_a_bad_one_of_the_same_metric(make_device: MakeDevice) -> None:
    sampler = sampler_of(make_device, Tag("rpm", "a"), Tag("rpm", "b"))
    reading = sampler.reading_from([good(7), bad("x", AT)], ReceiveTimes(AT))
    assert (reading.values[5], reading.quality) == (7.0, 0)


def test_overflow_by_scaling_is_no_value(make_device: MakeDevice) -> None:
    sampler = sampler_of(make_device, Tag("power_consumption", "a", scale=1e300))
    raw = [good(1e300)]
    assert sampler.reading_from(raw, ReceiveTimes(AT)).values[4] is None
    assert sampler.faults(raw) == ("Power (not a finite number)",)


def test_wrong_number_of_values_is_the_drivers_fault(make_device: MakeDevice) -> None:
    with pytest.raises(DriverBug, match=r"Drive 1: the driver returned 2 values for 1 tags"):
        sampler_of(make_device, Tag("rpm", "a")).reading_from([good(1), good(2)], ReceiveTimes(AT))


def test_reading_is_stamped_with_the_arrival_of_its_latest_reply(make_device: MakeDevice) -> None:
    sampler = sampler_of(make_device, Tag("rpm", "a"), Tag("humidity", "b"))
    reading = sampler.reading_from([good(1, AT + 0.25), good(2, AT)], ReceiveTimes(AT + 9))
    assert reading.recorded_unix == AT + 0.25


def test_silent_subscription_is_stamped_with_the_time_of_the_poll(make_device: MakeDevice) -> None:
    sampler = sampler_of(make_device, Tag("rpm", "a"))
    sampler.reading_from([good(1)], ReceiveTimes(AT))
    assert sampler.reading_from([good(1)], ReceiveTimes(AT + 1)).recorded_unix == AT + 1


FLOW = Signal("flow", "Flow", "m³/h", 1, (0.0, 500.0), (0.0, 50.0), SignalId(7))
PUMP = Signal("pump", "Pump", "", 0, (0.0, 3.0), (0.0, 3.0), SignalId(3), ((0, "Stopped"), (1, "Running")))


def site_sampler(make_device: MakeDevice, *tags: Tag) -> Sampler:
    return Sampler(make_device(tags=tags), clock_step_s=60.0, quantities=Quantities([FLOW, PUMP]))


def test_signals_come_beside_the_metrics_in_the_order_of_the_tags(make_device: MakeDevice) -> None:
    sampler = site_sampler(make_device, Tag("pump", "a"), Tag("rpm", "b"), Tag("flow", "c", 0.5, 1.0))
    reading = sampler.reading_from([good(1), good(900), good(20)], ReceiveTimes(AT))
    assert reading.values[5] == 900.0
    assert reading.signals == (SignalSample(PUMP.id, 1.0), SignalSample(FLOW.id, 11.0))
    assert (reading.quality, reading.is_good) == (0, True)


def test_an_implausible_signal_has_no_value_and_is_named_with_its_unit(
    make_device: MakeDevice,
) -> None:
    sampler = site_sampler(make_device, Tag("flow", "a"), Tag("pump", "b"))
    raw = [good(501), good(4)]
    reading = sampler.reading_from(raw, ReceiveTimes(AT))
    assert reading.signals == (SignalSample(FLOW.id, None), SignalSample(PUMP.id, None))
    assert (reading.quality, reading.is_good) == (0, False)
    assert sampler.faults(raw) == (
        "Flow (outside the plausible 0 to 500 m³/h; check scale, wiring and sensor)",
        "Pump (outside the plausible 0 to 3; check scale, wiring and sensor)",
    )


def test_good_tag_makes_up_for_a_bad_one_of_the_same_signal(make_device: MakeDevice) -> None:
    sampler = site_sampler(make_device, Tag("flow", "a"), Tag("flow", "b"))
    assert sampler.reading_from([bad("x", AT), good(7)], ReceiveTimes(AT)).signals == (
        SignalSample(FLOW.id, 7.0),
    )


def test_a_tag_of_a_signal_that_was_removed_is_left_out(make_device: MakeDevice) -> None:
    reading = sampler_of(make_device, Tag("flow", "a"), Tag("rpm", "b")).reading_from(
        [good(1), good(2)], ReceiveTimes(AT)
    )
    assert (reading.values[5], reading.signals) == (2.0, ())


@given(st.lists(st.floats(AT, AT + 50), min_size=2, max_size=20))
def test_readings_never_collide_while_the_clock_is_bridged(times: list[float]) -> None:
    device = Device(1, "D", "Drive", "drive", "", "modbus-tcp", {}, 1.0, (Tag("rpm", "a"),))  # type: ignore[arg-type]
    sampler = Sampler(device, clock_step_s=60.0)
    stamps = [sampler.reading_from([good(1, at)], ReceiveTimes(at)).recorded_unix for at in times]
    assert all(earlier < later for earlier, later in pairwise(stamps))


def test_clock_set_back_by_an_hour_is_followed(make_device: MakeDevice) -> None:
    sampler = sampler_of(make_device, Tag("rpm", "a"))
    sampler.reading_from([good(1)], ReceiveTimes(AT))
    assert sampler.reading_from([good(1, AT - 3600)], ReceiveTimes(AT - 3600)).recorded_unix == pytest.approx(
        AT - 3600, abs=1e-5
    )
