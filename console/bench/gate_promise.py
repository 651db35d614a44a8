"""What the statistics of the health gate promise: exactly, by adding up everything that can happen."""

import math

from console.station.rollouts.rate_test import Exposure, p_value, rate_ratio
from models.records.rollout import GateRules

_TAIL = 8.0
"""Standard deviations beyond which a count is left out: less than one in 10^14 of all."""


def promised(updated: int, control: int, mean: float, rise: float, rules: GateRules) -> float:
    """Return how likely one look finds too many alerts.

    Args:
        updated, control: Devices with the new firmware and without, all watched for the same time.
        mean: Episodes of a device in that time.
        rise: So many times as many come with the new firmware.
        rules: Below which p, and from which ratio on, it counts.
    """
    with_it, without = updated * mean * rise, control * mean
    more = [_poisson(with_it, count) for count in range(_most(with_it))]
    share, least = 0.0, 0
    for others in range(_most(without)):
        # The more episodes the others have, the more it takes.
        while least < len(more) and not _is_found(Exposure(least, updated), Exposure(others, control), rules):
            least += 1
        share += _poisson(without, others) * math.fsum(more[least:])
    return share


def by_chance(runs: int, share: float) -> tuple[float, float]:
    """Return between which shares 99.9 % of all measurements lie that are what is promised (binomial)."""
    low, high, below = 0, runs, 0.0
    for count in range(runs + 1):
        likely = _binomial(runs, share, count)
        if below + likely < 0.0005:
            low = count + 1
        if below < 0.9995:
            high = count
        below += likely
    return low / runs, high / runs


def _is_found(updated: Exposure, control: Exposure, rules: GateRules) -> bool:
    return p_value(updated, control) < rules.p_value and rate_ratio(updated, control) >= rules.ratio


def _most(mean: float) -> int:
    return int(mean + _TAIL * math.sqrt(mean) + 12)


def _poisson(mean: float, count: int) -> float:
    return math.exp(count * math.log(mean) - mean - math.lgamma(count + 1))


def _binomial(runs: int, share: float, count: int) -> float:
    if share in (0.0, 1.0):
        return float(count == runs * share)
    ways = math.lgamma(runs + 1) - math.lgamma(count + 1) - math.lgamma(runs - count + 1)
    return math.exp(ways + count * math.log(share) + (runs - count) * math.log1p(-share))
