"""A switch that cuts a program off from its database for a while: how it behaves without is worth a drill."""

import threading
import time
from collections.abc import Callable
from datetime import datetime


class CutOffSwitch:
    """Open (connected) or cut, for a number of seconds. Any thread may call."""

    def __init__(
        self,
        monotonic: Callable[[], float] = time.monotonic,
        clock: Callable[[], datetime] = lambda: datetime.now().astimezone(),
    ) -> None:
        """Begin connected.

        Args:
            monotonic: Seconds that only grow: they decide when the drill ends.
            clock: The time of day here: only the sentence names it.
        """
        self._monotonic = monotonic
        self._clock = clock
        self._lock = threading.Lock()
        self._until_s = 0.0
        self._reason = ""

    def cut(self, seconds: float) -> None:
        """Cut for so many seconds from now; a drill that runs already ends when this one does."""
        end = datetime.fromtimestamp(self._clock().timestamp() + seconds, self._clock().tzinfo)
        with self._lock:
            self._until_s = self._monotonic() + seconds
            self._reason = f"cut off for a drill until {end:%H:%M:%S}"

    def restore(self) -> None:
        """Connect again. Safe twice."""
        with self._lock:
            self._reason = ""

    def why_not(self) -> str:
        """Return "cut off for a drill until hh:mm:ss" while it is, else nothing."""
        # Asked with every statement: a look at the text needs no lock.
        if not self._reason:
            return ""
        with self._lock:
            if self._monotonic() >= self._until_s:
                self._reason = ""
            return self._reason
