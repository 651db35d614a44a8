"""At which tick of its period each device is polled: spread evenly, so that no tick carries a burst. Pure.

Waking up costs a station more than a poll does: after a pause nothing of what it needs is in the processor's
caches any more. So where a period is long, not every tick carries polls, and those that do carry several.
"""

_MOST_POSITIONS = 512
_STRIDE = 3
"""From one tick that carries polls to the next. With ticks of 20 ms and 1,000 devices a second, 60 polls
leave together, the last of them some milliseconds after the first."""
_LEAST_BUNCHES = 10
"""A shorter period is not cut into fewer: its devices would all be asked at once."""


class PhaseSpread:
    """Hands out phases of one period, the least used first and far from one another.

    With 1,000 devices on 50 ticks every third tick gets 62 or 63; 2 devices are half a period apart.
    """

    def __init__(self, period_ticks: int) -> None:
        """Prepare for a period of that many ticks, at least 1."""
        bunches = period_ticks // _STRIDE
        positions = min(bunches if bunches >= _LEAST_BUNCHES else period_ticks, _MOST_POSITIONS)
        # The van der Corput sequence: 0, 1/2, 1/4, 3/4, … keeps any first n of them evenly spread.
        order = dict.fromkeys(
            _bits_reversed(number) * positions // _MOST_POSITIONS for number in range(_MOST_POSITIONS)
        )
        self._phases = [position * period_ticks // positions for position in order]
        self._loads = [0] * positions

    def take(self) -> int:
        """Return a phase, 0 to period_ticks − 1, and count it as used."""
        index = self._loads.index(min(self._loads))
        self._loads[index] += 1
        return self._phases[index]

    def give_back(self, phase: int) -> None:
        """Count one use less of a phase that `take` returned."""
        self._loads[self._phases.index(phase)] -= 1


def _bits_reversed(number: int) -> int:
    """Reverse the lowest 9 bits, enough for `_MOST_POSITIONS`."""
    return int(f"{number:09b}"[::-1], 2)
