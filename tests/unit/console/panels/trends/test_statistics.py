import numpy as np
import pytest

from console.panels.curves.join import Curve, curve_of_samples, empty_curve
from console.panels.trends.statistics import Figures, figures_of


def test_nothing_measured_gives_no_figures():
    assert figures_of(empty_curve()) == Figures()
    assert figures_of(curve_of_samples(np.arange(3.0), np.full(3, np.nan))) == Figures()


def test_figures_take_extremes_from_the_buckets_and_the_last_good_value():
    curve = Curve(
        np.array([0.0, 60.0, 120.0]),
        np.array([1.0, 4.0, np.nan]),
        np.array([9.0, 6.0, np.nan]),
        np.array([5.0, 5.5, np.nan]),
    )

    figures = figures_of(curve)

    assert (figures.low, figures.high, figures.last, figures.last_unix) == (1.0, 9.0, 5.5, 60.0)


def test_mean_weighs_by_time_where_buckets_meet_samples():
    times = np.concatenate((np.arange(0.0, 600.0, 60.0), 600.0 + np.arange(10.0)))
    values = np.concatenate((np.zeros(10), np.full(10, 10.0)))

    assert figures_of(curve_of_samples(times, values)).mean == pytest.approx(10.0 * 10 / 610)
