"""Where to begin with deadband and delay of a limit, by metric, until the plant itself says better.

Deadband in percent of the span, and on-delay in seconds, as EEMUA 191 and ISA-18.2 recommend them; metrics
that neither names have none.
"""

from dataclasses import dataclass

from models.metrics import METRIC_INDEX, METRICS

_PERCENT_OF_SPAN = {"pressure": 2.0, "temperature": 1.0}
_ON_DELAY_S = {"pressure": 15.0, "temperature": 60.0}


@dataclass(frozen=True, slots=True)
class StartingValues:
    """What to begin with.

    Attributes:
        deadband: In the metric's unit.
        percent: What `deadband` is of the metric's span.
    """

    deadband: float
    percent: float
    on_delay_s: float


def starting_values(metric: str) -> StartingValues | None:
    """Return what to begin with for limits on a metric; None where no standard names it."""
    index, percent = METRIC_INDEX.get(metric), _PERCENT_OF_SPAN.get(metric)
    if index is None or percent is None:
        return None
    low, high = METRICS[index].span
    return StartingValues((high - low) * percent / 100.0, percent, _ON_DELAY_S[metric])
