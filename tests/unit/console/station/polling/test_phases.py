from collections import Counter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from console.station.polling.phases import PhaseSpread


def test_thousand_devices_are_polled_at_every_third_tick_of_fifty() -> None:
    spread = PhaseSpread(50)
    loads = Counter(spread.take() for _ in range(1000))
    assert {later - phase for phase, later in pairwise(sorted(loads))} <= {3, 4}
    assert set(loads.values()) == {62, 63}


def test_short_period_uses_every_tick() -> None:
    spread = PhaseSpread(25)
    assert Counter(spread.take() for _ in range(100)) == dict.fromkeys(range(25), 4)


def test_two_devices_are_half_a_period_apart() -> None:
    spread = PhaseSpread(50)
    assert [spread.take(), spread.take()] == [0, 25]


def test_phase_that_was_given_back_is_handed_out_next() -> None:
    spread = PhaseSpread(4)
    taken = [spread.take() for _ in range(4)]
    spread.give_back(taken[2])
    assert spread.take() == taken[2]


@given(st.integers(1, 200_000), st.integers(1, 600))
def test_phases_lie_within_the_period_and_no_tick_carries_more_than_its_share(
    period: int, count: int
) -> None:
    spread = PhaseSpread(period)
    loads = Counter(spread.take() for _ in range(count))
    assert all(0 <= phase < period for phase in loads)
    ticks = period // 3 if period >= 30 else period
    assert max(loads.values()) <= -(-count // min(ticks, 512))
