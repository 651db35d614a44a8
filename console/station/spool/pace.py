"""How fast the backlog goes to the database, and in how large pieces: live readings come first."""

_BURST_S = 0.5
_SLOW_S = 0.3
_QUICK_S = 0.15
_TRUSTED = 8
"""So many pieces must have gone well before a larger one is tried: it would fail again at once."""


class Stride:
    """How many readings are written at once: half after trouble, double after ease."""

    def __init__(self, smallest: int, largest: int) -> None:
        """Begin with the largest."""
        self._smallest = min(smallest, largest)
        self._largest = largest
        self.size = largest
        self._gone_well = 0

    def note_success(self, took_s: float) -> None:
        """Grow where the database was quick, shrink where live readings had to wait for it."""
        if took_s > _SLOW_S:
            self._set(self.size // 2)
            return
        self._gone_well += 1
        if took_s < _QUICK_S and self._gone_well >= _TRUSTED:
            self._set(self.size * 2)

    def note_failure(self) -> None:
        """Shrink: perhaps the database would have managed half of it in the time it is given."""
        self._set(self.size // 2)

    def _set(self, size: int) -> None:
        self._gone_well = 0
        self.size = max(self._smallest, min(self._largest, size))


class Pace:
    """Grants so many readings a second; what was not used is granted for half a second longer."""

    def __init__(self, per_s: float, now_s: float) -> None:
        """Begin with nothing saved up."""
        self._per_s = per_s
        self._granted = 0.0
        self._at_s = now_s

    def wait_s(self, now_s: float) -> float:
        """Return for how many seconds nothing more may be written; 0 = go on."""
        self._granted = min(self._per_s * _BURST_S, self._granted + (now_s - self._at_s) * self._per_s)
        self._at_s = now_s
        return max(0.0, -self._granted / self._per_s)

    def spend(self, readings: int) -> None:
        """Note what was written; a piece may be larger than what is granted, and is then waited for after."""
        self._granted -= readings
