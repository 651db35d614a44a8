"""When replies came, by the site's clock: drivers date them by the computer's, which somebody may set."""

from dataclasses import dataclass

from console.station.clocks.site_clock import SiteClock

_JUMP_S = 0.05
_TOLERATED_PERIODS = 2.0


@dataclass(frozen=True, slots=True)
class ReceiveTimes:
    """What is needed to date the replies of one carry.

    Attributes:
        now_unix: Unix seconds, by the site's clock.
        since_unix: When the carry before began, by the site's clock.
        wall_ahead_s: The computer's clock minus the site's.
        jumps: How often the computer's clock has jumped so far. Who saw fewer of them when a device last
            answered cannot tell by which setting of the clock its values are dated.
    """

    now_unix: float
    since_unix: float = 0.0
    wall_ahead_s: float = 0.0
    jumps: int = 0

    def site_unix(self, received_unix: float, period_s: float) -> float:
        """Return when a reply came, by the site's clock; now, where its own time cannot be true.

        Args:
            received_unix: By the computer's clock.
            period_s: Of the device; a reply is carried on within two.
        """
        received = received_unix - self.wall_ahead_s
        if self.since_unix - _TOLERATED_PERIODS * period_s <= received <= self.now_unix:
            return received
        return self.now_unix


class ReceiveWatch:
    """Compares the computer's clock with the site's at every carry. Used on the event loop only."""

    def __init__(self, clock: SiteClock) -> None:
        """Begin to watch."""
        self._clock = clock
        self._before = clock.wall() - clock.monotonic()
        self._since_unix = clock.unix()
        self._jumps = 0

    def look(self) -> ReceiveTimes:
        """Return what dates the replies that are carried on now."""
        now_unix = self._clock.unix()
        wall_unix = self._clock.wall()
        # Against the running clock, not the site's: that one may be slewing towards the database's.
        offset_s = wall_unix - self._clock.monotonic()
        if abs(offset_s - self._before) > _JUMP_S:
            self._jumps += 1
        self._before = offset_s
        since_unix, self._since_unix = self._since_unix, now_unix
        return ReceiveTimes(now_unix, min(since_unix, now_unix), wall_unix - now_unix, self._jumps)
