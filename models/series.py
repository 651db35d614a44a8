"""Values over time as numpy arrays: what charts draw."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One metric of one device as recorded.

    Attributes:
        times: float64, shape (n,), Unix seconds, ascending.
        values: float64, shape (n,), in the metric's unit; NaN where there was no good value.
    """

    metric: str
    times: FloatArray
    values: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class BandSeries:
    """One metric of one device, condensed: for every moment the lowest, highest and mean value.

    Attributes:
        times: float64, shape (n,), Unix seconds, ascending: the middle of each interval.
        low: float64, shape (n,), smallest value of the interval; NaN where it held no good value.
        high: float64, shape (n,), largest value.
        mean: float64, shape (n,), arithmetic mean of the readings.
        step_s: Length of an interval in seconds; 0.0 where every reading is given as recorded.
    """

    metric: str
    times: FloatArray
    low: FloatArray
    high: FloatArray
    mean: FloatArray
    step_s: float
