"""Which stretch of time is shown: follow, pause, zoom, pan."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.widgets.time_view import GREATEST_SPAN_S, LEAST_SPAN_S, TimeView, view_of

NOW = 1_763_822_000.0


def test_a_following_view_ends_now():
    assert TimeView(600.0).range_at(NOW) == (NOW - 600.0, NOW)


def test_pausing_keeps_the_picture_and_following_goes_on():
    paused = TimeView(600.0).paused(NOW)
    assert paused.range_at(NOW + 60) == (NOW - 600.0, NOW)
    assert paused.following().range_at(NOW + 60) == (NOW - 540.0, NOW + 60)


def test_zooming_a_following_view_goes_on_following():
    assert TimeView(600.0).zoomed(0.5, 0.1, NOW) == TimeView(300.0)


@given(st.floats(0.0, 1.0), st.floats(0.2, 1.0))
def test_zooming_in_keeps_what_lies_below_the_pointer(at, factor):
    view = TimeView(600.0, NOW - 1000.0)
    since, until = view.range_at(NOW)
    pointed = since + at * (until - since)
    closer_since, closer_until = view.zoomed(factor, at, NOW).range_at(NOW)
    assert closer_since + at * (closer_until - closer_since) == pytest.approx(pointed, abs=1e-3)


def test_panning_back_pauses_and_never_reaches_the_future():
    back = TimeView(600.0).panned(-0.5, NOW)
    assert not back.is_following
    assert back.range_at(NOW)[1] == NOW - 300.0
    assert back.panned(5.0, NOW).range_at(NOW)[1] == NOW


def test_panning_forward_while_following_changes_nothing():
    view = TimeView(600.0)
    assert view.panned(0.5, NOW) is view


def test_spans_have_bounds():
    assert TimeView(600.0).zoomed(1e-9, 0.5, NOW).span_s == LEAST_SPAN_S
    assert TimeView(600.0).with_span(1e12).span_s == GREATEST_SPAN_S


def test_a_range_given_backwards_is_turned():
    assert view_of(NOW, NOW - 100.0) == view_of(NOW - 100.0, NOW)
