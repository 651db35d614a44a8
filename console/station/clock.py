"""Where time comes from. Everything in the station asks a Clock, so that tests can turn the hands."""

import time
from typing import Protocol


class Clock(Protocol):
    """Two clocks: one that only ever runs forwards, one that people read. Any thread may ask."""

    def monotonic(self) -> float:
        """Return seconds since some fixed moment; never runs backwards. For periods and time-outs."""
        ...

    def unix(self) -> float:
        """Return Unix seconds, UTC, by this computer's clock; may jump when somebody sets it."""
        ...


class SystemClock:
    """The computer's own clocks."""

    def monotonic(self) -> float:
        """Return `time.monotonic()`, the clock that asyncio's event loops use as well."""
        return time.monotonic()

    def unix(self) -> float:
        """Return `time.time()`."""
        return time.time()
