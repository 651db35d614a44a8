"""How far a device's own clock is from ours, from the times that it sends with its values.

A value keeps the time of its last change, which may be hours ago: only a time that is new since the read
before says what the device's clock shows now. What comes first after a silence says nothing, for it may have
changed at any moment of that.
"""

from collections.abc import Sequence

from console.station.clocks.receive_times import ReceiveTimes
from drivers.values import RawValue


class SourceClock:
    """Watches the source times of one device's values. Belongs to one line.

    Attributes:
        is_mute: It answered, and sent no time of its own (as over Modbus).
    """

    __slots__ = ("_before", "_jumps", "is_mute")

    def __init__(self) -> None:
        """Know nothing yet."""
        self._before: list[float | None] = []
        self._jumps = 0
        self.is_mute = False

    def ahead_s(self, values: Sequence[RawValue], times: ReceiveTimes) -> float | None:
        """Return by how many seconds the device's clock is ahead of the site's; None where nothing is new.

        Too low by up to a period: we may look that late at a value that came in between.
        """
        before, self._before = self._before, [raw.source_unix for raw in values]
        if times.jumps != self._jumps:
            # What came before the computer's clock was set is dated by another clock than what comes now.
            self._jumps, before = times.jumps, []
        self.is_mute = bool(values) and all(raw.source_unix is None for raw in values)
        if len(before) != len(values):
            return None
        told = [
            raw.source_unix - raw.received_unix + times.wall_ahead_s
            for raw, last in zip(values, before, strict=True)
            if raw.source_unix is not None and last is not None and raw.source_unix != last
        ]
        return max(told, default=None)

    def forget(self) -> None:
        """The device was silent: what it sends next may be old."""
        self._before = []
