"""What goes wrong with a machine itself, and since when: the state that `signals` is asked with.

Everything here is seconds of plant time (since the signals began), so that a machine's past is as exact as
its present: no value depends on how often anybody looked.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

TRIP_AFTER_S = 75.0
"""A seizing machine's protection stops it this long after the bearing began to fail."""

Array = npt.NDArray[np.float64]


class Upset(IntEnum):
    """One thing a machine can suffer from; at most one at a time."""

    NONE = 0
    OVERHEAT = 1
    SEIZE = 2
    WORN = 3
    LEAK = 4
    STOPPED = 5
    DAMP = 6


@dataclass(slots=True)
class UpsetBoard:
    """The upset of every machine. Changed by whoever runs the plant, read by `Signals.sample`.

    Attributes:
        kind: int8, shape (machines,): `Upset`.
        since_s: float64, shape (machines,): plant time at which it began.
        restarted_s: float64, shape (machines,): plant time of the last start after a stop; NaN = none.
        warmth_at_restart: float64, shape (machines,): how warm it still was then, 0 cold … 1 settled.
    """

    kind: npt.NDArray[np.int8]
    since_s: Array
    restarted_s: Array
    warmth_at_restart: Array

    @classmethod
    def healthy(cls, machines: int) -> "UpsetBoard":
        """Return a plant in which nothing is wrong."""
        return cls(
            kind=np.zeros(machines, np.int8),
            since_s=np.zeros(machines),
            restarted_s=np.full(machines, np.nan),
            warmth_at_restart=np.zeros(machines),
        )

    def begin(self, row: int, upset: Upset, at_s: float) -> None:
        """Let a machine suffer from `upset` from `at_s` on."""
        self.kind[row] = upset
        self.since_s[row] = at_s

    def end(self, row: int, at_s: float, warm_up_s: float) -> None:
        """Repair a machine at `at_s`. Where it had stopped, it starts again from the warmth it has left."""
        stopped_s = self._stopped_for(row, at_s)
        if stopped_s > 0.0:
            self.restarted_s[row] = at_s
            self.warmth_at_restart[row] = float(np.exp(-stopped_s / warm_up_s))
        self.kind[row] = Upset.NONE

    def _stopped_for(self, row: int, at_s: float) -> float:
        """Return for how long the upset has held the machine still, in seconds; 0 where it runs."""
        lasted_s = at_s - float(self.since_s[row])
        if self.kind[row] == Upset.STOPPED:
            return lasted_s
        if self.kind[row] == Upset.SEIZE:
            return lasted_s - TRIP_AFTER_S
        return 0.0
