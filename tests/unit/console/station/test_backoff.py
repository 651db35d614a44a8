import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.station.backoff import Backoff

BACKOFF = Backoff(first_s=0.5, longest_s=5.0, jitter=0.4)


@pytest.mark.parametrize(
    ("failures", "wait_s"), [(1, 0.5), (2, 1.0), (3, 2.0), (4, 4.0), (5, 5.0), (500, 5.0)]
)
def test_wait_doubles_up_to_the_longest(failures: int, wait_s: float) -> None:
    assert BACKOFF.wait_s(failures, 0.0) == wait_s


@given(st.integers(1, 10_000), st.floats(0, 1, exclude_max=True))
def test_jitter_only_shortens_and_never_to_nothing(failures: int, chance: float) -> None:
    full = BACKOFF.wait_s(failures, 0.0)
    assert 0.6 * full <= BACKOFF.wait_s(failures, chance) <= full <= 5.0
