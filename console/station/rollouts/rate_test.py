"""Whether two rates of rare events differ: the exact conditional binomial test. Pure.

Given all episodes, those that fell on the updated devices are binomial with the share of the device-hours
that they had, if both rates are the same (Przyborowski and Wilenski 1940). Written here because the test is
ten lines, and the libraries that have it weigh more than the rest of the station.
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Exposure:
    """How many alert episodes began in how many device-hours."""

    episodes: int
    hours: float


def p_value(updated: Exposure, control: Exposure) -> float:
    """Return how likely so many episodes or more are on the updated devices if nothing differs.

    One-sided: fewer alerts than before are no reason to stop. 1 where nobody was watched.
    """
    total = updated.episodes + control.episodes
    hours = updated.hours + control.hours
    if not updated.episodes or hours <= 0.0:
        return 1.0
    share, rest = updated.hours / hours, control.hours / hours
    if share <= 0.0 or rest <= 0.0:
        return 1.0
    log_in, log_out = math.log(share), math.log(rest)
    ways = math.lgamma(total + 1)
    return min(
        1.0,
        math.fsum(
            math.exp(
                ways - math.lgamma(k + 1) - math.lgamma(total - k + 1) + k * log_in + (total - k) * log_out
            )
            for k in range(updated.episodes, total + 1)
        ),
    )


def rate_ratio(updated: Exposure, control: Exposure) -> float:
    """Return how many times as often episodes came: infinity where none came to the others, 1 where none at
    all."""
    if not updated.episodes or updated.hours <= 0.0:
        return 1.0 if not control.episodes else 0.0
    if not control.episodes or control.hours <= 0.0:
        return math.inf
    return (updated.episodes / updated.hours) / (control.episodes / control.hours)
