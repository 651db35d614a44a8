from console.station.source_clock import SourceClock
from drivers.values import Quality, RawValue


def values(received: float, *sources: float | None) -> list[RawValue]:
    return [RawValue(1.0, Quality.GOOD, received, source) for source in sources]


def test_a_time_that_is_new_tells_how_far_the_clock_is():
    clock = SourceClock()
    assert clock.ahead_s(values(100.0, 110.0)) is None
    assert clock.ahead_s(values(101.0, 111.0)) == 10.0


def test_a_value_that_did_not_change_for_an_hour_tells_nothing():
    clock = SourceClock()
    clock.ahead_s(values(100.0, 100.0))
    assert clock.ahead_s(values(3700.0, 100.0)) is None


def test_of_several_values_the_one_that_is_latest_counts():
    clock = SourceClock()
    clock.ahead_s(values(100.0, 99.0, 40.0))
    assert clock.ahead_s(values(101.0, 100.5, 41.0)) == -0.5


def test_what_comes_first_after_a_silence_may_be_old():
    clock = SourceClock()
    clock.ahead_s(values(100.0, 100.0))
    clock.forget()
    assert clock.ahead_s(values(900.0, 300.0)) is None


def test_a_device_that_sends_no_times_is_mute():
    clock = SourceClock()
    assert clock.ahead_s(values(100.0, None)) is None
    assert clock.is_mute
