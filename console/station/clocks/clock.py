"""Where time comes from. Everything in the station asks a Clock, so that tests can turn the hands."""

import sys
import time
from collections.abc import Callable
from typing import Protocol


class Clock(Protocol):
    """Two clocks: one that only ever runs forwards, one that people read. Any thread may ask."""

    def monotonic(self) -> float:
        """Return seconds since some fixed moment; never runs backwards. For periods and time-outs."""
        ...

    def unix(self) -> float:
        """Return Unix seconds, UTC. The station's is the site's (`SiteClock`); others may jump when set."""
        ...


class SystemClock:
    """The computer's own clocks."""

    def monotonic(self) -> float:
        """Return `time.monotonic()`, the clock that asyncio's event loops use as well."""
        return time.monotonic()

    def unix(self) -> float:
        """Return `time.time()`."""
        return time.time()


def running_clock() -> Callable[[], float]:
    """Return a clock that nobody can set and that counts the time a computer sleeps, in seconds.

    Linux' CLOCK_BOOTTIME; elsewhere `time.monotonic`, which sleeps along on macOS and does not on Windows.
    """
    if sys.platform == "linux":
        return lambda: time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic
