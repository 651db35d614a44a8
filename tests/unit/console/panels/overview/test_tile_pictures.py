import numpy as np
import pytest

from console.panels.overview.tile_painter import spark_span_s
from console.panels.overview.tile_pictures import sparks_every_s

NOW = 1_800_000_000.0


@pytest.mark.parametrize(("span_s", "every_s"), [(600.0, 10.0), (60.0, 2.0), (300.0, 5.0)])
def test_sparklines_are_drawn_again_when_they_have_moved_by_a_pixel(span_s, every_s):
    assert sparks_every_s(span_s) == every_s


@pytest.mark.parametrize(("known_s", "span_s"), [(5.0, 60.0), (200.0, 200.0), (5000.0, 600.0)])
def test_a_sparkline_is_as_long_as_what_is_known_up_to_ten_minutes(known_s, span_s):
    times = np.array([NOW - known_s, NOW])

    assert spark_span_s({0: (times, np.ones(2))}, NOW) == span_s


def test_a_device_without_readings_has_the_longest_span():
    assert spark_span_s({0: (np.empty(0), np.empty(0))}, NOW) == 600.0
