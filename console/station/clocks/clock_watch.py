"""Watches how far this computer's own clock is from the site's, and says so where it is too far."""

import logging
from collections.abc import Sequence

from console.station.clocks.site_clock import SiteClock
from models.records.station import Condition, ConditionKind
from models.records.threshold import Severity

_log = logging.getLogger(__name__)

_TOO_FAR_S = 1.0
_NEAR_S = 0.5
"""Once too far, it must come so near: a clock at the limit must not sound the horn every second."""


class ClockWatch:
    """Asked about once a second. Used on the event loop only."""

    def __init__(self, clock: SiteClock) -> None:
        """Begin to watch."""
        self._clock = clock
        self._ahead_s: float | None = None
        self._since_unix: float | None = None

    @property
    def ahead_s(self) -> float | None:
        """This computer's clock minus the database's, in seconds; None before the database told its time."""
        return self._ahead_s

    def look(self) -> None:
        """Compare the two clocks."""
        if not self._clock.is_known:
            return
        ahead_s = self._ahead_s = self._clock.wall_ahead_s()
        if self._since_unix is None and abs(ahead_s) > _TOO_FAR_S:
            self._since_unix = self._clock.unix()
            _log.warning("%s", _sentence(ahead_s))
        elif self._since_unix is not None and abs(ahead_s) < _NEAR_S:
            self._since_unix = None
            _log.info("This computer's clock agrees with the database's again")

    def conditions(self) -> Sequence[Condition]:
        """Return what is wrong: that the clock is too far off."""
        if self._since_unix is None or self._ahead_s is None:
            return ()
        sentence = _sentence(self._ahead_s)
        return (Condition(ConditionKind.CLOCK_OFFSET, Severity.WARNING, self._since_unix, sentence),)


def _sentence(ahead_s: float) -> str:
    way = "ahead of" if ahead_s > 0 else "behind"
    return (
        f"This computer's clock is {abs(ahead_s):,.1f} s {way} the database's. Readings are dated by the "
        "database's and stay right; switch on the time service of this computer, or correct the database's."
    )
