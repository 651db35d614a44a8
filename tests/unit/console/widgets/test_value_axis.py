"""Value axes have round ticks and do not fidget."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.widgets.value_axis import scale_for, steadied

FINITE = st.floats(-1e8, 1e8)


@given(FINITE, FINITE, st.integers(2, 8))
def test_a_scale_holds_its_values_and_has_few_round_ticks(one, other, most):
    scale = scale_for(one, other, most)
    assert scale.low <= min(one, other)
    assert scale.high >= max(one, other)
    ticks = scale.ticks()
    assert 1 <= len(ticks) <= most + 2
    assert round(scale.step / 10 ** math.floor(math.log10(scale.step) + 1e-9), 6) in (1.0, 2.0, 5.0)
    assert all(abs(tick / scale.step - round(tick / scale.step)) < 1e-6 for tick in ticks)


@pytest.mark.parametrize("value", [0.0, 1e-9, 42.0, -7e6])
def test_a_constant_value_gets_a_scale_around_it(value):
    scale = scale_for(value, value, 5)
    assert scale.low < value < scale.high


def test_labels_have_the_digits_that_tell_ticks_apart():
    scale = scale_for(0.11, 0.14, 6)
    labels = [f"{tick:.{scale.decimals}f}" for tick in scale.ticks()]
    assert len(set(labels)) == len(labels)


def test_a_steady_value_keeps_its_scale():
    first = steadied(None, 40.0, 60.0, 6)
    assert steadied(first, 42.0, 58.0, 6) is first


def test_a_value_that_leaves_gets_another_scale():
    first = steadied(None, 40.0, 60.0, 6)
    assert steadied(first, 40.0, 90.0, 6).high >= 90.0


def test_a_curve_that_shrinks_is_looked_at_more_closely():
    first = steadied(None, 0.0, 1000.0, 6)
    closer = steadied(first, 500.0, 520.0, 6)
    assert closer.high - closer.low < 100.0


@pytest.mark.parametrize(("low", "high"), [(0.0, 1500.0), (3.0, 3.1), (0.0, 0.0)])
def test_an_axis_keeps_no_air_below_its_floor(low, high):
    scale = scale_for(low, high, 6, floor=0.0)
    assert scale.low >= 0.0
    assert scale.high > high


def test_a_value_below_the_floor_is_shown_all_the_same():
    assert scale_for(-40.0, 10.0, 6, floor=0.0).low <= -40.0
