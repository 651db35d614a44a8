from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.station.clocks.receive_times import ReceiveTimes, ReceiveWatch
from console.station.clocks.site_clock import SiteClock
from console.station.sampler import Sampler
from drivers.values import Quality, RawValue
from models.records.device import Device, DeviceId, Tag
from tests.unit.console.station.clocks.test_site_clock import AT, Hands

DEVICE = Device(DeviceId(1), "D", "Drive", "drive", "", "modbus-tcp", {}, 1.0, (Tag("rpm", "a"),))


def test_reply_is_dated_by_the_sites_clock():
    times = ReceiveTimes(now_unix=AT, since_unix=AT - 1.0, wall_ahead_s=300.0)
    assert times.site_unix(AT + 299.9, 1.0) == pytest.approx(AT - 0.1)


@pytest.mark.parametrize("received", [AT + 0.1, AT - 3.1, 0.0])
def test_time_that_cannot_be_true_is_replaced_by_now(received):
    assert ReceiveTimes(now_unix=AT, since_unix=AT - 1.0).site_unix(received, 1.0) == AT


def test_only_a_clock_that_was_set_counts_as_a_jump():
    hands = Hands()
    watch = ReceiveWatch(SiteClock(0.0, hands.wall, hands.running))
    jumps = []
    for wait_s, set_s in ((1.0, 0.0), (3600.0, 0.001), (1.0, 5.0), (1.0, 0.0), (1.0, -5.0)):
        hands.running_s += wait_s
        hands.set_s += set_s
        jumps.append(watch.look().jumps)
    assert jumps == [0, 0, 1, 1, 2]


STEPS = st.lists(
    st.tuples(
        st.floats(0.05, 3.0),  # to the next poll
        st.sampled_from(
            [0.0, 0.0, 0.0, 0.02, -0.3, 5.0, -70.0, 3600.0, -86400.0]
        ),  # the computer's clock is set
        st.sampled_from([0.0, 0.0, 0.0, 0.0, 0.4, -0.4, 29.0, -29.0]),  # how the database's clock is set
        st.floats(0.0, 0.05),  # from the reply to the carry
        st.booleans(),  # set before the reply came, or between reply and carry
    ),
    min_size=2,
    max_size=20,
)


@given(STEPS)
@settings(max_examples=60, deadline=None)
def test_readings_go_forwards_and_none_doubles_whatever_is_done_to_clocks(steps) -> None:
    hands = Hands()
    clock = SiteClock(0.0, hands.wall, hands.running)
    watch = ReceiveWatch(clock)
    sampler = Sampler(DEVICE, clock_step_s=60.0)
    stamps: list[float] = []
    for wait_s, set_s, moved_s, delay_s, is_before in steps:
        hands.running_s += wait_s
        clock.learn(hands.running_s + AT - 5000.0 + moved_s, hands.running_s, hands.running_s)
        hands.set_s += set_s * is_before
        received = hands.wall()
        hands.set_s += set_s * (not is_before)
        hands.running_s += delay_s
        times = watch.look()
        reading = sampler.reading_from([RawValue(1.0, Quality.GOOD, received)], times)
        stamps.append(reading.recorded_unix)
        # Right to the time that lies between reply and carry, or bridged where the site's clock went back.
        assert reading.recorded_unix <= max(
            times.now_unix + 2e-5, *(one + 2e-5 for one in stamps[:-1] or [0.0])
        )
        assert reading.recorded_unix >= times.now_unix - delay_s - 0.05 - 2e-5
    assert all(earlier < later for earlier, later in pairwise(stamps))


@settings(deadline=None)
@given(st.lists(st.integers(-7_200_000_000, 1_000_000), min_size=2, max_size=40))
def test_none_doubles_even_where_the_sites_clock_is_set_back_far(steps_us: list[int]) -> None:
    sampler = Sampler(DEVICE, clock_step_s=60.0)
    now, stamps = AT, []
    for step_us in steps_us:
        now += step_us / 1e6
        reading = sampler.reading_from([RawValue(1.0, Quality.GOOD, now)], ReceiveTimes(now, now - 1.0))
        stamps.append(reading.recorded_unix)
    assert len(set(stamps[:8])) == len(stamps[:8])
