"""The quantities a reading holds: one row each. Charts, thresholds, exports and tables find them here.

Order is the order of the columns of `sensor_readings`, of every array of values in the program, and of the
bits of its `quality` column (bit i set = metric i had no good value).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Metric:
    """One quantity.

    Attributes:
        key: Column of `sensor_readings`, and the word in files and thresholds.
        label: What people see.
        unit: Shown beside every value.
        decimals: Digits after the point when shown.
        plausible: Values outside (inclusive bounds, in `unit`) are judged a sensor's mistake: quality BAD.
        span: The range a bar or an empty chart shows where nothing else is known, in `unit`.
    """

    key: str
    label: str
    unit: str
    decimals: int
    plausible: tuple[float, float]
    span: tuple[float, float]


METRICS: tuple[Metric, ...] = (
    # Plausible: absolute zero is out of reach, thermocouples type K end at 1,372 °C (IEC 60584-1).
    Metric("temperature", "Temperature", "°C", 1, (-200.0, 1400.0), (0.0, 100.0)),
    Metric("humidity", "Humidity", "%", 1, (0.0, 100.0), (0.0, 100.0)),
    # Absolute or gauge, vacuum to 100 MPa hydraulics.
    Metric("pressure", "Pressure", "kPa", 1, (-101.4, 100_000.0), (0.0, 1000.0)),
    # Velocity RMS; ISO 20816-3 zone D begins at 11 mm/s for large machines.
    Metric("vibration", "Vibration", "mm/s", 2, (0.0, 200.0), (0.0, 12.0)),
    Metric("power_consumption", "Power", "W", 0, (-1e7, 1e8), (0.0, 10_000.0)),
    Metric("rpm", "Speed", "rpm", 0, (-100_000.0, 100_000.0), (0.0, 3000.0)),
)

METRIC_KEYS: tuple[str, ...] = tuple(metric.key for metric in METRICS)
METRIC_COUNT = len(METRICS)
METRIC_INDEX: dict[str, int] = {metric.key: index for index, metric in enumerate(METRICS)}


def metric_of(key: str) -> Metric:
    """Return the metric called `key`. Raises KeyError naming those that exist."""
    index = METRIC_INDEX.get(key)
    if index is None:
        raise KeyError(f"no metric is called {key!r}; there are {', '.join(METRIC_KEYS)}")
    return METRICS[index]
