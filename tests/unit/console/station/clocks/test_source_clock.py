from console.station.clocks.receive_times import ReceiveTimes
from console.station.clocks.source_clock import SourceClock
from drivers.values import Quality, RawValue

TIMES = ReceiveTimes(0.0)


def values(received: float, *sources: float | None) -> list[RawValue]:
    return [RawValue(1.0, Quality.GOOD, received, source) for source in sources]


def test_a_time_that_is_new_tells_how_far_the_clock_is():
    clock = SourceClock()
    assert clock.ahead_s(values(100.0, 110.0), TIMES) is None
    assert clock.ahead_s(values(101.0, 111.0), TIMES) == 10.0


def test_a_value_that_did_not_change_for_an_hour_tells_nothing():
    clock = SourceClock()
    clock.ahead_s(values(100.0, 100.0), TIMES)
    assert clock.ahead_s(values(3700.0, 100.0), TIMES) is None


def test_of_several_values_the_one_that_is_latest_counts():
    clock = SourceClock()
    clock.ahead_s(values(100.0, 99.0, 40.0), TIMES)
    assert clock.ahead_s(values(101.0, 100.5, 41.0), TIMES) == -0.5


def test_what_comes_first_after_a_silence_may_be_old():
    clock = SourceClock()
    clock.ahead_s(values(100.0, 100.0), TIMES)
    clock.forget()
    assert clock.ahead_s(values(900.0, 300.0), TIMES) is None


def test_a_device_that_sends_no_times_is_mute():
    clock = SourceClock()
    assert clock.ahead_s(values(100.0, None), TIMES) is None
    assert clock.is_mute


def test_a_computer_whose_own_clock_is_wrong_does_not_blame_the_device():
    clock = SourceClock()
    times = ReceiveTimes(0.0, wall_ahead_s=100.0)
    clock.ahead_s(values(200.0, 100.0), times)
    assert clock.ahead_s(values(201.0, 101.5), times) == 0.5


def test_what_is_read_first_after_the_computers_clock_was_set_tells_nothing():
    clock = SourceClock()
    clock.ahead_s(values(100.0, 100.0), TIMES)
    assert clock.ahead_s(values(101.0, 101.0), ReceiveTimes(0.0, wall_ahead_s=900.0, jumps=1)) is None
