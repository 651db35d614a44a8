from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from console.station.polling.phases import PhaseSpread


def test_thousand_devices_on_fifty_ticks_make_twenty_a_tick() -> None:
    spread = PhaseSpread(50)
    assert Counter(spread.take() for _ in range(1000)) == dict.fromkeys(range(50), 20)


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
    assert max(loads.values()) <= -(-count // min(period, 512))
