"""Ranges and ticks of a value axis on round numbers, and a range that does not fidget. Pure."""

import math
from dataclasses import dataclass

_LEAST_USE = 0.35


@dataclass(frozen=True, slots=True)
class ValueScale:
    """What a value axis shows.

    Attributes:
        low, high: Its ends, in the axis' unit, low < high.
        step: Between two ticks.
        decimals: Digits after the point that its labels need.
    """

    low: float
    high: float
    step: float
    decimals: int

    def ticks(self) -> list[float]:
        """Return the ticks, ascending, both ends included where they are ticks."""
        first = math.ceil(self.low / self.step - 1e-9)
        last = math.floor(self.high / self.step + 1e-9)
        return [count * self.step for count in range(first, last + 1)]


def scale_for(
    low: float, high: float, most_ticks: int, air: float = 0.06, floor: float = -math.inf
) -> ValueScale:
    """Return the tightest scale on round numbers that holds [low, high] with some air.

    Args:
        low: Lowest value to show; swapped with `high` where needed.
        high: Highest.
        most_ticks: How many labels fit, at least 2.
        air: Kept free above and below, as a share of the range.
        floor: No air below this: a speed of −200 rpm cannot be. Values below it are shown all the same.
    """
    low, high = min(low, high), max(low, high)
    floor = min(floor, low)
    # Below a millionth of the value's size a difference is rounding, and ticks could not be told apart.
    least = max(abs(low), abs(high), 1e-6) * 1e-6
    if high - low < least:
        middle = (low + high) / 2
        half = max(least, 0.05 * 10.0 ** _exponent(abs(middle) or 1.0))
        low, high = middle - half, middle + half
    margin = (high - low) * air
    low, high = max(floor, low - margin), high + margin
    step = _round_step((high - low) / max(1, most_ticks - 1))
    return ValueScale(
        math.floor(low / step + 1e-9) * step,
        math.ceil(high / step - 1e-9) * step,
        step,
        max(0, -_exponent(step)),
    )


def steadied(
    current: ValueScale | None, low: float, high: float, most_ticks: int, floor: float = -math.inf
) -> ValueScale:
    """Return `current` while it still fits, another scale when values leave it or use too little of it.

    An axis that follows every sample makes a steady value look restless.
    """
    if current is not None:
        is_inside = current.low <= low and high <= current.high
        is_used = high - low >= (current.high - current.low) * _LEAST_USE
        if is_inside and is_used:
            return current
    fresh = scale_for(low, high, most_ticks, floor=floor)
    if current is not None and current.low <= low and high <= current.high:
        is_tighter = fresh.high - fresh.low < (current.high - current.low) * 0.75
        return fresh if is_tighter else current
    return fresh


def _round_step(least: float) -> float:
    """Return 1, 2, 5 or 10 × a power of ten, at least `least`."""
    power = 10.0 ** _exponent(least)
    for factor in (1.0, 2.0, 5.0):
        if factor * power >= least * (1 - 1e-9):
            return factor * power
    return 10.0 * power


def _exponent(value: float) -> int:
    return math.floor(math.log10(value) + 1e-9)
